/**
 * A caller without an idempotency key whose connection broke asks again, when a new call would be refused: the answer that
 * it has paid for is given all the same.
 */

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';

import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { callTool, type Json } from '../fixtures/test-gateway.js';
import { until } from '../proof/until.js';
import { startProvider, type Provider } from './a-provider.js';

const OPERATIONS = ['slow', 'failing']
  .map(
    (path) => `
  /${path}:
    get:
      operationId: ${path}
      responses: { '200': { description: ok, content: { application/json: { schema: { type: object } } } } }`,
  )
  .join('');

describe('an answer that was lost without a key, where the call after is refused', function () {
  this.timeout(60_000);
  let provider: Provider;
  let apiKey: string;

  beforeEach(async () => {
    provider = await startProvider(
      OPERATIONS,
      "pricing: { default: { model: per_call, amount: '0.01' } }\nlimits: { breakerFailures: 1, retries: 0 }",
    );
    apiKey = (await provider.gateway.account('1')).apiKey;
  });
  afterEach(() => provider.close());

  async function ask(path: string): Promise<Json> {
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
    const init = { method: 'POST', headers, body: '{}' };
    return (await (await fetch(`${provider.gateway.url}/v1/call/acme/${path}`, init)).json()) as Json;
  }

  /** Calls `slow`, and hangs up before its answer comes. @returns what lets it come. */
  async function hangUp(): Promise<() => Promise<void>> {
    let answer!: () => void;
    provider.answer((_, response) => {
      response.setHeader('Content-Type', 'application/json');
      answer = () => response.end('{"paid":true}');
    });
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
    const call = request(`${provider.gateway.url}/v1/call/acme/slow`, { method: 'POST', agent: false, headers });
    call.on('error', () => undefined);
    call.end('{}');
    await until(() => provider.received.length === 1);
    call.destroy();
    const rows = (of: string) => provider.gateway.running.books.store.read.rows(`SELECT 1 FROM ${of}`);
    await until(async () => (await rows('undelivered')).length === 1);
    return async () => {
      answer();
      await until(async () => (await rows("calls WHERE state = 'captured'")).length === 1);
    };
  }

  async function assertGivenOnce(then: string): Promise<void> {
    const { body, charged, replayed } = await ask('slow');
    assert.deepEqual({ body, charged, replayed }, { body: { paid: true }, charged: '0.010000', replayed: true });
    assert.equal((await ask('slow')).code, then);
  }

  it('is given while the provider fails and gets a pause', async () => {
    await (
      await hangUp()
    )();
    provider.answer((_, response) => response.writeHead(500).end());
    assert.equal((await ask('failing')).code, 'UPSTREAM_ERROR');
    await assertGivenOnce('PROVIDER_UNAVAILABLE');
  });

  it('is given after its endpoint is gone from the catalogue', async () => {
    await (
      await hangUp()
    )();
    await provider.gateway.running.gateway.use(await Catalogue.open(join(PACKAGE_ROOT, 'generated')));
    await assertGivenOnce('ENDPOINT_NOT_FOUND');
  });

  it('is given to a caller who would pay less by now, but not to one who wants a call of its own', async () => {
    await (
      await hangUp()
    )();
    const client = await provider.gateway.client(apiKey);
    const cheap = { endpoint: 'acme/slow', arguments: {}, max_price: '0.001' };
    assert.equal((await callTool(client, 'call_api', { ...cheap, fresh: true })).answer.code, 'MAX_PRICE_EXCEEDED');
    assert.equal((await callTool(client, 'call_api', cheap)).answer.charged, '0.010000');
    assert.equal((await callTool(client, 'call_api', cheap)).answer.code, 'MAX_PRICE_EXCEEDED');
  });

  it('is kept for the key that paid for it from one that may not call the provider', async () => {
    await (
      await hangUp()
    )();
    const paying = apiKey;
    const { keys, authenticator } = provider.gateway.running.books;
    const { accountId } = await authenticator.authenticate(paying);
    apiKey = (await keys.create({ accountId, name: 'other', providers: ['sandbox'] })).apiKey.reveal();
    assert.equal((await ask('slow')).code, 'PROVIDER_NOT_ALLOWED');
    apiKey = paying;
    assert.deepEqual((await ask('slow')).body, { paid: true });
  });

  it('is waited for where it is still to come', async () => {
    const answer = await hangUp();
    await provider.gateway.running.gateway.use(await Catalogue.open(join(PACKAGE_ROOT, 'generated')));
    assert.equal((await ask('slow')).code, 'CALL_IN_PROGRESS');
    await answer();
    await assertGivenOnce('ENDPOINT_NOT_FOUND');
  });

  it('is looked for once where the balance is too low: with the hold', async () => {
    apiKey = (await provider.gateway.account('0')).apiKey;
    const { read } = provider.gateway.running.books.store;
    const rows = read.rows.bind(read);
    const looked: string[] = [];
    read.rows = (sql, bindings) => {
      if (sql.includes('FROM undelivered')) looked.push(sql);
      return rows(sql, bindings);
    };
    assert.equal((await ask('slow')).code, 'INSUFFICIENT_FUNDS');
    assert.deepEqual(looked, []);
    assert.equal((await ask('gone')).code, 'ENDPOINT_NOT_FOUND');
    assert.equal(looked.length, 1);
  });
});
