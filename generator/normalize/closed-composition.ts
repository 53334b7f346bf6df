/**
 * Recognises the commonest mistake with `additionalProperties: false`: one part of a composition closes itself, and
 * thereby refuses the properties that the other parts add (JSON Schema 2020-12 section 10.3.2.3: it sees none but its
 * own neighbours). Read to the letter nothing satisfies such a schema; what is meant is that the whole is closed.
 */

import { arrayOr, isObject, objectOr, own, type JsonObject } from './json-value.js';
import type { References } from './references.js';

/** Members of a composition, and of theirs, that are looked at. */
const MAX_MEMBERS = 50;

interface Part {
  readonly names: ReadonlySet<string>;
  readonly closure: Closure;
}

/** Closed to all other properties (`whole`), open to those of one form (`form`), or open. */
type Closure = 'whole' | 'form' | undefined;

/**
 * How the schema, or a member of its `allOf`, is closed to properties that another part of it has; `undefined` where
 * no part is, or where the one that is has them all.
 */
export function piecemealClosure(schema: JsonObject, references: References): Closure {
  const members = arrayOr(own(schema, 'allOf'));
  const branches = [...arrayOr(own(schema, 'oneOf')), ...arrayOr(own(schema, 'anyOf'))];
  if (members.length + branches.length === 0 || !isClosed(schema, references)) return undefined;
  const self: Part = { names: propertyNames(schema), closure: closureOf(schema) };
  const parts = [self, ...members.map((member) => partOf(member, references))];
  const closed = parts.filter(({ closure }) => closure !== undefined);
  const others = self.closure === undefined ? [] : branches.map((branch) => partOf(branch, references));
  const all = new Set([...parts, ...others].flatMap(({ names }) => [...names]));
  if (closed.every(({ names }) => names.size === all.size)) return undefined;
  return closed.some(({ closure }) => closure === 'whole') ? 'whole' : 'form';
}

/** Whether the schema, or a member of its `allOf`, is closed in either way. */
export function isClosed(schema: unknown, references: References): boolean {
  return partOf(schema, references).closure !== undefined;
}

/** The schema together with the members of its `allOf`, and theirs, each seen once. */
function partOf(given: unknown, references: References): Part {
  const names = new Set<string>();
  let closure: Closure;
  const pending = [given];
  const seen = new Set<unknown>();
  while (pending.length > 0 && seen.size < MAX_MEMBERS) {
    const schema = references.follow(pending.pop())?.value;
    if (!isObject(schema) || seen.has(schema)) continue;
    seen.add(schema);
    for (const name of propertyNames(schema)) names.add(name);
    closure = closure === 'whole' ? closure : (closureOf(schema) ?? closure);
    pending.push(...arrayOr(own(schema, 'allOf')));
  }
  return { names, closure };
}

function closureOf(schema: JsonObject): Closure {
  const additional = own(schema, 'additionalProperties');
  if (isObject(own(schema, 'patternProperties'))) return undefined;
  if (additional === false) return 'whole';
  return isObject(additional) && Object.keys(additional).length > 0 ? 'form' : undefined;
}

function propertyNames(schema: JsonObject): ReadonlySet<string> {
  return new Set(Object.keys(objectOr(own(schema, 'properties'))));
}
