/**
 * A request body as Prism reads what OpenAPI means by it, under the rule of `readable-parameters.ts`: what is changed is
 * how something is said and not what.
 */

import { deepObject } from './deep-object.js';
import { isObject, resolved, type JsonObject, type OpenApiDocument } from './openapi-document.js';

/** The request body, or undefined where the operation has none. */
export function readableBody(document: OpenApiDocument, given: unknown): JsonObject | undefined {
  const body = resolved(document, given);
  if (body === undefined || !isObject(body.content)) return body;
  const content = mostSpecificFirst(body.content).map(([type, media]) => {
    return [type, FORM.test(type) && isObject(media) ? readableForm(document, type, media) : media];
  });
  return { ...body, content: Object.fromEntries(content) };
}

const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/**
 * OpenAPI 3.1 section 4.8.13: "For requests that match multiple keys, only the most specific key is applicable." Prism
 * applies the first.
 */
function mostSpecificFirst(content: JsonObject): readonly (readonly [string, unknown])[] {
  const wildcards = (type: string): number => [...type].filter((character) => character === '*').length;
  return Object.entries(content).sort(([left], [right]) => wildcards(left) - wildcards(right));
}

/**
 * OpenAPI 3.1 section 4.8.15.1: a list without a style is written as `style: form` and `explode: true` say, and an object
 * as JSON. Prism reads a list only where that is said, and JSON only as an item of a list, so that an object is a list of
 * one object to it. In a multipart body no character is reserved, and Prism asks which are allowed.
 */
function readableForm(document: OpenApiDocument, type: string, media: JsonObject): JsonObject {
  const schema = resolved(document, media.schema);
  if (!isObject(schema?.properties)) return media;
  const encoding: Record<string, unknown> = { ...(isObject(media.encoding) ? media.encoding : {}) };
  const properties: Record<string, unknown> = { ...schema.properties };
  for (const [name, given] of Object.entries(properties)) {
    const property = resolved(document, given);
    const said = isObject(encoding[name]) ? encoding[name] : {};
    const isJson = said.style === undefined && property?.type === 'object';
    const isForm = said.style === undefined || said.style === 'form';
    const isList = isForm && property?.type === 'array' && said.contentType === undefined;
    const written = isJson || isList ? { style: 'form', explode: true, ...said } : said;
    if (written.style === undefined) continue;
    encoding[name] = type.startsWith('multipart') ? { ...written, allowReserved: true } : written;
    const isRequired = Array.isArray(schema.required) && schema.required.includes(name);
    if (isJson) properties[name] = { type: 'array', items: property, maxItems: 1 };
    if (written.style === 'deepObject') properties[name] = deepObject(document, property, !isRequired);
  }
  return { ...media, schema: { ...schema, properties }, encoding };
}
