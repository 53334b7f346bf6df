/**
 * Parameters as Prism reads what OpenAPI means by them. What is changed is how something is said and not what: by the
 * specification a request is right by both copies, or by neither. What Prism cannot be told in any words is not here but
 * in `why-unjudged.ts`, and is not called at all.
 */

import { deepObject } from './deep-object.js';
import { resolved, type JsonObject, type OpenApiDocument } from './openapi-document.js';

/** OpenAPI 3.1 section 4.8.12.1: "If in is "header" and the name field is […], the parameter definition SHALL be ignored". */
const IGNORED_HEADERS = new Set(['accept', 'content-type', 'authorization']);

/**
 * The parameters of a path or of an operation.
 * @param template the path as it is mocked
 */
export function readableParameters(document: OpenApiDocument, list: unknown, template: string): readonly JsonObject[] {
  const parameters = (Array.isArray(list) ? list : []).flatMap<JsonObject>(
    (each: unknown) => resolved(document, each) ?? [],
  );
  return parameters
    .filter((parameter) => !isIgnored(parameter, template))
    .map((parameter) => ({ ...parameter, ...explodeWritten(parameter), ...schemaRead(document, parameter) }));
}

/** Prism asks for the ignored headers, and for values of the path that the path has no place for. */
function isIgnored({ in: place, name }: JsonObject, template: string): boolean {
  if (place === 'header') return IGNORED_HEADERS.has(String(name).toLowerCase());
  return place === 'path' && !template.includes(`{${String(name)}}`);
}

/** OpenAPI 3.1 section 4.8.12.2: "When style is form, the default value is true." Prism takes it for false. */
function explodeWritten({ in: place, style, explode }: JsonObject): JsonObject {
  const isForm = (place === 'query' || place === 'cookie') && (style === undefined || style === 'form');
  return isForm && explode === undefined ? { explode: true } : {};
}

function schemaRead(document: OpenApiDocument, parameter: JsonObject): JsonObject {
  const schema = resolved(document, parameter.schema);
  if (schema === undefined) return {};
  if (parameter.style === 'deepObject') return { schema: deepObject(document, schema, parameter.required !== true) };
  const read = orNothing(parameter, ofAnyKind(document, schema));
  return read === schema ? {} : { schema: read };
}

/**
 * In a path, query or header all values are texts. Which of several kinds a text is one of cannot be told from it, and
 * Prism finds that `12` is a number and a text, so that it fits two alternatives of which `oneOf` allows one.
 */
function ofAnyKind(document: OpenApiDocument, schema: JsonObject): JsonObject {
  const { oneOf, ...rest } = schema;
  if (!Array.isArray(oneOf) || rest.anyOf !== undefined) return schema;
  const types = oneOf.map((kind) => resolved(document, kind)?.type);
  return types.includes('string') && new Set(types).size > 1 ? { ...rest, anyOf: oneOf } : schema;
}

/**
 * Of an exploded object only the members are written, so that one which is not given and one without members are the
 * same. Prism reads the latter, and misses in it what its schema requires.
 */
function orNothing(parameter: JsonObject, schema: JsonObject): JsonObject {
  const { required, ...rest } = schema;
  const { explode } = { ...parameter, ...explodeWritten(parameter) };
  const isExploded = parameter.in === 'query' && explode === true;
  if (!isExploded || parameter.required === true || schema.type !== 'object' || !Array.isArray(required)) return schema;
  if (rest.anyOf !== undefined) return schema;
  return { ...rest, anyOf: [{ required }, { maxProperties: 0 }] };
}
