import assert from 'node:assert/strict';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { callTool, type Json } from '../fixtures/test-gateway.js';
import { startProvider, type Provider } from './a-provider.js';

const PATHS = `
  /things:
    get: { operationId: read, security: [{ key: [] }] }
    post: { operationId: make, security: [{ key: [] }] }
`;

describe('a provider with several keys that limits one of them', () => {
  let provider: Provider;
  let client: Client;

  beforeEach(async () => {
    provider = await startProvider(PATHS, '', {
      securitySchemes: '{ key: { type: apiKey, in: query, name: key } }',
      environment: { TOLLGATE_CREDENTIAL_ACME_KEY_1: 'first-key', TOLLGATE_CREDENTIAL_ACME_KEY_2: 'second-key' },
    });
    client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
  });

  afterEach(() => provider.close());

  const make = () => callTool(client, 'call_api', { endpoint: 'acme/make' });
  const read = () => callTool(client, 'call_api', { endpoint: 'acme/read' });
  const charged = async () => ((await callTool(client, 'get_usage', {})).answer.total as Json).charged;
  /** Answers 429 to these keys, and asks them to wait for an hour. */
  const limit = (...keys: readonly string[]) =>
    provider.answer((request, response) => {
      const isLimited = keys.some((key) => request.url!.endsWith(key));
      if (isLimited) response.writeHead(429, { 'retry-after': '3600' }).end();
      else response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });

  it('is asked again at once with the next one, also to make something, and paid once', async () => {
    limit('first-key');
    const { isError, answer } = await make();
    assert.equal(isError, false, JSON.stringify(answer));
    assert.deepEqual(answer.body, { ok: true });
    assert.deepEqual(provider.received, ['POST /things?key=first-key', 'POST /things?key=second-key']);
    assert.equal(await charged(), '0.001000');
  });

  it('is not asked with the limited one until its time is over', async () => {
    limit('first-key');
    for (let count = 0; count < 3; count += 1) assert.equal((await make()).isError, false);
    assert.deepEqual(provider.received.slice(2), ['POST /things?key=second-key', 'POST /things?key=second-key']);
  });

  it('is not asked at all where all of them are limited, which is told before the hold and costs nothing', async () => {
    limit('first-key', 'second-key');
    const last = await make();
    assert.deepEqual([last.answer.code, last.answer.status], ['UPSTREAM_ERROR', 429]);
    assert.equal(provider.received.length, 2);
    const { answer } = await make();
    assert.deepEqual([answer.code, answer.retryable, answer.charged], ['PROVIDER_BUSY', true, '0.000000']);
    assert.ok((answer.retry_after_seconds as number) > 3_000);
    assert.equal(provider.received.length, 2);
    assert.equal(await charged(), '0.000000');
  });

  it('is asked with the next one also where the limited one would be good again at once', async () => {
    provider.answer((request, response) => {
      if (request.url!.endsWith('first-key')) response.writeHead(429, { 'retry-after': '0' }).end();
      else response.end('well');
    });
    assert.equal((await read()).isError, false);
    assert.deepEqual(provider.received, ['GET /things?key=first-key', 'GET /things?key=second-key']);
  });

  it('is not asked again after 403 to make something, for it may have been made', async () => {
    provider.answer((request, response) => {
      if (request.url!.endsWith('first-key')) response.writeHead(403).end();
      else response.end('well');
    });
    const refused = await make();
    assert.deepEqual([refused.answer.code, refused.answer.status], ['UPSTREAM_ERROR', 403]);
    assert.deepEqual(provider.received, ['POST /things?key=first-key']);
  });
});
