import assert from 'node:assert/strict';
import { answerSchema, BYTES } from '../../../generator/emit/answer-schema.js';
import { isStream as isStreamInDocument } from '../../../generator/normalize/media-type.js';
import { readAnswer } from '../../../runtime/upstream/read-answer.js';
import { isStream } from '../../../runtime/upstream/records.js';

const SCHEMA = { type: 'object' } as const;

/** The type of an answer as `types.ts` declares it. */
function declared(contentType: string): string {
  const schema = answerSchema({ method: 'GET', responses: [{ status: '200', contentType, schema: SCHEMA }] });
  if (schema === SCHEMA) return 'a value';
  if (schema === BYTES) return 'bytes';
  assert.deepEqual(schema, { type: 'string' });
  return isStreamInDocument(contentType) ? 'a stream' : 'a string';
}

/** The same of what the gateway reads. */
function read(contentType: string): string {
  const { kind } = readAnswer({ contentType, body: Buffer.from('{}') });
  assert.equal(kind === 'stream', isStream(contentType));
  const names: Partial<Record<typeof kind, string>> = { json: 'a value', text: 'a string', stream: 'a stream' };
  return names[kind] ?? 'bytes';
}

describe('the type that an answer is declared with is what the gateway makes of it', () => {
  const CASES: Readonly<Record<string, readonly string[]>> = {
    'a value': [
      'application/json',
      'application/vnd.acme.v2+json',
      'application/vnd.acme.v2.json',
      'application/x-json',
      'text/json',
      'image/vnd.acme+json',
    ],
    'a string': [
      'text/plain',
      'text/csv',
      'plain/text',
      'Application/YAML; charset=utf-8',
      'application/x-yaml',
      'application/vnd.oai.openapi+yaml',
      'application/xml',
      'text/xml',
      'application/atom+xml',
      'image/svg+xml',
      'application/x-www-form-urlencoded',
      'application/text',
      'application/graphql',
      'application/javascript',
      'application/x-javascript',
      'application/ecmascript',
      'application/sql',
      'application/sparql-query',
      'application/sparql-update',
      'application/toml',
      'application/x-sh',
      'application/jwt',
    ],
    'a stream': [
      'text/event-stream',
      'application/ndjson',
      'application/x-ndjson',
      'application/ld+ndjson',
      'application/vnd.acme+ndjson',
      'application/jsonl',
      'application/x-jsonl',
      'application/jsonlines',
      'application/x-jsonlines',
      'application/json-seq',
    ],
    bytes: [
      'application/octet-stream',
      'application/pdf',
      'application/zip',
      'application/vnd.ms-excel',
      'application/geo+json-seq',
      'application/graphql-upload',
      'application/notyaml',
      'multipart/mixed',
      'image/png',
      'image/xml',
      'audio/mpeg',
      'video/mp4',
      'font/woff2',
      'message/rfc822',
    ],
  };
  for (const [want, contentTypes] of Object.entries(CASES)) {
    for (const contentType of contentTypes) {
      it(`${contentType}: ${want}`, () => {
        assert.deepEqual([declared(contentType), read(contentType)], [want, want]);
      });
    }
  }
});
