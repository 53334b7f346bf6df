/** Finds schemas that no value can satisfy, because one of them is required within itself. */

import { definitionName } from './definition-name.js';
import { arrayOr, isObject, objectOr, own, type JsonObject } from './json-value.js';
import { MAX_LEVELS, merge, type MergeScope } from './merge-schema.js';
import { referred, type SchemaLookup } from './satisfies.js';

const MAX_STEPS = 3_000;
/** Shared schemas that are followed, each required by the one before, to tell whether they come back. */
const MAX_PATH = 100;

/**
 * The name of a shared schema that requires itself, so that nothing finite satisfies the schema given; undefined where
 * none does, or where that takes too long to tell.
 */
export function endlessSchema(schema: unknown, lookup: SchemaLookup): string | undefined {
  return requiredWithin(schema, { lookup, steps: MAX_STEPS }, new Set());
}

/** @param path names of the shared schemas that the schema stands in, each of them required by the one before. */
function requiredWithin(schema: unknown, scope: MergeScope, path: ReadonlySet<string>): string | undefined {
  if (!isObject(schema) || path.size > MAX_PATH || --scope.steps < 0) return undefined;
  const names = namesInPlace(schema, scope);
  const again = [...names].find((name) => path.has(name));
  if (again !== undefined) return again;
  const merged = merge(schema, scope, 0);
  if (merged['enum'] !== undefined || Object.hasOwn(merged, 'const')) return undefined;
  const within = new Set([...path, ...names]);
  const endless = (part: unknown): string | undefined => requiredWithin(part, scope, within);
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const branches = arrayOr(merged[keyword]).map(endless);
    if (branches.length > 0 && branches.every((name) => name !== undefined)) return branches[0];
  }
  // A value of another type has no properties, and no items.
  if (merged['type'] === 'object') {
    const properties = objectOr(merged['properties']);
    for (const name of arrayOr(merged['required']) as readonly string[]) {
      const found = endless(own(properties, name));
      if (found !== undefined) return found;
    }
  }
  const least = (merged['minItems'] as number | undefined) ?? 0;
  if (merged['type'] !== 'array' || least === 0) return undefined;
  const prefix = arrayOr(merged['prefixItems']);
  for (const item of [...prefix.slice(0, least), ...(least > prefix.length ? [merged['items']] : [])]) {
    const found = endless(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The shared schemas that a value of the schema must satisfy itself. */
function namesInPlace(
  schema: JsonObject,
  scope: MergeScope,
  names = new Set<string>(),
  depth = 0,
): ReadonlySet<string> {
  if (depth > MAX_LEVELS) return names;
  const reference = own(schema, '$ref');
  const name = typeof reference === 'string' ? definitionName(reference) : undefined;
  const target = referred(schema, scope.lookup);
  if (name !== undefined && !names.has(name)) {
    names.add(name);
    if (isObject(target)) namesInPlace(target, scope, names, depth + 1);
  }
  for (const member of arrayOr(schema['allOf'])) {
    if (isObject(member) && --scope.steps >= 0) namesInPlace(member, scope, names, depth + 1);
  }
  return names;
}
