/**
 * Reads a small YAML file (provider.yaml, overlay.yaml) so that a message can point at line and column of any value in
 * it. Documents of providers are not read here: `load/` does that.
 */

import { LineCounter, isMap, isNode, isPair, isScalar, isSeq, parseDocument, visit, type Document } from 'yaml';
import { toPointer } from '../load/json-pointer.js';
import { roundedInYaml } from '../load/rounded-numbers.js';
import { keyText, syntaxFault, withLineFeeds } from '../load/yaml-text.js';
import { SpecError, type Place } from '../report/findings.js';

export type ValuePath = readonly (string | number)[];

export interface YamlSource {
  readonly value: unknown;
  /** The place of the value at `path`; of its key where `key` is asked for; of the nearest parent where it is absent. */
  readonly locate: (path: ValuePath, part?: 'key' | 'value') => Place;
  /** Numbers that are not read as they are written. */
  readonly rounded: () => readonly { readonly digits: string; readonly place: Place }[];
}

/** Throws a SpecError at the first place where the text is no YAML. JSON is YAML too. */
export function readYaml(file: string, given: string): YamlSource {
  const text = withLineFeeds(given);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    uniqueKeys: (left, right) => keyText(left) === keyText(right),
    resolveKnownTags: false,
    prettyErrors: false,
  });
  const placeAt = (offset: number, pointer: string): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, pointer, line, column: col };
  };
  // A tag that nobody here knows is only a warning of the library, and its value would be taken for text.
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    const { message, remedy } = syntaxFault(error);
    throw new SpecError(placeAt(error.pos[0], ''), 'yaml-syntax', `not readable as YAML: ${message}`, remedy);
  }
  if (text.includes('\ufffd')) {
    throw new SpecError(placeAt(text.indexOf('\ufffd'), ''), 'not-utf8', 'not UTF-8 text', 'save the file as UTF-8');
  }
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) || !isNode(key)) return;
      throw new SpecError(placeAt(key.range?.[0] ?? 0, ''), 'yaml-key', 'a key is no single value', 'write a text');
    },
    Alias: (_, alias, within) => {
      const target = alias.resolve(document);
      // What holds itself has no end, and no message could show it.
      if (target !== undefined && !within.includes(target)) return;
      const fault = target === undefined ? `nothing is called &${alias.source}` : `&${alias.source} holds itself`;
      throw new SpecError(placeAt(alias.range?.[0] ?? 0, ''), 'yaml-aliases', fault, 'write the value out');
    },
  });
  const locate: YamlSource['locate'] = (path, part = 'value') =>
    placeAt(offsetOf(document, path, part), toPointer(path));
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    // The library's answer to aliases that multiply is a ReferenceError.
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new SpecError(placeAt(0, ''), 'yaml-aliases', 'its aliases multiply without end', 'write the values out');
  }
  const rounded: YamlSource['rounded'] = () =>
    roundedInYaml(document).map(({ pointer, digits, offset }) => ({ digits, place: placeAt(offset, pointer) }));
  return { value, locate, rounded };
}

/** Where the text has what `YamlSource.locate` is asked for. */
function offsetOf(document: Document, path: ValuePath, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [depth, segment] of path.entries()) {
    let next: unknown;
    let key: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && keyText(item.key) === String(segment));
      next = pair?.value;
      key = pair?.key;
    } else if (isSeq(node)) {
      next = node.items[Number(segment)];
    }
    const wanted = part === 'key' && depth === path.length - 1 && isNode(key) ? key : isNode(next) ? next : key;
    if (!isNode(wanted)) break;
    offset = wanted.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}
