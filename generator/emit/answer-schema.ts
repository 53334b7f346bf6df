/**
 * What a call can answer with, as one schema: the successful responses are its alternatives. It follows what the gateway
 * does with an answer: JSON is a value, text and XML are one string, anything else is bytes, an empty answer is null.
 */

import type { EndpointDescriptor, JsonSchema, ResponseDescriptor } from '../contract.js';
import { encodingOf } from '../normalize/media-type.js';

/** Stands for bytes, which JSON Schema has no word for. */
export const BYTES: JsonSchema = Object.freeze({ type: 'string', contentEncoding: 'binary' });

const ANYTHING: JsonSchema = true;
const NOTHING: JsonSchema = { type: 'null' };
const TEXT: JsonSchema = { type: 'string' };

/** `default` counts where the document has no other success; where it has none at all, nothing is known. */
export function answerSchema({ method, responses }: Pick<EndpointDescriptor, 'method' | 'responses'>): JsonSchema {
  if (method === 'HEAD') return NOTHING;
  const successes = responses.filter(({ status }) => status.startsWith('2'));
  const chosen = successes.length > 0 ? successes : responses.filter(({ status }) => status === 'default');
  const schemas = chosen.map(schemaOf);
  if (schemas.length === 0 || schemas.includes(ANYTHING)) return ANYTHING;
  return schemas.length === 1 ? schemas[0]! : { anyOf: schemas };
}

function schemaOf({ status, contentType, schema }: ResponseDescriptor): JsonSchema {
  if (status === '204' || status === '205') return NOTHING;
  // Many documents leave out the content of an answer that has one.
  if (contentType === undefined) return ANYTHING;
  switch (encodingOf(contentType)) {
    case 'json':
      return schema ?? ANYTHING;
    case 'text':
    case 'xml':
    case 'form':
      return TEXT;
    case 'binary':
    case 'multipart':
      return BYTES;
    case undefined:
      return contentType.includes('*') ? (schema ?? ANYTHING) : BYTES;
  }
}
