import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { systemClock } from '../../runtime/clock.js';
import { callTool } from '../fixtures/test-gateway.js';
import { startProvider, type Provider } from './a-provider.js';

const PATHS = `
  /things:
    get: { operationId: list }
`;

/** As by another gateway on the same books whose clock is ahead, or after a clock that leapt. */
describe('a call that the sweeper took for lost', () => {
  let provider: Provider;
  let client: Client;
  let laterMs: number;
  let open: ServerResponse[];

  const call = () => callTool(client, 'call_api', { endpoint: 'acme/list', fresh: true });
  const sweep = () => provider.gateway.running.books.ledger.sweep();
  const balance = async () => {
    const { available, held } = (await callTool(client, 'check_balance', {})).answer;
    return [available, held];
  };
  const start = async (limits: string) => {
    laterMs = 0;
    open = [];
    const clock = { ...systemClock, nowMs: () => Date.now() + laterMs };
    provider = await startProvider(PATHS, `limits: ${limits}\n`, { options: { clock } });
    provider.answer((_, response) => open.push(response));
    client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
  };

  afterEach(() => provider.close());

  it('while it waited for its place is not sent when it has one', async () => {
    await start('{ concurrency: 1, queueTimeoutMs: 60000, timeoutMs: 600000 }');
    const { store } = provider.gateway.running.books;
    const held = async () => (await store.read.rows("SELECT 1 FROM calls WHERE state = 'held'")).length;
    const placed = call();
    const waiting = call();
    while (open.length < 1 || (await held()) < 1) await new Promise(setImmediate);
    laterMs = 121_000;
    assert.deepEqual(await sweep(), { released: 1, unknown: 0, answersDropped: 0 });
    provider.answer((_, response) => response.end('sent all the same'));
    open[0]!.end('well');
    assert.equal((await placed).isError, false);
    const { answer } = await waiting;
    assert.deepEqual([answer.code, answer.retryable, answer.charged], ['PROVIDER_BUSY', true, '0.000000']);
    assert.match(answer.message as string, /^the provider acme is busy: request call_[0-9a-f]+ .+ and was not sent$/);
    assert.deepEqual(provider.received, []);
    assert.deepEqual(await balance(), ['0.999000', '0.000000']);
  });

  for (const [name, status] of [
    ['answered', 200],
    ['failed', 404],
  ] as const) {
    it(`before its upstream ${name} is told as it stands in the books: not known, and not charged`, async () => {
      await start('{ timeoutMs: 10000 }');
      const sent = call();
      while (open.length < 1) await new Promise(setImmediate);
      laterMs = 71_000;
      assert.deepEqual(await sweep(), { released: 0, unknown: 1, answersDropped: 0 });
      open[0]!.writeHead(status).end('late');
      const { answer } = await sent;
      assert.deepEqual([answer.code, answer.charged], ['OUTCOME_UNKNOWN', '0.000000']);
      const again = await callTool(client, 'get_usage', { request_id: answer.request_id });
      assert.equal(again.answer.code, 'OUTCOME_UNKNOWN');
      assert.deepEqual(await balance(), ['1.000000', '0.000000']);
    });
  }
});
