import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';

import { pino } from 'pino';

import { startProvider, type Provider } from '../call/a-provider.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';

/** What an operator sees of a gateway, and that it holds nothing secret. */
describe('a gateway that is watched', () => {
  let gateway: TestGateway;
  let apiKey: string;
  let log: string;
  before(async () => {
    const lines = new PassThrough();
    log = '';
    lines.setEncoding('utf8').on('data', (part: string) => (log += part));
    gateway = await startTestGateway({}, { logger: pino({ level: 'info' }, lines) });
    ({ apiKey } = await gateway.account('1'));
  });
  after(() => gateway.close());

  const post = async (path: string, args: Json) => {
    const { headers, body } = await askPlainHttp(gateway.url + path, apiKey, args);
    return { id: headers.get('x-request-id'), body };
  };
  const lineOf = async (id: string | null): Promise<Json> => {
    for (;;) {
      const line = log.split('\n').find((text) => text.includes(`"http_request":"${id}"`));
      if (line !== undefined) return JSON.parse(line) as Json;
      await new Promise(setImmediate);
    }
  };
  const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();

  it('has a line in its log for each call, with the ids that its answer has, what came of it and what it cost', async () => {
    const { id, body } = await post('/v1/call/sandbox/get-weather', { city: 'berlin' });
    const { http_request, operation, outcome, request_id, charged, endpoint, ms, msg, level } = await lineOf(id);
    assert.deepEqual(
      { http_request, operation, outcome, request_id, charged, endpoint, msg, level },
      {
        http_request: id,
        operation: 'call_api',
        outcome: 'ok',
        request_id: body.request_id,
        charged: body.charged,
        endpoint: 'sandbox/get-weather',
        msg: 'done',
        level: 30,
      },
    );
    assert.equal(typeof ms, 'number');
  });

  it('has one for a call that failed, with the code', async () => {
    const { id, body } = await post('/v1/call/sandbox/fail', { mode: 'status_500' });
    const { outcome, request_id, charged } = await lineOf(id);
    assert.deepEqual([outcome, request_id, charged], ['UPSTREAM_ERROR', body.request_id, '0.000000']);
  });

  it('names the account and the key of a call by their ids, and nobody where nobody had to say who he is', async () => {
    const { accountId, keyId } = await gateway.running.books.authenticator.authenticate(apiKey);
    const called = await lineOf((await post('/v1/call/sandbox/get-weather', { city: 'berlin' })).id);
    assert.deepEqual([called.account, called.key], [accountId, keyId]);
    const refused = await lineOf((await post('/v1/call/sandbox/get-weather', { city: 7 })).id);
    assert.deepEqual([refused.account, refused.key], [accountId, keyId]);
    const priced = await lineOf((await post('/v1/quotes', { endpoint: 'sandbox/get-weather' })).id);
    assert.deepEqual([priced.outcome, priced.account, priced.key], ['ok', undefined, undefined]);
  });

  it('adds up to what was paid, in its log and its metrics: what is answered again cost nothing and says so', async () => {
    const value = async (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await metrics())?.[1] ?? 0);
    const counted = () =>
      Promise.all([
        value('tollgate_charged_usdc_total'),
        value('tollgate_replays_total\\{operation="call_api"\\}'),
        value('tollgate_replays_total\\{operation="get_usage"\\}'),
      ]);
    const before = await counted();
    const path = '/v1/call/sandbox/get-weather?idempotency_key=sum';
    const first = await post(path, { city: 'berlin' });
    const again = await post(path, { city: 'berlin' });
    const usage = `${gateway.url}/v1/usage?request_id=${first.body.request_id as string}`;
    const stored = await askPlainHttp(usage, apiKey);
    assert.equal(stored.body.charged, '0.002000');
    const lines = await Promise.all([first.id, again.id, stored.headers.get('x-request-id')].map(lineOf));
    assert.deepEqual(
      lines.map(({ operation, charged, replayed }) => [operation, charged, replayed]),
      [
        ['call_api', '0.002000', undefined],
        ['call_api', '0.000000', true],
        ['get_usage', '0.000000', true],
      ],
    );
    const after = await counted();
    assert.deepEqual(
      after.map((count, index) => Math.round((count - before[index]!) * 1_000_000)),
      [2_000, 1_000_000, 1_000_000],
    );
  });

  it('keeps keys, arguments and answers out of its log, and what a client calls an endpoint or a tool', async () => {
    const canaries = await Promise.all([
      post('/v1/call/sandbox/get-weather', { city: 'canary-argument' }),
      post('/v1/call/sandbox/echo-get', { text: 'canary-argument' }),
      post('/v1/call/sandbox/canary%20endpoint', {}),
      post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'canary-tool', arguments: {} } }),
      post('/v1/call/sandbox/secure-bearer', { echo_key: true }),
    ]);
    const secured = gateway.running.sandbox!.credential('TOLLGATE_CREDENTIAL_SANDBOX_BEARER')!.reveal();
    for (const { id } of canaries.slice(0, 3)) await lineOf(id);
    await lineOf(canaries[4].id);
    for (const secret of ['canary', apiKey, secured]) assert.ok(!log.includes(secret), secret);
  });

  it('tells the stages of calls apart in its metrics', async () => {
    await post('/v1/call/sandbox/get-weather', { city: 'berlin' });
    const text = await metrics();
    for (const stage of ['authenticate', 'hold', 'upstream', 'settle']) {
      assert.match(text, new RegExp(`^tollgate_call_stage_seconds_count\\{stage="${stage}"\\} [1-9]`, 'm'), stage);
    }
  });

  it('gives each request an id of its own', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await fetch(`${gateway.url}/healthz`)).headers.get('x-request-id')),
    );
    assert.equal(new Set(ids).size, 3);
  });
});

describe('a gateway that charges for an error', () => {
  let provider: Provider;
  let log = '';
  before(async () => {
    const lines = new PassThrough();
    lines.setEncoding('utf8').on('data', (part: string) => (log += part));
    provider = await startProvider('  /x: { get: { operationId: miss } }\n', 'charge: { on: [2xx, 404] }\n', {
      options: { logger: pino({ level: 'info' }, lines) },
    });
  });
  after(() => provider.close());

  it('says that the error is told again, and counts its charge once', async () => {
    const { gateway } = provider;
    const { apiKey } = await gateway.account('1');
    provider.answer((_, response) => response.writeHead(404, { 'content-type': 'application/json' }).end('{}'));
    const call = () => askPlainHttp(`${gateway.url}/v1/call/acme/miss?idempotency_key=k`, apiKey, {});
    const { body: first } = await call();
    const { body: again } = await call();
    assert.deepEqual([first.code, first.charged, first.replayed], ['UPSTREAM_ERROR', '0.001000', undefined]);
    assert.deepEqual(again, { ...first, replayed: true });
    const lines = log
      .split('\n')
      .filter((line) => line.includes('"operation":"call_api"'))
      .map((line) => JSON.parse(line) as Json);
    assert.deepEqual(
      lines.map(({ charged, replayed }) => [charged, replayed]),
      [
        ['0.001000', undefined],
        ['0.000000', true],
      ],
    );
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.match(text, /^tollgate_charged_usdc_total 0\.001$/m);
    assert.match(text, /^tollgate_replays_total\{operation="call_api"\} 1$/m);
  });
});

describe('a gateway with a call under way', () => {
  let provider: Provider;
  before(async () => (provider = await startProvider('  /held: { get: { operationId: hold } }\n')));
  after(() => provider.close());

  it('shows what is under way: calls, holds and their age, the lag of the ledger, answers, connections, breakers', async () => {
    const { gateway } = provider;
    const { apiKey } = await gateway.account('1');
    const arrived = new Promise<ServerResponse>((resolve) => provider.answer((_, response) => resolve(response)));
    const call = askPlainHttp(`${gateway.url}/v1/call/acme/hold`, apiKey, {});
    let text = '';
    const read = async () => (text = await (await fetch(`${gateway.url}/metrics`)).text());
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    // From here on nothing but this test ends the call.
    const answer = await arrived;
    // Whoever waits for the hold's command may be told a moment after it can be read.
    do await read();
    while (value('tollgate_ledger_backlog_commands') !== 0);
    assert.equal(value('tollgate_holds_open'), 1);
    assert.equal(value('tollgate_upstream_calls\\{provider="acme"\\}'), 1);
    assert.ok(value('tollgate_holds_oldest_seconds') >= 0);
    assert.equal(value('tollgate_ledger_lag_seconds'), 0);
    assert.equal(value('tollgate_answer_bytes'), 0);
    assert.ok(value('tollgate_client_connections') >= 1);
    assert.equal(value('tollgate_breaker_state\\{provider="acme"\\}'), 0);
    assert.ok(value('nodejs_eventloop_lag_seconds') >= 0);
    answer.end('{}');
    assert.equal((await call).status, 200);
    await read();
    assert.equal(value('tollgate_holds_open'), 0);
    assert.ok(Number.isNaN(value('tollgate_upstream_calls\\{provider="acme"\\}')));
  });
});
