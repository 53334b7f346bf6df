import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { callTool } from '../fixtures/test-gateway.js';
import { startProvider, type Provider } from './a-provider.js';

const PATHS = `
  /thing:
    get: { operationId: get }
    head: { operationId: head }
    delete: { operationId: remove }
`;
const JSON_TYPE = 'application/json';
const text = (charset: string) => `text/plain; charset=${charset}`;

/** From the upstream's bytes to what an agent is given. */
describe('an answer on the wire', () => {
  let provider: Provider;
  let client: Client;

  before(async () => {
    provider = await startProvider(PATHS);
    client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
  });

  after(() => provider.close());

  async function answered(operation: string, status: number, headers: OutgoingHttpHeaders, bytes: Uint8Array) {
    provider.answer((_, response) => response.writeHead(status, headers).end(bytes));
    const reply = await callTool(client, 'call_api', { endpoint: `acme/${operation}` });
    assert.equal(reply.isError, false, JSON.stringify(reply.answer));
    assert.equal(reply.answer.charged, '0.001000');
    return reply;
  }

  it("comes with those of the upstream's headers that mean something to a caller, and with no others", async () => {
    const shown = {
      'content-disposition': 'attachment',
      'content-language': 'de',
      etag: '"1"',
      'last-modified': 'Mon, 30 Nov 2026 00:00:00 GMT',
      link: '<https://example.com/2>; rel="next"',
      location: '/thing/1',
      'retry-after': '5',
    };
    const others = { 'content-type': JSON_TYPE, 'set-cookie': 'session=1', server: 'acme', 'x-request-id': '1' };
    const { answer } = await answered('get', 200, { ...shown, ...others }, Buffer.from('{}'));
    assert.deepEqual(answer.headers, shown);
    assert.equal('headers' in (await answered('get', 200, others, Buffer.from('{}'))).answer, false);
  });

  const BODIES: readonly (readonly [name: string, type: string, encoding: string, bytes: Uint8Array, want: unknown])[] =
    [
      ['JSON in UTF-8', JSON_TYPE, 'identity', Buffer.from('{"a":"ü"}'), { a: 'ü' }],
      ['JSON in UTF-16', JSON_TYPE, 'identity', Buffer.from('\ufeff{"a":"ü"}', 'utf16le'), { a: 'ü' }],
      [
        'JSON in Latin-1',
        `${JSON_TYPE}; charset=iso-8859-1`,
        'identity',
        Buffer.from('{"a":"ü"}', 'latin1'),
        { a: 'ü' },
      ],
      ['text in Shift_JIS', text('shift_jis'), 'identity', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), '日本'],
      ['text in KOI8-R', text('koi8-r'), 'identity', Buffer.from([0xc4, 0xc1]), 'да'],
      ['CSV in a charset that nobody names', 'text/csv', 'identity', Buffer.from('ü;ö', 'latin1'), 'ü;ö'],
      ['gzip', JSON_TYPE, 'gzip', gzipSync('{"a":1}'), { a: 1 }],
      ['deflate', JSON_TYPE, 'deflate', deflateSync('{"a":1}'), { a: 1 }],
      ['brotli', JSON_TYPE, 'br', brotliCompressSync('{"a":1}'), { a: 1 }],
      ['gzip of text in Latin-1', text('latin1'), 'gzip', gzipSync(Buffer.from('ü', 'latin1')), 'ü'],
    ];
  for (const [name, type, encoding, bytes, want] of BODIES) {
    it(`is read: ${name}`, async () => {
      const { answer } = await answered('get', 200, { 'content-type': type, 'content-encoding': encoding }, bytes);
      assert.deepEqual(answer.body, want);
    });
  }

  for (const [name, operation, status, headers] of [
    ['an answer to HEAD', 'head', 200, { 'content-type': JSON_TYPE, 'content-length': 5_000 }],
    ['204', 'remove', 204, {}],
    ['200 without a body', 'get', 200, { 'content-type': JSON_TYPE }],
  ] as const) {
    it(`is empty: ${name}`, async () => {
      const { answer, content } = await answered(operation, status, headers, new Uint8Array());
      assert.deepEqual([answer.status, answer.body, content.length], [status, null, 1]);
    });
  }

  const BYTES = Buffer.from(Uint8Array.from({ length: 1_024 }, (_, index) => (index * 31) % 256));
  for (const [type, kind, encoding, bytes] of [
    ['image/png', 'image', 'identity', BYTES],
    ['image/png', 'image', 'gzip', gzipSync(BYTES)],
    ['audio/wav', 'audio', 'identity', BYTES],
    ['application/pdf', 'resource', 'identity', BYTES],
    ['application/octet-stream', 'resource', 'br', brotliCompressSync(BYTES)],
  ] as const) {
    it(`has exact bytes: ${type} (${encoding})`, async () => {
      const { content } = await answered('get', 200, { 'content-type': type, 'content-encoding': encoding }, bytes);
      const block = content.find((item) => item.type === kind) as { data?: string; resource?: { blob: string } };
      assert.ok(Buffer.from(block.data ?? block.resource!.blob, 'base64').equals(BYTES));
    });
  }
});
