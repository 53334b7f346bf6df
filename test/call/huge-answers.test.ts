import assert from 'node:assert/strict';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { askPlainHttp } from '../fixtures/plain-http.js';
import { callTool, type Json, type TestAccount } from '../fixtures/test-gateway.js';
import { startProvider, type Provider } from './a-provider.js';

const PATHS = `
  /list: { get: { operationId: list } }
  /text: { get: { operationId: text } }
  /file: { get: { operationId: file } }
  /fail: { get: { operationId: fail } }
`;

const LIST = { page: 1, items: Array.from({ length: 20_000 }, (_, id) => ({ id, name: `item ${id}` })) };
const TEXT = 'äöü🙂'.repeat(20_000);
const FILE = Buffer.from(Uint8Array.from({ length: 1_500_000 }, (_, index) => (index * 7) % 256));

/** What an agent is given of an answer that its context does not bear, and how it gets the rest. */
describe('a huge answer', () => {
  let provider: Provider;
  let account: TestAccount;
  let client: Client;

  before(async () => {
    provider = await startProvider(PATHS);
    account = await provider.gateway.account('1');
    client = await provider.gateway.client(account.apiKey);
    provider.answer((request, response) => {
      if (request.url === '/list') response.setHeader('content-type', 'application/json').end(JSON.stringify(LIST));
      else if (request.url === '/text') response.setHeader('content-type', 'text/plain').end(TEXT);
      else if (request.url === '/file') response.setHeader('content-type', 'application/pdf').end(FILE);
      else response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify(LIST));
    });
  });

  after(() => provider.close());

  const call = (operation: string, more: Json = {}) =>
    callTool(client, 'call_api', { endpoint: `acme/${operation}`, ...more });
  const again = (request_id: unknown, more: Json) => callTool(client, 'get_usage', { request_id, ...more });

  it('of JSON is a valid preview of the same shape, charged once, with what it leaves out', async () => {
    const { isError, answer, content } = await call('list');
    assert.equal(isError, false, JSON.stringify(answer));
    const { page, items } = answer.body as typeof LIST;
    assert.equal(page, 1);
    assert.deepEqual(items, LIST.items.slice(0, items.length));
    assert.ok(items.length > 1_000 && items.length < 20_000, String(items.length));
    assert.ok(JSON.stringify(answer.body).length <= 65_536);
    assert.ok(JSON.parse((content[0] as { text: string }).text));
    assert.deepEqual(
      [answer.body_preview, answer.body_bytes, answer.body_cut, answer.charged],
      [
        true,
        JSON.stringify(LIST).length,
        [{ pointer: '/items', kept: items.length, of: 20_000, unit: 'items' }],
        '0.001000',
      ],
    );
    const [note] = answer.warnings as string[];
    assert.match(note!, new RegExp(`select \\(JMESPath, such as "items\\[${items.length}:\\]"\\)`));

    const rest = await again(answer.request_id, { select: `items[${items.length}:]` });
    assert.deepEqual((rest.answer.body as unknown[])[0], LIST.items[items.length]);
    assert.equal(rest.answer.replayed, true);
  });

  it('comes whole in ranges, one after the other, free', async () => {
    const { answer } = await call('list');
    const before = (await callTool(client, 'check_balance', {})).answer.available;
    let text = '';
    for (let range: unknown = '0-'; range !== undefined;) {
      const { answer: part } = await again(answer.request_id, { range });
      assert.equal(part.body_bytes, JSON.stringify(LIST).length);
      text += part.body as string;
      range = part.next_range;
    }
    assert.deepEqual(JSON.parse(text), LIST);
    assert.equal((await callTool(client, 'check_balance', {})).answer.available, before);
  });

  it('of text is its beginning in whole characters, and ranges that never split one', async () => {
    const { answer } = await call('text');
    let text = answer.body as string;
    assert.ok(TEXT.startsWith(text) && text.length > 65_000);
    for (let range: unknown = answer.next_range; range !== undefined;) {
      const { answer: part } = await again(answer.request_id, { range });
      text += part.body as string;
      range = part.next_range;
    }
    assert.equal(text, TEXT);
    const inside = await again(answer.request_id, { range: '1-5' });
    assert.deepEqual([inside.answer.body, inside.answer.body_range], ['öü', '2-5']);
    const short = await again(answer.request_id, { range: '0-2' });
    assert.deepEqual([short.answer.body, short.answer.body_range], ['ä', '0-1']);
  });

  it('of bytes is their beginning under the name of its range, and exact in ranges', async () => {
    const { answer, content } = await call('file');
    const blobOf = (blocks: readonly Json[]) =>
      blocks.find(({ type }) => type === 'resource')!.resource as { uri: string; blob: string };
    const first = blobOf(content);
    assert.equal(first.uri, `tollgate://answers/${String(answer.request_id)}?range=0-65535`);
    assert.deepEqual([answer.body_preview, answer.body_bytes, answer.body_range], [true, 1_500_000, '0-65535']);
    const pieces = [Buffer.from(first.blob, 'base64')];
    for (let range: unknown = answer.next_range; range !== undefined;) {
      const part = await again(answer.request_id, { range: (range as string).replace(/-.*/, '-') });
      pieces.push(Buffer.from(blobOf(part.content).blob, 'base64'));
      range = part.answer.next_range;
    }
    assert.ok(Buffer.concat(pieces).equals(FILE));
    assert.equal(pieces.length, 3);
  });

  it('is a preview too where an expression takes too much of it', async () => {
    const { answer } = await call('list', { select: 'items[].name' });
    assert.equal(answer.body_preview, true);
    assert.ok((answer.body as string[]).length < 20_000);
    const part = await again(answer.request_id, { select: 'items[].name', range: '0-20' });
    assert.equal(part.answer.body, '["item 0","item 1","i');
  });

  it('of an error is a preview', async () => {
    const { answer } = await call('fail');
    assert.deepEqual([answer.code, answer.status, answer.body_preview], ['UPSTREAM_ERROR', 500, true]);
    assert.ok(JSON.stringify(answer.body).length <= 65_536);
  });

  it('comes whole over plain HTTP, as programs have no context to spare', async () => {
    const { url } = provider.gateway;
    const { body: answer } = await askPlainHttp(`${url}/v1/call/acme/list`, account.apiKey, {});
    assert.deepEqual(answer.body, LIST);
    assert.equal(answer.body_preview, undefined);
    const query = new URLSearchParams({ request_id: String(answer.request_id), range: '0-9' });
    const part = await askPlainHttp(`${url}/v1/usage?${query.toString()}`, account.apiKey);
    assert.equal(part.body.body, '{"page":1,');
  });

  for (const [name, more] of [
    ['a range that is none', { range: 'all' }],
    ['a range behind the end', { range: '9999999-' }],
    ['a range from back to front', { range: '9-3' }],
    ['an expression that is none', { select: 'a[' }],
    ['another filter', { range: '0-9', since: '2026-01-01' }],
  ] as const) {
    it(`is refused ${name}`, async () => {
      const { answer } = await call('list');
      const refused = await again(answer.request_id, more);
      assert.equal(refused.isError, true);
      assert.match(refused.answer.code as string, /^INVALID_/);
    });
  }

  it('has no ranges without its id', async () => {
    const { answer } = await callTool(client, 'get_usage', { range: '0-9' });
    assert.equal(answer.code, 'INVALID_REQUEST');
  });
});
