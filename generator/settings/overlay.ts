/**
 * OpenAPI Overlay 1.0.0: actions that change a provider's document before anything else reads it, so that the document
 * itself can stay as the vendor publishes it.
 *
 * The document that comes in is never changed: what an action touches is copied first, which also keeps apart what YAML
 * aliases share. Keys are only ever own properties, whatever they are called.
 */

import { exec, type JsonValue } from 'jsonpath-rfc9535';
import { SpecError, type Findings } from '../report/findings.js';
import { overlayFaults } from './check-settings.js';
import { readYaml, type ValuePath, type YamlSource } from './yaml-source.js';

interface Action {
  readonly target: string;
  readonly update?: unknown;
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
  const faults = overlayFaults(source.value, { name: 'overlay.yaml', locate: source.locate });
  for (const { place, ...fault } of faults) findings.refused.push({ ...place, provider, ...fault });
  if (faults.length > 0) return undefined;
  const { actions } = source.value as { readonly actions: readonly Action[] };
  return (document) => applyActions(document, actions, source, provider, findings);
}

function applyActions(
  document: object,
  actions: readonly Action[],
  source: YamlSource,
  provider: string,
  findings: Findings,
): object {
  const copied = new WeakSet<object>();
  let root: unknown = document;
  for (const [index, action] of actions.entries()) {
    const at = ['actions', index, 'target'];
    const targets = selected(root, action.target, source, at);
    if (targets.length === 0) {
      findings.warnings.push({
        ...source.locate(at),
        provider,
        rule: 'overlay-target-unmatched',
        message: `the target ${JSON.stringify(action.target)} matches nothing`,
        remedy: 'correct the JSONPath, or delete the action',
      });
    }
    if (action.remove === true) {
      // Backwards, so that what is removed from an array does not move what is still to be removed.
      for (const path of targets.toReversed()) {
        if (path.length === 0) {
          throw new SpecError(
            source.locate(at),
            'overlay-removes-document',
            'an action removes the whole document',
            'name a part of it as the target',
          );
        }
        root = removed(root, path, copied);
      }
    } else if (action.update !== undefined) {
      for (const path of targets) {
        root = changed(root, path, copied, (target) => updated(target, action.update, copied, source, at));
      }
    }
  }
  return root as object;
}

/** The paths of all nodes that the target selects, in document order, each once. */
function selected(root: unknown, target: string, source: YamlSource, at: ValuePath): ValuePath[] {
  const paths = new Map<string, ValuePath>();
  try {
    exec(root as JsonValue, target, (_value, path) => {
      const plain = path.map((segment) => (typeof segment === 'string' ? unescapedKey(segment) : segment));
      paths.set(JSON.stringify(plain), plain);
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new SpecError(
      source.locate(at),
      'overlay-target-syntax',
      `the target ${JSON.stringify(target)} is not JSONPath: ${error.message}`,
      'write an RFC 9535 expression, such as $.paths["/pets"].get',
    );
  }
  return [...paths.values()].sort(byDocumentOrder);
}

/** Array positions in ascending order; keys as they were found. A parent comes before what is in it. */
function byDocumentOrder(left: ValuePath, right: ValuePath): number {
  for (let depth = 0; depth < Math.min(left.length, right.length); depth++) {
    const [a, b] = [left[depth], right[depth]];
    if (a === b) continue;
    return typeof a === 'number' && typeof b === 'number' ? a - b : 0;
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
  const own = writable(node, copied);
  setOwn(own, segment, changed((own as Record<string, unknown>)[segment], rest, copied, change));
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

/** Overlay 1.0.0, section 4.4.3: an object is merged into an object; to an array the value is appended. */
function updated(
  target: unknown,
  update: unknown,
  copied: WeakSet<object>,
  source: YamlSource,
  at: ValuePath,
): unknown {
  if (Array.isArray(target)) return target.concat(structuredClone(update));
  if (isContainer(target) && isContainer(update) && !Array.isArray(update)) return merged(target, update, copied);
  throw new SpecError(
    source.locate(at),
    'overlay-update-type',
    'the update does not fit its target: objects are merged into objects, values are appended to arrays',
    'name the object that holds the value as the target, and the value by its key in the update',
  );
}

function merged(target: unknown, update: unknown, copied: WeakSet<object>): unknown {
  if (Array.isArray(target) && Array.isArray(update)) return (target as unknown[]).concat(structuredClone(update));
  if (!isContainer(target) || Array.isArray(target) || !isContainer(update) || Array.isArray(update)) {
    return structuredClone(update);
  }
  const own = writable(target, copied);
  for (const key of Object.keys(update)) {
    setOwn(own, key, Object.hasOwn(own, key) ? merged(own[key], update[key], copied) : structuredClone(update[key]));
  }
  return own;
}

function writable<T extends Container>(node: T, copied: WeakSet<object>): T {
  if (copied.has(node)) return node;
  const copy = (Array.isArray(node) ? [...node] : { ...node }) as T;
  copied.add(copy);
  return copy;
}

/** An assignment to `__proto__` would change the object's prototype; a definition makes a key like any other. */
function setOwn(target: Container, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
