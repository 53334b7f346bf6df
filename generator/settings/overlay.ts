/**
 * OpenAPI Overlay 1.0 and 1.1: actions that change a provider's document before anything else reads it, so that the
 * document itself can stay as the vendor publishes it.
 *
 * The two versions are applied alike: what 1.1 adds (texts and numbers as targets, arrays that are joined) is what
 * overlays of 1.0 are written for in practice; `copy` alone wants 1.1. The document that comes in is never changed: what
 * an action touches is copied first, which also keeps apart what YAML aliases share. Keys are only ever own properties,
 * whatever they are called.
 */

import { exec, type JsonValue } from 'jsonpath-rfc9535';
import { toPointer } from '../load/json-pointer.js';
import { roundedWarnings } from '../load/rounded-numbers.js';
import { setOwn } from '../normalize/json-value.js';
import { SpecError, type Findings } from '../report/findings.js';
import { overlayFaults } from './check-settings.js';
import { readYaml, type ValuePath, type YamlSource } from './yaml-source.js';

interface Action {
  readonly target: string;
  readonly update?: unknown;
  readonly copy?: string;
  readonly remove?: boolean;
}

type Container = Record<string, unknown> | unknown[];

/**
 * Reads an overlay file and returns the change that it makes, to be handed to `loadDocument` as its `transform`. Faults
 * of the file are appended to `findings.refused` and answered with undefined. An action whose target matches nothing is
 * a warning; the change itself throws a SpecError where an action cannot be applied.
 */
export function readOverlay(
  file: string,
  text: string,
  provider: string,
  findings: Findings,
): ((document: object) => object) | undefined {
  const source = readYaml(file, text);
  const faults = overlayFaults(source.value, { name: file.slice(file.lastIndexOf('/') + 1), locate: source.locate });
  for (const { place, ...fault } of faults) findings.refused.push({ ...place, provider, ...fault });
  if (faults.length > 0) return undefined;
  const { actions } = source.value as { readonly actions: readonly Action[] };
  const warn = (path: ValuePath, rule: string, message: string, remedy: string): void => {
    findings.warnings.push({ ...source.locate(path), provider, rule, message, remedy });
  };
  findings.warnings.push(...roundedWarnings(provider, source.rounded()));
  for (const [index, { update, copy, remove }] of actions.entries()) {
    if (update !== undefined || copy !== undefined || remove === true) continue;
    warn(['actions', index], 'overlay-action-idle', 'the action changes nothing', 'add update or remove, or delete it');
  }
  return (document) => {
    const copied = new WeakSet<object>();
    let root: unknown = document;
    for (const [index, action] of actions.entries()) {
      const at = ['actions', index, 'target'];
      const targets = selected(root, action.target, source, at);
      if (targets.length === 0) {
        const message = `the target ${JSON.stringify(action.target)} matches nothing`;
        warn(at, 'overlay-target-unmatched', message, 'correct the JSONPath, or delete the action');
      }
      root = applied(root, action, targets, index, copied, source);
    }
    return root as object;
  };
}

/** Overlay 1.1.0, section "Action Object": `remove` makes the other two ineffective. */
function applied(
  root: unknown,
  action: Action,
  targets: readonly ValuePath[],
  index: number,
  copied: WeakSet<object>,
  source: YamlSource,
): unknown {
  const at = ['actions', index, 'target'];
  if (action.remove === true) {
    if (targets[0]?.length === 0) {
      throw new SpecError(
        source.locate(at),
        'overlay-removes-document',
        'an action removes the whole document',
        'name a part of it as the target',
      );
    }
    // Backwards, so that what is removed from an array does not move what is still to be removed.
    return targets.reduceRight((tree, path) => removed(tree, path, copied), root);
  }
  if (action.update === undefined && action.copy === undefined) return root;
  const kinds = new Set(targets.map((path) => kindOf(valueAt(root, path))));
  if (kinds.size > 1) {
    throw new SpecError(
      source.locate(at),
      'overlay-targets-mixed',
      `the target ${JSON.stringify(action.target)} matches ${[...kinds].sort().join(' and ')} alike`,
      'write an action for each kind',
    );
  }
  const key = action.copy === undefined ? 'update' : 'copy';
  const value = action.copy === undefined ? action.update : copiedValue(root, action.copy, index, source);
  return targets.reduce<unknown>(
    (tree, path) =>
      changed(tree, path, copied, (target) => {
        // To an array as the target one value is appended too; within an update the kinds must be the same.
        if (Array.isArray(target) && !Array.isArray(value)) return [...(target as unknown[]), structuredClone(value)];
        return merged(target, value, copied, (inner, given, into) => {
          const place = source.locate(['actions', index, key, ...(key === 'update' ? inner : [])]);
          const where = toPointer([...path, ...inner]);
          throw new SpecError(
            place,
            'overlay-update-type',
            `the ${key} puts ${given} in the place of ${into} at ${where === '' ? 'the root' : where}`,
            'give a value of the same kind, or remove the old one in an action before this',
          );
        });
      }),
    root,
  );
}

/** The one node that `copy` selects. */
function copiedValue(root: unknown, copy: string, index: number, source: YamlSource): unknown {
  const at = ['actions', index, 'copy'];
  const paths = selected(root, copy, source, at);
  const [path] = paths;
  if (path === undefined || paths.length > 1) {
    throw new SpecError(
      source.locate(at),
      'overlay-copy-source',
      `copy ${JSON.stringify(copy)} matches ${paths.length === 0 ? 'nothing' : `${String(paths.length)} values`}`,
      'write a JSONPath that matches one value',
    );
  }
  return valueAt(root, path);
}

/** The paths of all nodes that the JSONPath selects, each once, an array's items in their order. */
function selected(root: unknown, query: string, source: YamlSource, at: ValuePath): ValuePath[] {
  const paths = new Map<string, ValuePath>();
  try {
    exec(root as JsonValue, query, (_value, path) => {
      const plain = path.map((segment) => (typeof segment === 'string' ? unescapedKey(segment) : segment));
      paths.set(JSON.stringify(plain), plain);
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new SpecError(
      source.locate(at),
      'overlay-target-syntax',
      `${JSON.stringify(query)} is not JSONPath: ${error.message}`,
      'write an RFC 9535 expression, such as $.paths["/pets"].get',
    );
  }
  return [...paths.values()].sort(byDocumentOrder);
}

/** A total order: a parent before what is in it, array positions ascending, keys by their code units. */
function byDocumentOrder(left: ValuePath, right: ValuePath): number {
  for (let depth = 0; depth < Math.min(left.length, right.length); depth++) {
    const [a, b] = [left[depth], right[depth]];
    if (a === b) continue;
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a) < String(b) ? -1 : 1;
  }
  return left.length - right.length;
}

/** The library hands out keys in the escaped form of RFC 9535, section 2.7. */
function unescapedKey(key: string): string {
  const controls: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
  return key.replace(/\\(?:u([0-9a-f]{4})|(.))/g, (_, code: string | undefined, other: string) =>
    code === undefined ? (controls[other] ?? other) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** The tree with `change` applied to the node at `path`; the way to it is copied once an overlay. */
function changed(
  node: unknown,
  path: ValuePath,
  copied: WeakSet<object>,
  change: (target: unknown) => unknown,
): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return change(node);
  if (!isContainer(node) || !Object.hasOwn(node, segment)) return node;
  const own = writable(node, copied) as Record<string, unknown>;
  setOwn(own, String(segment), changed(own[segment], rest, copied, change));
  return own;
}

function removed(root: unknown, path: ValuePath, copied: WeakSet<object>): unknown {
  const last = path.at(-1);
  return changed(root, path.slice(0, -1), copied, (parent) => {
    if (last === undefined || !isContainer(parent) || !Object.hasOwn(parent, last)) return parent;
    const own = writable(parent, copied);
    if (Array.isArray(own)) own.splice(Number(last), 1);
    else delete own[last];
    return own;
  });
}

type OnMismatch = (path: ValuePath, given: string, into: string) => never;

/**
 * Merges recursively: objects key by key, arrays by joining, and a text, number, truth value or null in the place of
 * another. What is null in the target says nothing and gives way to anything.
 */
function merged(target: unknown, update: unknown, copied: WeakSet<object>, mismatch: OnMismatch): unknown {
  if (target === null) return structuredClone(update);
  const [given, into] = [kindOf(update), kindOf(target)];
  if (given !== into) return mismatch([], given, into);
  if (Array.isArray(target)) return [...(target as unknown[]), ...structuredClone(update as unknown[])];
  if (!isContainer(target)) return update;
  const own = writable(target as Record<string, unknown>, copied);
  for (const [key, value] of Object.entries(update as object) as [string, unknown][]) {
    const inside: OnMismatch = (path, ...kinds) => mismatch([key, ...path], ...kinds);
    const next = Object.hasOwn(own, key) ? merged(own[key], value, copied, inside) : structuredClone(value);
    setOwn(own, key, next);
  }
  return own;
}

function kindOf(value: unknown): 'an array' | 'an object' | 'a single value' {
  if (Array.isArray(value)) return 'an array';
  return isContainer(value) ? 'an object' : 'a single value';
}

function valueAt(root: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>((node, segment) => (node as Record<string | number, unknown>)[segment], root);
}

function writable<T extends Container>(node: T, copied: WeakSet<object>): T {
  if (copied.has(node)) return node;
  const copy = (Array.isArray(node) ? [...node] : { ...node }) as T;
  copied.add(copy);
  return copy;
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
