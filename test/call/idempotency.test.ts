import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { callTool, startTestGateway, type Json, type TestAccount, type TestGateway } from '../fixtures/test-gateway.js';

/** Promise 7, through the whole gateway. */
describe('an idempotency key', () => {
  let gateway: TestGateway;
  let account: TestAccount;
  let client: Client;

  before(async () => {
    gateway = await startTestGateway();
    account = await gateway.account('1');
    client = await gateway.client(account.apiKey);
  });

  after(() => gateway.close());

  const call = (endpoint: string, args: Json, idempotency_key: string, as = client) =>
    callTool(as, 'call_api', { endpoint, arguments: args, idempotency_key });
  const order = { body: { customer: { name: 'Ada Lovelace' }, items: [{ product_id: 'p-001', quantity: 2 }] } };
  const available = async () => (await callTool(client, 'check_balance', {})).answer.available;

  it('with the same input returns the stored answer: one upstream call, one charge', async () => {
    const first = await call('sandbox/create-order', order, 'order-1');
    assert.equal(first.isError, false, JSON.stringify(first.answer));
    const after = await available();
    const again = await call('sandbox/create-order', order, 'order-1');
    assert.equal(again.answer.replayed, true);
    assert.equal(JSON.stringify(again.answer.body), JSON.stringify(first.answer.body));
    assert.deepEqual(again.answer.receipt, first.answer.receipt);
    assert.equal(again.answer.request_id, first.answer.request_id);
    assert.equal(await available(), after);
    assert.equal(await gateway.served('createOrder'), 1);
  });

  it('holds for 50 duplicates at the same moment: one upstream call, one charge, one answer', async () => {
    const before = await gateway.served('getProduct');
    const args = { id: 'p-002' };
    const replies = await Promise.all(Array.from({ length: 50 }, () => call('sandbox/get-product', args, 'fifty')));
    const bodies = new Set(replies.map((reply) => JSON.stringify(reply.answer.body)));
    assert.deepEqual(
      replies.filter((reply) => reply.isError).map((reply) => reply.answer.code),
      [],
    );
    assert.equal(bodies.size, 1);
    assert.equal(new Set(replies.map((reply) => reply.answer.request_id)).size, 1);
    assert.equal(replies.filter((reply) => reply.answer.replayed === false).length, 1);
    assert.equal(await gateway.served('getProduct'), before + 1);
  });

  it('with other input is refused, and says which request had it', async () => {
    const first = await call('sandbox/get-weather', { city: 'Paris' }, 'reused');
    const other = await call('sandbox/get-weather', { city: 'Cairo' }, 'reused');
    assert.deepEqual([other.isError, other.answer.code], [true, 'IDEMPOTENCY_KEY_REUSED']);
    assert.equal(other.answer.request_id, first.answer.request_id);
  });

  it('does not tell apart arguments that mean the same', async () => {
    const first = await call('sandbox/get-weather', { city: 'Paris', units: 'metric' }, 'order-of-keys');
    const again = await call('sandbox/get-weather', { units: 'metric', city: 'Paris' }, 'order-of-keys');
    assert.equal(again.answer.request_id, first.answer.request_id);
  });

  it('of a call that still runs asks for patience, and later returns its answer', async () => {
    const running = call('sandbox/slow', { delay_ms: 2_500 }, 'slow');
    while ((await gateway.served('slow')) === 0) await setImmediate();
    const early = await call('sandbox/slow', { delay_ms: 2_500 }, 'slow');
    assert.deepEqual([early.isError, early.answer.code], [true, 'IDEMPOTENCY_KEY_IN_USE']);
    assert.equal(early.answer.retry_after_seconds, 1);
    assert.equal(early.answer.retryable, true);
    const asked = await callTool(client, 'get_usage', { request_id: early.answer.request_id });
    assert.deepEqual(
      [asked.isError, asked.answer.code, asked.answer.message, asked.answer.retry_after_seconds],
      [true, 'CALL_IN_PROGRESS', `request ${String(early.answer.request_id)} is still running`, 1],
    );
    const first = await running;
    const later = await call('sandbox/slow', { delay_ms: 2_500 }, 'slow');
    assert.deepEqual([later.answer.replayed, later.answer.request_id], [true, first.answer.request_id]);
    assert.equal(await gateway.served('slow'), 1);
  });

  it('replays a failure as it was, without a second upstream call', async () => {
    const first = await call('sandbox/fail', { mode: 'status_500' }, 'failed');
    const before = await gateway.served('fail');
    const again = await call('sandbox/fail', { mode: 'status_500' }, 'failed');
    assert.deepEqual(again.answer, { ...first.answer, replayed: true });
    assert.equal(await gateway.served('fail'), before);
  });

  it('that is no text is refused, for it could not be told from another such', async () => {
    for (const key of ['\ud800', 'order-\udfff']) {
      const refused = await call('sandbox/get-weather', { city: 'Paris' }, key);
      assert.deepEqual([refused.isError, refused.answer.code], [true, 'INVALID_REQUEST']);
      assert.equal(refused.answer.message, 'the idempotency key holds a lone surrogate, which is no Unicode text');
    }
  });

  it('stays unused after a refusal before the hold', async () => {
    const refused = await call('sandbox/get-weather', { town: 'Paris' }, 'refused-first');
    assert.equal(refused.answer.code, 'INVALID_ARGUMENTS');
    const made = await call('sandbox/get-weather', { city: 'Paris' }, 'refused-first');
    assert.equal(made.isError, false, JSON.stringify(made.answer));
  });

  it('belongs to its account: another one’s call with it is another call', async () => {
    const other = await gateway.account('1');
    const theirs = await call(
      'sandbox/get-weather',
      { city: 'Paris' },
      'order-of-keys',
      await gateway.client(other.apiKey),
    );
    assert.equal(theirs.answer.replayed, false);
  });

  it('replays on an empty balance', async () => {
    const poor = await gateway.account('0.002');
    const mine = await gateway.client(poor.apiKey);
    const first = await call('sandbox/get-weather', { city: 'Paris' }, 'last-cent', mine);
    assert.equal(first.answer.balance, '0.000000');
    const again = await call('sandbox/get-weather', { city: 'Paris' }, 'last-cent', mine);
    assert.equal(again.answer.replayed, true);
  });

  for (const [name, more] of [
    ['costs more than the caller would pay now', { max_price: '0.000001' }],
    ['has a quote that is not valid any more', { quote_id: `quote_${'0'.repeat(32)}` }],
    ['is to be tried only', { dry_run: true }],
  ] as const) {
    it(`replays where a new call ${name}`, async () => {
      const input = { endpoint: 'sandbox/get-weather', arguments: { city: 'Paris' }, idempotency_key: name };
      const first = await callTool(client, 'call_api', input);
      const again = await callTool(client, 'call_api', { ...input, ...more });
      assert.deepEqual([again.answer.replayed, again.answer.request_id], [true, first.answer.request_id]);
    });
  }

  it('with input that no call could have is told to be used, before what is wrong with that', async () => {
    await call('sandbox/get-weather', { city: 'Paris' }, 'used');
    const other = await call('sandbox/get-weather', { town: 'Paris' }, 'used');
    assert.equal(other.answer.code, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('is not needed: two calls without one are two calls', async () => {
    const before = await gateway.served('convertCurrency');
    const args = { from: 'EUR', to: 'USD', amount: 1 };
    await callTool(client, 'call_api', { endpoint: 'sandbox/convert-currency', arguments: args });
    await callTool(client, 'call_api', { endpoint: 'sandbox/convert-currency', arguments: args });
    assert.equal(await gateway.served('convertCurrency'), before + 2);
  });
});
