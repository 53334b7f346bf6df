/** Which way of writing a body a media type asks for. */

import type { BodyEncoding } from '../contract.js';

/** Registered or not: what documents call a text that is not of the type `text`. */
const TEXT_TYPES =
  /^(plain\/text|application\/(text|graphql|(x-)?javascript|ecmascript|sql|sparql-query|sparql-update|toml|x-sh|jwt)|[^/]+\/(.*[+.-])?yaml)$/;

/** Lines of JSON by their names, then the other sequences. */
const STREAM_TYPES = /^(application\/(.*[+.-])?(ndjson|jsonl|jsonlines)|text\/event-stream|application\/json-seq)$/;

/** A media type without its parameters, in lower case. */
export function essence(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase();
}

/** `undefined` for types that say nothing of how to write them: wildcards, and names that nobody registered. */
export function encodingOf(contentType: string): BodyEncoding | undefined {
  const type = essence(contentType);
  if (/^[^/]+\/(.*[+.-])?json$/.test(type)) return 'json';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type.startsWith('multipart/')) return 'multipart';
  if (/^((application|text)\/|[^/]+\/.*\+)xml$/.test(type)) return 'xml';
  if (type.includes('*')) return undefined;
  if (/^text\//.test(type) || TEXT_TYPES.test(type) || STREAM_TYPES.test(type)) return 'text';
  if (/^(image|audio|video|font|model)\//.test(type)) return 'binary';
  if (
    /^application\/(.*\+)?(octet-stream|pdf|zip|gzip|x-gzip|x-tar|x-zip-compressed|protobuf|x-protobuf|cbor|msgpack|vnd\..*)$/.test(
      type,
    )
  ) {
    return 'binary';
  }
  return undefined;
}

/** Sequential media types (OpenAPI 3.2 section 4.14.3), those that the gateway reads record by record. */
export function isStream(contentType: string): boolean {
  return STREAM_TYPES.test(essence(contentType));
}

/** The order in which a body's alternatives are preferred. */
export const PREFERENCE: readonly BodyEncoding[] = ['json', 'form', 'multipart', 'binary', 'xml', 'text'];
