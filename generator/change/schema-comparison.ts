/**
 * Compares the schemas of two generations by what they demand. Definitions are followed by reference and compared once a
 * pair, however many endpoints lead there; what neither changed nor leads to anything that did is not looked at. A pair
 * that is being compared is not compared again below itself, so circular definitions come to an end.
 *
 * It does not decide whether one set of values contains another: JSON Schema can say what no program can compare. Each
 * keyword is compared with itself, and what cannot be told apart that way is `type-changed`.
 */

import type { JsonSchema } from '../contract.js';
import { definitionsNamedIn } from '../normalize/definition-name.js';
import { compareViews, type Comparer } from './compare-views.js';
import type { SchemaDifference } from './schema-difference.js';
import { isComposed, schemaView, type Definitions } from './schema-view.js';

/** Parts of one schema that are compared. Documents have thousands; a hostile one can make up more than can be counted. */
const MOST_PAIRS = 10_000;

/** Where a comparison goes on: two schemas that stand behind references. */
interface Onward {
  readonly path: readonly string[];
  readonly before: JsonSchema;
  readonly after: JsonSchema;
  readonly isExact: boolean;
}

/** What two schemas differ in themselves, and where they lead. */
interface Level {
  readonly differences: readonly SchemaDifference[];
  readonly onward: readonly Onward[];
}

export class SchemaComparison {
  readonly #before: Definitions;
  readonly #after: Definitions;
  /** Names of definitions that are another than before, or that lead to one. */
  readonly #changed: ReadonlySet<string>;
  readonly #levels = new Map<string, Level>();
  readonly #texts = new WeakMap<object, string>();

  constructor(before: Definitions, after: Definitions) {
    this.#before = before;
    this.#after = after;
    this.#changed = changedDefinitions(before, after);
  }

  /** The nearest differences first. A place that is reached in several ways is told once. */
  differences(before: JsonSchema, after: JsonSchema): readonly SchemaDifference[] {
    const found: SchemaDifference[] = [];
    const queue: Onward[] = [{ path: [], before, after, isExact: false }];
    const visited = new Set<string>();
    for (let next = 0; next < queue.length; next++) {
      const pair = queue[next]!;
      if (this.#isSame(pair.before, pair.after)) continue;
      const key = `${this.#text(pair.before)}\n${this.#text(pair.after)}`;
      const place = `${String(pair.isExact)}\n${key}`;
      if (visited.has(place)) continue;
      if (visited.size === MOST_PAIRS) {
        found.push({ kind: 'type-changed', path: [], detail: 'it leads to more parts than are compared' });
        break;
      }
      visited.add(place);
      const level = this.#level(key, pair.before, pair.after);
      for (const difference of level.differences) {
        found.push(inContext(difference, pair));
      }
      for (const onward of level.onward) {
        queue.push({ ...onward, path: [...pair.path, ...onward.path], isExact: pair.isExact || onward.isExact });
      }
    }
    return found;
  }

  #level(key: string, before: JsonSchema, after: JsonSchema): Level {
    const known = this.#levels.get(key);
    if (known !== undefined) return known;
    const differences: SchemaDifference[] = [];
    const onward: Onward[] = [];
    const comparerAt = (path: readonly string[], isExact: boolean): Comparer => ({
      differ: (kind, steps, detail) => {
        differences.push(inContext({ kind, path: steps, detail }, { path, isExact }));
      },
      isSame: (left, right) => this.#isSame(left, right),
      types: (schema, side) => this.#view(schema, side).types,
      descend: (steps, left, right, exactly) => {
        if (this.#isSame(left, right)) return;
        const below = { path: [...path, ...steps], before: left, after: right, isExact: isExact || exactly };
        if (isComposed(left) || isComposed(right)) onward.push(below);
        else this.#compare(left, right, comparerAt(below.path, below.isExact));
      },
    });
    this.#compare(before, after, comparerAt([], false));
    const level = { differences, onward };
    this.#levels.set(key, level);
    return level;
  }

  #compare(before: JsonSchema, after: JsonSchema, comparer: Comparer): void {
    compareViews(
      { schema: before, view: this.#view(before, 'before') },
      { schema: after, view: this.#view(after, 'after') },
      comparer,
    );
  }

  #view(schema: JsonSchema, side: 'before' | 'after') {
    return schemaView(schema, side === 'before' ? this.#before : this.#after);
  }

  #isSame(before: JsonSchema, after: JsonSchema): boolean {
    return this.#text(before) === this.#text(after) && !leadsTo(before, this.#changed);
  }

  #text(schema: JsonSchema): string {
    if (typeof schema === 'boolean') return String(schema);
    let text = this.#texts.get(schema);
    if (text === undefined) {
      text = JSON.stringify(schema);
      this.#texts.set(schema, text);
    }
    return text;
  }
}

/** Inside `not` and `if` nothing tells which way a difference works: whatever it is, the type changed. */
function inContext(
  { kind, path, detail }: SchemaDifference,
  context: { readonly path: readonly string[]; readonly isExact: boolean },
): SchemaDifference {
  const isWords = kind === 'text-changed' || kind === 'default-changed';
  return {
    kind: context.isExact && !isWords ? 'type-changed' : kind,
    path: [...context.path, ...path],
    detail,
  };
}

function changedDefinitions(before: Definitions, after: Definitions): ReadonlySet<string> {
  const changed = new Set<string>();
  const leadFrom = new Map<string, string[]>();
  for (const [name, schema] of Object.entries(before)) {
    if (!Object.hasOwn(after, name) || JSON.stringify(after[name]) !== JSON.stringify(schema)) changed.add(name);
    for (const target of definitionsNamedIn(schema)) {
      const known = leadFrom.get(target);
      if (known === undefined) leadFrom.set(target, [name]);
      else known.push(name);
    }
  }
  // A set hands out what is added to it on the way.
  for (const name of changed) {
    for (const from of leadFrom.get(name) ?? []) changed.add(from);
  }
  return changed;
}

function leadsTo(schema: JsonSchema, names: ReadonlySet<string>): boolean {
  if (names.size === 0) return false;
  // Data that looks like a reference (in an enum, an example) costs a closer look and no more.
  for (const name of definitionsNamedIn(schema)) {
    if (names.has(name)) return true;
  }
  return false;
}
