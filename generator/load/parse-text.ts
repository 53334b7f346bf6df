/**
 * Text of a document → its value, and a way to find lines in it. JSON and YAML 1.2, told apart by content, not by the
 * file's name. Bounded against anchors that multiply. Duplicate keys are refused in YAML, which forbids them (YAML 1.2.2
 * section 3.2.1.1); of those in JSON the last one counts, as for all who read it, and the caller is told.
 */

import { isCollection, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { SpecError, type Place } from '../report/findings.js';
import { duplicateKeys } from './duplicate-keys.js';
import { locateJson } from './locate-json.js';
import { locateYaml } from './locate-yaml.js';
import { roundedInJson, roundedInYaml, type RoundedNumber } from './rounded-numbers.js';
import { keyText, syntaxFault, withLineFeeds } from './yaml-text.js';

/** What one alias may multiply to; the largest documents in the wild that use anchors stay below a hundred. */
const MAX_ALIASES = 10_000;

export interface ParsedText {
  readonly value: unknown;
  /** Line and column, from 1, of a JSON pointer or of its nearest ancestor in the text. */
  readonly position: (pointer: string) => TextPosition;
  /**
   * Keys of JSON that occur twice in one object; YAML that has any was refused.
   * @param members how many members the value's objects have in all
   */
  readonly duplicates: (members: number) => readonly DuplicateMember[];
  /** Numbers that are not read as they are written. */
  readonly rounded: () => readonly RoundedMember[];
}

export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

export interface DuplicateMember {
  readonly pointer: string;
  readonly key: string;
  readonly first: TextPosition;
  readonly again: TextPosition;
}

interface RoundedMember {
  readonly pointer: string;
  readonly digits: string;
  readonly at: TextPosition;
}

/**
 * @param file path below `specs/`, for messages
 * @throws SpecError with line and column for text that is neither JSON nor YAML
 */
export function parseText(text: string, file: string): ParsedText {
  return /^\s*[{[]/.test(text) ? (parseJson(text) ?? parseYaml(text, file)) : parseYaml(text, file);
}

/** `undefined` where it is no JSON: YAML's flow style looks like JSON, and its parser says where the fault is. */
function parseJson(text: string): ParsedText | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // JSON.parse throws for nothing but a syntax error.
  }
  let locate: ((pointer: string) => number) | undefined;
  let lines: LineCounter | undefined;
  const positionOf = (offset: number): TextPosition =>
    linePosition((lines ??= countLines(withLineFeeds(text))), offset);
  return {
    value,
    position: (pointer) => positionOf((locate ??= locateJson(text))(pointer)),
    duplicates: (members) =>
      duplicateKeys(text, members).map(({ pointer, key, first, again }) => {
        return { pointer, key, first: positionOf(first), again: positionOf(again) };
      }),
    rounded: () => placed(roundedInJson(text), positionOf),
  };
}

function parseYaml(given: string, file: string): ParsedText {
  const text = withLineFeeds(given);
  const lines = new LineCounter();
  let document: Document;
  let value: unknown;
  try {
    // The library's own check for duplicate keys is quadratic: 20,000 paths would take seconds. See below.
    document = parseDocument(text, { lineCounter: lines, merge: true, uniqueKeys: false, prettyErrors: false });
    const error = document.errors[0];
    if (error !== undefined) {
      const { message, remedy } = syntaxFault(error);
      throw unreadable(file, lines, error.pos[0], 'invalid-yaml', message, remedy);
    }
    refuseMisread(document, file, lines);
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof SpecError) throw error;
    // What else the library throws are aliases that multiply or that lead nowhere, and a stack that is used up.
    const message = error instanceof RangeError ? 'nested too deeply to be read' : (error as Error).message;
    throw new SpecError({ file, pointer: '' }, 'invalid-yaml', message.toLowerCase(), 'write the document out in full');
  }
  const locate = locateYaml(document);
  return {
    value,
    position: (pointer) => linePosition(lines, locate(pointer)),
    duplicates: () => [],
    rounded: () => placed(roundedInYaml(document), (offset) => linePosition(lines, offset)),
  };
}

function placed(
  numbers: readonly RoundedNumber[],
  positionOf: (offset: number) => TextPosition,
): readonly RoundedMember[] {
  return numbers.map(({ pointer, digits, offset }) => ({ pointer, digits, at: positionOf(offset) }));
}

function refuseMisread(document: Document, file: string, lines: LineCounter): void {
  visit(document, {
    Scalar(_, scalar, within) {
      // JSON with comments has the form of YAML, in which a comment is a part of the text that follows it.
      if (scalar.type !== 'PLAIN' || !COMMENTED_TEXT.test(String(scalar.source))) return;
      if (!within.some((node) => isCollection(node) && node.flow === true)) return;
      const remedy = 'remove the comment, or begin it with #';
      throw unreadable(file, lines, scalar.range?.[0] ?? 0, 'invalid-yaml', COMMENTED, remedy);
    },
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const at = key.range?.[0] ?? 0;
        const name = keyText(key);
        if (seen.has(name) && name !== '<<') {
          const message = `the key ${JSON.stringify(name)} occurs twice in one object`;
          throw unreadable(file, lines, at, 'duplicate-key', message, 'keep one of them');
        }
        seen.add(name);
      }
    },
  });
}

/** A text without quotes that begins like a comment and runs on to one that has them. */
const COMMENTED_TEXT = /^\/[/*].*"/s;
const COMMENTED = 'JSON has no comments, and in YAML they do not begin with a slash';

function unreadable(
  file: string,
  lines: LineCounter,
  offset: number,
  rule: string,
  message: string,
  remedy: string,
): SpecError {
  const place: Place = { file, pointer: '', ...linePosition(lines, offset) };
  return new SpecError(place, rule, message, remedy);
}

function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}

function linePosition(lines: LineCounter, offset: number): TextPosition {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
