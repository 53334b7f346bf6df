import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';

import { systemClock } from '../../runtime/clock.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { callTool, startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';
import { upstreamServer, type UpstreamServer } from '../upstream/upstream-server.js';
import { startProvider } from './a-provider.js';

/** Promise 13 through the whole gateway: what a provider's trouble costs its callers, and that it costs no others. */
describe('a provider in trouble', () => {
  let upstream: UpstreamServer;
  let gateway: TestGateway;
  let apiKey: string;
  let answer: (response: ServerResponse) => void;
  let requests: number;

  beforeEach(async () => {
    requests = 0;
    upstream = await upstreamServer((_, response) => {
      requests += 1;
      answer(response);
    });
    gateway = await startTestGateway({
      TOLLGATE_UPSTREAM_FRANKFURTER: upstream.origin,
      TOLLGATE_UPSTREAM_NOMINATIM: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'frankfurter,nominatim',
    });
    ({ apiKey } = await gateway.account('1'));
  });
  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  const ask = (path: string, args?: Json) => askPlainHttp(gateway.url + path, apiKey, args);
  const call = (endpoint: string, args: Json = {}) => ask(`/v1/call/${endpoint}`, args);
  const balance = async () => (await ask('/v1/balance')).body;

  it('is given a pause after 20 failures in a row, which is told before the hold, and others go on', async () => {
    answer = (response) => response.writeHead(500).end('{}');
    for (let failures = 0; failures < 20; failures += 1) {
      assert.equal((await call('frankfurter/list-currencies')).body.code, 'UPSTREAM_ERROR');
    }
    const { calls } = (await ask('/v1/usage')).body.total as { calls: number };
    const refused = await call('frankfurter/list-currencies');
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.retryable, refused.body.charged],
      [503, 'PROVIDER_UNAVAILABLE', true, '0.000000'],
    );
    assert.equal(refused.headers.get('retry-after'), String(refused.body.retry_after_seconds));
    const described = await ask('/v1/apis/frankfurter/list-currencies');
    assert.match(described.body.unavailable as string, /^the provider fails at the moment/);
    const dry = await call('frankfurter/list-currencies?dry_run=true');
    assert.equal(dry.body.code, 'PROVIDER_UNAVAILABLE');
    assert.equal(requests, 20);
    assert.equal(((await ask('/v1/usage')).body.total as { calls: number }).calls, calls, 'nothing was held');
    assert.deepEqual([(await balance()).held, (await balance()).available], ['0.000000', '1.000000']);
    assert.equal((await call('sandbox/quote-of-the-day')).status, 200);
  });

  it('that answers nothing keeps its own callers waiting and nobody else', async () => {
    const open: ServerResponse[] = [];
    answer = (response) => open.push(response);
    // One place: the provider's settings say `concurrency: 1`.
    const stuck = [1, 2, 3].map(() => call('nominatim/search', { q: 'Berlin', format: 'json' }));
    while (requests < 1) await new Promise(setImmediate);
    for (let calls = 0; calls < 10; calls += 1) assert.equal((await call('sandbox/quote-of-the-day')).status, 200);
    assert.equal(requests, 1, 'the other calls wait for its place');
    answer = (response) => response.setHeader('content-type', 'application/json').end('[{"place_id":1}]');
    answer(open[0]!);
    for (const one of stuck) {
      const { status, body } = await one;
      assert.equal(status, 200, JSON.stringify(body));
    }
    assert.equal((await balance()).held, '0.000000');
  });
});

describe('a call that waits for its place', () => {
  it('is not taken for lost while it may wait, and is sent when it has one', async () => {
    let laterMs = 0;
    const clock = { ...systemClock, nowMs: () => Date.now() + laterMs };
    const limits = 'limits: { concurrency: 1, queueTimeoutMs: 60000 }\n';
    const provider = await startProvider('\n  /things:\n    get: { operationId: list }\n', limits, {
      options: { clock },
    });
    try {
      const open: ServerResponse[] = [];
      provider.answer((_, response) => open.push(response));
      const client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
      const call = () => callTool(client, 'call_api', { endpoint: 'acme/list', fresh: true });
      const { ledger, store } = provider.gateway.running.books;
      const calls = [call(), call()];
      const held = async () => (await store.read.rows("SELECT 1 FROM calls WHERE state = 'held'")).length;
      while (open.length < 1 || (await held()) < 1) await new Promise(setImmediate);
      laterMs = 61_000;
      assert.deepEqual(await ledger.sweep(), { released: 0, unknown: 0, answersDropped: 0 });
      open[0]!.end('first');
      while (open.length < 2) await new Promise(setImmediate);
      open[1]!.end('second');
      for (const { isError, answer } of await Promise.all(calls)) assert.equal(isError, false, JSON.stringify(answer));
    } finally {
      await provider.close();
    }
  });

  it('is told that the provider is busy where it gets none in time, and costs nothing', async () => {
    const limits = 'limits: { concurrency: 1, queueTimeoutMs: 50 }\n';
    const provider = await startProvider('\n  /things:\n    get: { operationId: list }\n', limits);
    try {
      const open: ServerResponse[] = [];
      provider.answer((_, response) => open.push(response));
      const client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
      const call = () => callTool(client, 'call_api', { endpoint: 'acme/list', fresh: true });
      const placed = call();
      while (open.length < 1) await new Promise(setImmediate);
      const { isError, answer } = await call();
      assert.deepEqual(
        [isError, answer.code, answer.message, answer.charged, answer.retry_after_seconds],
        [true, 'PROVIDER_BUSY', 'the provider acme is busy: no place came free within 50 ms', '0.000000', 1],
      );
      open[0]!.end('first');
      assert.equal((await placed).isError, false);
      const usage = await callTool(client, 'get_usage', {});
      const rows = usage.answer.rows as { state: string; reason?: string }[];
      assert.deepEqual(
        rows.map(({ state, reason }) => [state, reason]),
        [
          ['released', 'provider_busy'],
          ['captured', undefined],
        ],
      );
      assert.equal((await callTool(client, 'check_balance', {})).answer.held, '0.000000');
    } finally {
      await provider.close();
    }
  });

  it('does not use up the rate of its provider where it gets none', async () => {
    const nowMs = Date.now();
    const limits = 'limits: { concurrency: 1, ratePerSecond: 1 }\n';
    const provider = await startProvider('\n  /things:\n    get: { operationId: list }\n', limits, {
      options: { clock: { ...systemClock, nowMs: () => nowMs } },
    });
    try {
      const open: ServerResponse[] = [];
      provider.answer((_, response) => open.push(response));
      const { url, running } = provider.gateway;
      const { apiKey } = await provider.gateway.account('1');
      const call = async (signal?: AbortSignal): Promise<number> =>
        (await askPlainHttp(`${url}/v1/call/acme/list?fresh=true`, apiKey, {}, { signal })).status;
      const waiting = async () =>
        (await running.books.store.read.rows("SELECT 1 FROM calls WHERE state = 'held'")).length;
      const placed = call();
      while (open.length < 1) await new Promise(setImmediate);
      const leaving = new AbortController();
      const left = call(leaving.signal);
      while ((await waiting()) < 1) await new Promise(setImmediate);
      leaving.abort();
      await assert.rejects(left);
      while ((await waiting()) > 0) await new Promise(setImmediate);
      open[0]!.end('first');
      assert.equal(await placed, 200);
      provider.answer((_, response) => response.end('second'));
      assert.equal(await call(), 200);
    } finally {
      await provider.close();
    }
  });
});

describe('a call that is refused its hold, or was only tried', () => {
  it("uses up neither a place among the provider's calls nor its rate", async () => {
    const limits = 'limits: { concurrency: 1, queueTimeoutMs: 1000, ratePerSecond: 0.01 }\n';
    const provider = await startProvider('\n  /things:\n    get: { operationId: list }\n', limits);
    try {
      const clientWith = async (credit: string) =>
        provider.gateway.client((await provider.gateway.account(credit)).apiKey);
      const [poor, rich] = [await clientWith('0'), await clientWith('1')];
      for (let refused = 0; refused < 3; refused += 1) {
        const { answer } = await callTool(poor, 'call_api', { endpoint: 'acme/list' });
        assert.equal(answer.code, 'INSUFFICIENT_FUNDS');
      }
      for (let tried = 0; tried < 3; tried += 1) {
        const { answer } = await callTool(rich, 'call_api', { endpoint: 'acme/list', dry_run: true });
        assert.equal(answer.dry_run, true, JSON.stringify(answer));
      }
      const made = await callTool(rich, 'call_api', { endpoint: 'acme/list' });
      assert.equal(made.isError, false, JSON.stringify(made.answer));
      // The rate is no more than this one call for a while.
      const next = await callTool(rich, 'call_api', { endpoint: 'acme/list', fresh: true });
      assert.equal(next.answer.code, 'RATE_LIMITED');
    } finally {
      await provider.close();
    }
  });
});
