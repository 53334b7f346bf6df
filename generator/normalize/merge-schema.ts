import { arrayOr, isObject, objectOr, own, setOwn, type JsonObject } from './json-value.js';
import { referred, type SchemaLookup } from './satisfies.js';

/** How deep schemas are followed into each other. */
export const MAX_LEVELS = 12;

export interface MergeScope {
  readonly lookup: SchemaLookup;
  /** What is left of the work that may be done. */
  steps: number;
}

/** The schema with what it refers to and what its `allOf` adds: the narrowest of each limit. */
export function merge(schema: JsonObject, scope: MergeScope, depth: number): JsonObject {
  const target = referred(schema, scope.lookup);
  const parts = [...(isObject(target) ? [target] : []), ...arrayOr(schema['allOf']).filter(isObject)];
  if (parts.length === 0 || depth > MAX_LEVELS || --scope.steps < 0) return schema;
  const merged: Record<string, unknown> = { ...schema };
  delete merged['$ref'];
  delete merged['allOf'];
  const properties: Record<string, unknown> = {};
  const required = new Set<unknown>();
  for (const part of [...parts.map((one) => merge(one, scope, depth + 1)), schema]) {
    for (const [keyword, value] of Object.entries(part)) {
      if (keyword === 'minimum' || keyword === 'minLength' || keyword === 'minItems' || keyword === 'minProperties') {
        merged[keyword] = Math.max((merged[keyword] as number | undefined) ?? -Infinity, value as number);
      } else if (keyword === 'maximum' || keyword === 'maxLength' || keyword === 'maxItems') {
        merged[keyword] = Math.min((merged[keyword] as number | undefined) ?? Infinity, value as number);
      } else if (keyword !== '$ref' && keyword !== 'allOf' && !Object.hasOwn(merged, keyword)) {
        merged[keyword] = value;
      }
    }
    for (const [name, property] of Object.entries(objectOr(part['properties']))) {
      const known = own(properties, name);
      setOwn(properties, name, known === undefined || known === property ? property : { allOf: [known, property] });
    }
    for (const name of arrayOr(part['required'])) required.add(name);
  }
  if (Object.keys(properties).length > 0) merged['properties'] = properties;
  if (required.size > 0) merged['required'] = [...required];
  return merged;
}
