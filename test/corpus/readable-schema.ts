import type { JsonObject } from './openapi-document.js';

/**
 * A schema, or whatever else stands in a document. Prism takes `int64` for no more than JavaScript counts one by one; the
 * range that is meant (OpenAPI 3.1 section 4.4) is written down in its place.
 */
export function readableSchema(schema: JsonObject): JsonObject {
  if (schema.format !== 'int64' || (schema.type !== 'integer' && schema.type !== 'number')) return schema;
  return { minimum: -(2 ** 63), maximum: 2 ** 63 - 1, ...schema, format: undefined };
}
