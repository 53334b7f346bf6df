/**
 * Responses Object (OpenAPI 3.1 section 4.8.16) → what an agent can expect. Successful answers have the schema of their
 * first usable content; of failures the status and the description are enough, for the answer itself is passed on.
 */

import type { JsonSchema, ResponseDescriptor } from '../contract.js';
import { escapeToken } from '../load/json-pointer.js';
import { cleanText, MAX_LENGTH } from './clean-text.js';
import { isObject, objectOr, type JsonObject } from './json-value.js';
import { encodingOf, isStream } from './media-type.js';
import type { References } from './references.js';
import type { Reporter } from './reporter.js';
import type { SchemaReader } from './schema-reader.js';

interface Scope {
  readonly references: References;
  readonly reporter: Reporter;
  readonly schemas: SchemaReader;
}

export function readResponses(given: unknown, pointer: string, scope: Scope): readonly ResponseDescriptor[] {
  const entries = Object.entries(objectOr(given)).filter(([key]) => {
    const isStatus = /^([1-5](\d\d|XX)|default)$/i.test(key);
    if (!isStatus && !key.startsWith('x-')) {
      scope.reporter.loss(`${pointer}/${escapeToken(key)}`, {
        rule: 'invalid-status',
        what: `the response ${JSON.stringify(key)}`,
        why: 'it is neither a status, nor a class such as 2XX, nor default',
        remedy: 'name the response by its status',
      });
    }
    return isStatus;
  });
  const hasSuccess = entries.some(([status]) => status.startsWith('2'));
  return entries.map(([key, value]) => {
    const status = key === 'default' ? key : key.toUpperCase() === 'DEFAULT' ? 'default' : key.toUpperCase();
    const target = scope.references.follow(value, `${pointer}/${escapeToken(key)}`);
    if (target === undefined || !isObject(target.value)) {
      scope.reporter.dangling(`${pointer}/${escapeToken(key)}`, `the response ${status}`);
      return { status };
    }
    const description = cleanText(target.value['description'], MAX_LENGTH.parameter);
    const isSuccess = status.startsWith('2') || (status === 'default' && !hasSuccess);
    return {
      status,
      ...(description === '' ? {} : { description }),
      ...(isSuccess ? readContent(objectOr(target.value['content']), `${target.pointer}/content`, scope) : {}),
    };
  });
}

/** JSON where it is offered, else the first; and the first stream that is offered beside it. */
function readContent(
  content: JsonObject,
  pointer: string,
  scope: Scope,
): Pick<ResponseDescriptor, 'contentType' | 'schema' | 'stream'> {
  const entries = Object.entries(content);
  const chosen = entries.find(([type]) => encodingOf(type) === 'json') ?? entries[0];
  if (chosen === undefined) return {};
  const other = entries.find(([type]) => type !== chosen[0] && isStream(type));
  const stream = other === undefined ? undefined : readMedia(other, pointer, scope);
  return {
    ...readMedia(chosen, pointer, scope),
    ...(stream?.schema === undefined ? {} : { stream: { contentType: stream.contentType, schema: stream.schema } }),
  };
}

function readMedia(
  [contentType, value]: readonly [string, unknown],
  pointer: string,
  scope: Scope,
): { readonly contentType: string; readonly schema?: JsonSchema } {
  const mediaPointer = `${pointer}/${escapeToken(contentType)}`;
  const media = objectOr(scope.references.follow(value, mediaPointer)?.value);
  const source = media['schema'] ?? streamOf(media['itemSchema']);
  if (source === undefined) return { contentType };
  return { contentType, schema: scope.schemas.read(source, 'response', `${mediaPointer}/schema`) };
}

/** OpenAPI 3.2: the items of a stream, which together are a list. */
function streamOf(itemSchema: unknown): unknown {
  return isObject(itemSchema) ? { type: 'array', items: itemSchema } : undefined;
}
