/**
 * OpenAPI 3.0 → 3.1, for one Schema Object: the only place where the two differ in what they mean (the specification's
 * guide "Migrating from OpenAPI 3.0 to 3.1.0"). One object at a time, because a schema may stand anywhere that a
 * reference can point to, and the reader is the one who knows where it meets one. Children are left to later calls.
 */

import { isFiniteNumber, isObject, own, type JsonObject } from './json-value.js';

const COMBINERS = ['allOf', 'anyOf', 'oneOf'] as const;

/** The same schema in the words of 3.1; the given one where they are the same. Swagger 2.0's schemas are read alike. */
export function upgradeSchema30(schema: JsonObject): JsonObject {
  const reference = own(schema, '$ref');
  // "Any sibling elements of a $ref are ignored": OpenAPI 3.0, Reference Object.
  if (typeof reference === 'string') return Object.keys(schema).length === 1 ? schema : { $ref: reference };

  const isNullable = own(schema, 'nullable') === true || own(schema, 'x-nullable') === true;
  const exclusives = (
    [
      ['exclusiveMinimum', 'minimum'],
      ['exclusiveMaximum', 'maximum'],
    ] as const
  ).filter(([keyword]) => typeof own(schema, keyword) === 'boolean');
  const format = own(schema, 'format');
  const type = own(schema, 'type');
  const isBinary = type === 'file' || (format === 'binary' && (type === 'string' || type === undefined));
  if (!isNullable && exclusives.length === 0 && !isBinary && format !== 'byte' && !Object.hasOwn(schema, 'example')) {
    return schema;
  }

  const upgraded: Record<string, unknown> = { ...schema };
  delete upgraded['nullable'];
  delete upgraded['x-nullable'];
  for (const [exclusive, limit] of exclusives) {
    delete upgraded[exclusive];
    if (schema[exclusive] === true && isFiniteNumber(own(schema, limit))) {
      upgraded[exclusive] = schema[limit];
      delete upgraded[limit];
    }
  }
  if (isBinary) {
    delete upgraded['format'];
    upgraded['type'] = 'string';
    upgraded['contentMediaType'] = 'application/octet-stream';
  } else if (format === 'byte') {
    delete upgraded['format'];
    upgraded['contentEncoding'] = 'base64';
  }
  if (Object.hasOwn(upgraded, 'example')) {
    upgraded['examples'] = [upgraded['example']];
    delete upgraded['example'];
  }
  return isNullable ? orNull(upgraded) : upgraded;
}

/** `nullable` beside a type adds `null` to it; beside a combination it was always meant to. */
function orNull(schema: JsonObject): JsonObject {
  const type = own(schema, 'type');
  const values = own(schema, 'enum');
  const nullable: Record<string, unknown> = { ...schema };
  if (Array.isArray(values) && !values.includes(null)) nullable['enum'] = [...(values as unknown[]), null];
  if (typeof type === 'string') nullable['type'] = [type, 'null'];
  if (!COMBINERS.some((keyword) => isObjectArray(own(schema, keyword)))) return nullable;

  const { description, title, ...rest } = nullable;
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    anyOf: [typeof type === 'string' ? { ...rest, type } : rest, { type: 'null' }],
  };
}

function isObjectArray(value: unknown): boolean {
  return Array.isArray(value) && value.some(isObject);
}
