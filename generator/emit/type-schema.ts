/**
 * A schema of the catalogue in the words that openapi-typescript translates exactly. It reads OpenAPI's Schema Objects,
 * and makes another type than JSON Schema 2020-12 means of what stands beside a `$ref` or an `anyOf`, of `required`
 * without `properties`, of tuples and of booleans. What a type cannot say (patterns, limits, conditions) is left out, so
 * that a type admits what its schema admits, with one exception: where an object's properties are listed and nothing is
 * said of others, others do not compile, as they are misspelt more often than meant.
 *
 * References become named types by way of openapi-typescript's hook, see `NAMED`.
 */

import { beginning } from '../normalize/clean-text.js';
import { definitionName } from '../normalize/definition-name.js';
import { arrayOr, isObject, isOfType, objectOr, own, setOwn, type JsonObject } from '../normalize/json-value.js';
import { BYTES } from './answer-schema.js';

/** The member of a schema that names the type that it stands for; such a schema says nothing else. */
export const NAMED = 'x-named-type';
/** The name that stands for an object without properties. */
export const EMPTY_OBJECT = 'empty-object';

const MOST_COMMENT_CHARACTERS = 600;
const MOST_DEFAULT_CHARACTERS = 80;
const ANYTHING: JsonObject = {};
const IMPLIES_OBJECT = ['properties', 'required', 'additionalProperties', 'patternProperties'];
const IMPLIES_ARRAY = ['items', 'prefixItems'];
/** An optional property of such a name would have to fit what every object inherits, even where it is left out. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/** @param typeNames the names of the types of the shared schemas, by the names of these */
export function typeSchema(schema: unknown, typeNames: ReadonlyMap<string, string>): JsonObject {
  if (schema === false) return named('never');
  if (schema === BYTES) return named('Uint8Array');
  if (!isObject(schema)) return ANYTHING;
  const convert = (inner: unknown): JsonObject => typeSchema(inner, typeNames);
  const reference = own(schema, '$ref');
  const target = typeof reference === 'string' ? typeNames.get(definitionName(reference)) : undefined;
  const values = choicesOf(schema);
  const parts = [
    ...(target === undefined ? [] : [named(target)]),
    ...(values === undefined ? coreOf(schema, convert) : [values]),
    ...arrayOr(schema['allOf']).map(convert),
    ...[schema['anyOf'], schema['oneOf']].map((members) => union(arrayOr(members).map(convert))),
  ].filter(saysSomething);
  const all = parts.length > 1 ? { allOf: parts } : (parts[0] ?? ANYTHING);
  return { ...withoutComment(all), ...commentOf(schema) };
}

function named(type: string): JsonObject {
  return { type: 'object', [NAMED]: type };
}

/** One of several; of none, nothing is said, and so it is where one of them may be anything. */
function union(members: readonly JsonObject[]): JsonObject {
  const [first] = members;
  if (first === undefined || members.some((member) => !saysSomething(member))) return ANYTHING;
  return members.length === 1 ? first : { anyOf: members };
}

/** `enum` and `const`: the values alone, of those that the type admits. */
function choicesOf(schema: JsonObject): JsonObject | undefined {
  const values = Object.hasOwn(schema, 'const') ? [schema['const']] : arrayOr(schema['enum']);
  const types = typesOf(schema);
  const admitted = values.filter((value) => types.length === 0 || types.some((type) => isOfType(value, type)));
  if (admitted.length === 0) return undefined;
  // Beside type object it would look for properties.
  const type = types.length === 1 && types[0] !== 'object' && types[0] !== 'array' ? { type: types[0] } : {};
  return { ...type, enum: admitted };
}

/** What the type says, and what is said of properties and items; nothing where it may be of any type. */
function coreOf(schema: JsonObject, convert: (inner: unknown) => JsonObject): readonly JsonObject[] {
  const says = (keyword: string): boolean => Object.hasOwn(schema, keyword);
  const implied = IMPLIES_OBJECT.some(says) ? ['object'] : IMPLIES_ARRAY.some(says) ? ['array'] : [];
  const types = says('type') ? typesOf(schema) : implied;
  return types.length === 0 ? [] : [union(types.map((type) => ofType(type, schema, convert)))];
}

function ofType(type: string, schema: JsonObject, convert: (inner: unknown) => JsonObject): JsonObject {
  switch (type) {
    case 'object':
      return objectOf(schema, convert);
    case 'array':
      return arrayOf(schema, convert);
    default:
      return { type };
  }
}

function objectOf(schema: JsonObject, convert: (inner: unknown) => JsonObject): JsonObject {
  const others = schema['additionalProperties'];
  const patterns = Object.values(objectOr(schema['patternProperties']));
  const required = arrayOr(schema['required']).filter((name) => typeof name === 'string');
  const properties: Record<string, JsonObject> = {};
  for (const [name, property] of Object.entries(objectOr(schema['properties']))) {
    const isInherited = INHERITED.has(name) && !required.includes(name);
    setOwn(properties, name, isInherited ? commentOf(objectOr(property)) : convert(property));
  }
  for (const name of required) {
    if (!Object.hasOwn(properties, name)) setOwn(properties, name, isObject(others) ? convert(others) : ANYTHING);
  }
  if (Object.keys(properties).length > 0) {
    const isOpen = patterns.length > 0 || (others !== undefined && others !== false);
    // The type of the others would have to fit the listed ones too, as TypeScript reads an index.
    return { type: 'object', properties, required, ...(isOpen && { additionalProperties: true }) };
  }
  if (others === false && patterns.length === 0) return named(EMPTY_OBJECT);
  const values = others === false ? union(patterns.map(convert)) : patterns.length > 0 ? ANYTHING : convert(others);
  return saysSomething(values) ? { type: 'object', additionalProperties: values } : { type: 'object' };
}

/** A tuple where its length is fixed, else a list of whatever may stand at any place. */
function arrayOf(schema: JsonObject, convert: (inner: unknown) => JsonObject): JsonObject {
  const first = arrayOr(schema['prefixItems']);
  const isClosed = schema['items'] === false || schema['maxItems'] === first.length;
  if (first.length > 0 && isClosed && schema['minItems'] === first.length) {
    return { type: 'array', prefixItems: first.map(convert) };
  }
  const rest = schema['items'] === false && first.length > 0 ? [] : [schema['items']];
  const item = union([...first, ...rest].map(convert));
  // A choice of arrays would be taken for the list itself.
  return { type: 'array', items: arrayOr(item['enum']).some(Array.isArray) ? ANYTHING : withoutComment(item) };
}

/** What an editor shows. No line of it begins with `@`, as that would be a tag of the comment's own. */
function commentOf(schema: JsonObject): JsonObject {
  const description = schema['description'];
  const fallback = JSON.stringify(schema['default']);
  return {
    ...(typeof description === 'string' && { description: asComment(description) }),
    ...(fallback !== undefined && fallback.length <= MOST_DEFAULT_CHARACTERS && { default: fallback }),
    ...(typeof schema['format'] === 'string' && { format: schema['format'] }),
    ...(schema['deprecated'] === true && { deprecated: true }),
  };
}

function asComment(text: string): string {
  const isLong = text.length > MOST_COMMENT_CHARACTERS;
  return (isLong ? `${beginning(text, MOST_COMMENT_CHARACTERS).trimEnd()}…` : text).replace(/^(\s*)@/gm, '$1\\@');
}

function saysSomething(schema: JsonObject): boolean {
  return Object.keys(withoutComment(schema)).length > 0;
}

function withoutComment({
  description: _,
  default: __,
  format: ___,
  deprecated: ____,
  ...rest
}: JsonObject): JsonObject {
  return rest;
}

function typesOf({ type }: JsonObject): readonly string[] {
  return (Array.isArray(type) ? type : [type]).filter((name) => typeof name === 'string');
}
