/**
 * Resolves `$ref`s within the loaded document, where every reference is local (`#/…`). The document is the one that was
 * read: whatever upgrade an operation went through, its references lead to the objects that the author wrote.
 */

import { decodeFragment, escapeToken, pointerTokens } from '../load/json-pointer.js';
import { isObject, own } from './json-value.js';

/** References in a chain that are followed before it is taken for a cycle. */
const MAX_CHAIN = 64;

export interface Target {
  readonly value: unknown;
  /** JSON pointer: two references to the same place have the same one. */
  readonly pointer: string;
}

export class References {
  readonly #root: unknown;
  readonly #targets = new Map<string, Target | undefined>();
  /** Those on the way: a pointer may lead through a reference, whose pointer leads through another one. */
  readonly #open = new Set<string>();
  #anchors: ReadonlyMap<string, Target> | undefined;

  constructor(root: unknown) {
    this.#root = root;
  }

  /** What the reference stands for, which may be a reference again; `undefined` where it leads nowhere. */
  resolve(reference: string): Target | undefined {
    if (this.#targets.has(reference)) return this.#targets.get(reference);
    if (this.#open.has(reference) || this.#open.size === MAX_CHAIN) return undefined;
    this.#open.add(reference);
    const target = this.#find(reference);
    this.#open.delete(reference);
    this.#targets.set(reference, target);
    return target;
  }

  /**
   * Follows an object's `$ref`s to one that has none; `undefined` where they lead nowhere or round in a circle.
   * @param pointer of the value itself, where the target's is of interest
   */
  follow(value: unknown, pointer = ''): Target | undefined {
    let target: Target = { value, pointer };
    for (let steps = 0; steps < MAX_CHAIN; steps++) {
      const reference = isObject(target.value) ? own(target.value, '$ref') : undefined;
      if (typeof reference !== 'string') return target;
      const next = this.resolve(reference);
      if (next === undefined) return undefined;
      target = next;
    }
    return undefined;
  }

  #find(reference: string): Target | undefined {
    if (!reference.startsWith('#')) return undefined;
    const fragment = decodeFragment(reference.slice(1));
    if (fragment !== '' && !fragment.startsWith('/')) return this.#anchor(fragment);
    return this.#walk(pointerTokens(fragment)) ?? this.#walk(pointerTokens(reference.slice(1)));
  }

  /** A pointer may lead through an object that is a reference itself; then it goes on in what that stands for. */
  #walk(tokens: readonly string[]): Target | undefined {
    let value: unknown = this.#root;
    let pointer = '';
    for (const token of tokens) {
      if (typeof value !== 'object' || value === null) return undefined;
      if (!Object.hasOwn(value, token)) {
        const through = isObject(value) && Object.hasOwn(value, '$ref') ? this.follow(value, pointer) : undefined;
        if (through === undefined || !isObject(through.value) || !Object.hasOwn(through.value, token)) return undefined;
        ({ value, pointer } = through);
      }
      value = (value as Record<string, unknown>)[token];
      pointer += `/${escapeToken(token)}`;
    }
    return { value, pointer };
  }

  /** `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12 section 8.2.2), and the older `$id: '#name'`. */
  #anchor(name: string): Target | undefined {
    if (this.#anchors === undefined) {
      const anchors = new Map<string, Target>();
      const visit = (value: unknown, pointer: string): void => {
        if (typeof value !== 'object' || value === null) return;
        if (isObject(value)) {
          for (const key of ['$anchor', '$dynamicAnchor', '$id']) {
            const text = own(value, key);
            if (typeof text !== 'string') continue;
            const anchor = key === '$id' ? text.replace(/^#/, '') : text;
            if (!anchors.has(anchor)) anchors.set(anchor, { value, pointer });
          }
        }
        for (const [key, child] of Object.entries(value)) visit(child, `${pointer}/${escapeToken(key)}`);
      };
      visit(this.#root, '');
      this.#anchors = anchors;
    }
    return this.#anchors.get(name);
  }
}
