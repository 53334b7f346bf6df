/**
 * Schemas of `deepObject` values, for a reader that makes an object of what was not sent. `price[recurring][interval]=day`
 * says what the members of objects are and nothing of the objects: so one that is not given and one without members are
 * written alike, as nothing. Prism reads both as an object without members, and misses in it what its schema requires.
 * In the schema that is made here nothing is right wherever the object may be left out.
 */

import { isObject, resolved, type JsonObject, type OpenApiDocument } from './openapi-document.js';

/** Objects within one another that are read; below that a schema stays as it is. */
const DEEPEST = 6;

/** @param isOptional whether the value may be left out */
export function deepObject(document: OpenApiDocument, given: unknown, isOptional: boolean, depth = 0): JsonObject {
  const schema = resolved(document, given) ?? {};
  const { type, properties, required, items } = schema;
  if (depth > DEEPEST) return schema;
  if (type === 'array') return { ...schema, items: deepObject(document, items, false, depth + 1) };
  if (type !== 'object' || !isObject(properties)) return schema;
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  const strict = {
    ...schema,
    properties: mapped(properties, (inner, name) => deepObject(document, inner, !isRequired(name), depth + 1)),
  };
  if (!isOptional) return strict;
  return { ...outline(document, schema, depth), anyOf: [strict, nothingIn(document, schema, depth)] };
}

/** What the members are, by which Prism finds them, and nothing of their values. */
function outline(document: OpenApiDocument, given: unknown, depth: number): JsonObject {
  const { type, properties, items } = resolved(document, given) ?? {};
  if (depth > DEEPEST || (type !== 'object' && type !== 'array')) return {};
  if (type === 'array') return { type, items: outline(document, items, depth + 1) };
  return {
    type,
    properties: mapped(isObject(properties) ? properties : {}, (inner) => outline(document, inner, depth + 1)),
  };
}

/** An object of which nothing was sent: its objects and lists are empty, and it has no other member. */
function nothingIn(document: OpenApiDocument, given: unknown, depth: number): JsonObject {
  const { type, properties } = resolved(document, given) ?? {};
  if (type === 'array') return { maxItems: 0 };
  const members = Object.entries(isObject(properties) ? properties : {});
  const typeOf = (member: unknown): unknown => resolved(document, member)?.type;
  const containers = members.filter(([, member]) => depth < DEEPEST && /^(object|array)$/.test(String(typeOf(member))));
  const others = members.filter((member) => !containers.includes(member)).map(([name]) => name);
  return {
    properties: mapped(Object.fromEntries(containers), (inner) => nothingIn(document, inner, depth + 1)),
    ...(others.length === 0 ? {} : { not: { anyOf: others.map((name) => ({ required: [name] })) } }),
  };
}

function mapped(properties: JsonObject, change: (schema: unknown, name: string) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, change(schema, name)]));
}
