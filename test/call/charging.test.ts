import assert from 'node:assert/strict';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { callTool, startTestGateway, type Json, type TestAccount, type TestGateway } from '../fixtures/test-gateway.js';

/** Every way in which an upstream can fail, and what the buyer is told and charged: nothing. */
const FAILURES: readonly (readonly [
  name: string,
  args: Json,
  code: string,
  reason: string,
  status: number | undefined,
])[] = [
  ['a 404', { mode: 'status_404' }, 'UPSTREAM_ERROR', 'upstream_status_404', 404],
  ['a 429', { mode: 'status_429' }, 'UPSTREAM_ERROR', 'upstream_status_429', 429],
  ['a 500', { mode: 'status_500' }, 'UPSTREAM_ERROR', 'upstream_status_500', 500],
  ['a 503', { mode: 'status_503' }, 'UPSTREAM_ERROR', 'upstream_status_503', 503],
  ['a redirect', { mode: 'redirect' }, 'UPSTREAM_ERROR', 'upstream_status_302', 302],
  ['errors inside a 200', { mode: 'errors_in_200' }, 'UPSTREAM_VOIDED', 'voided_by_answer', 200],
  ['a body that is not the JSON it claims', { mode: 'invalid_json' }, 'UPSTREAM_ANSWER_INVALID', 'answer_invalid', 200],
  ['a reset connection', { mode: 'reset' }, 'UPSTREAM_UNREACHABLE', 'upstream_reset', undefined],
  ['a truncated answer', { mode: 'truncated' }, 'UPSTREAM_ANSWER_INVALID', 'upstream_truncated', undefined],
  [
    'an answer over the limit',
    { mode: 'huge', bytes: 3_000_000 },
    'UPSTREAM_ANSWER_TOO_LARGE',
    'upstream_too_large',
    undefined,
  ],
  ['a decompression bomb', { mode: 'bomb' }, 'UPSTREAM_ANSWER_TOO_LARGE', 'upstream_too_large', undefined],
  ['no answer in time', { mode: 'timeout' }, 'UPSTREAM_TIMEOUT', 'upstream_timeout', undefined],
  ['a body that drips beyond the time', { mode: 'slow_body' }, 'UPSTREAM_TIMEOUT', 'upstream_timeout', undefined],
];

describe('what a call costs', () => {
  let gateway: TestGateway;
  let account: TestAccount;
  let client: Client;

  before(async () => {
    gateway = await startTestGateway();
    account = await gateway.account('1');
    client = await gateway.client(account.apiKey);
  });

  after(() => gateway.close());

  const call = (endpoint: string, args: Json, more: Json = {}) =>
    callTool(client, 'call_api', { endpoint, arguments: args, ...more });
  const balance = async () => (await callTool(client, 'check_balance', {})).answer;

  for (const [name, args, code, reason, status] of FAILURES) {
    it(`nothing, on ${name}`, async () => {
      const before = await balance();
      const { isError, answer } = await call('sandbox/fail', args);
      assert.deepEqual([isError, answer.code, answer.charged], [true, code, '0.000000'], JSON.stringify(answer));
      assert.equal(answer.status, status);
      assert.equal(answer.reason, reason);
      assert.equal(answer.receipt, undefined);
      assert.deepEqual(await balance(), before, 'the balance moved, or something is still held');
      const usage = await callTool(client, 'get_usage', {});
      const row = (usage.answer.rows as Json[])[0]!;
      assert.deepEqual([row.request_id, row.state, row.reason], [answer.request_id, 'released', reason]);
    }).timeout(30_000);
  }

  it('keeps the upstream’s status, body and Retry-After in an error', async () => {
    const { answer } = await call('sandbox/fail', { mode: 'status_429' });
    assert.equal(answer.retry_after_seconds, 7);
    assert.equal(answer.retryable, true);
    assert.equal(typeof answer.body, 'object');
  });

  for (const [what, mode, code] of [
    ['was lost', 'reset', 'UPSTREAM_UNREACHABLE'],
    ['is not the JSON it claims', 'invalid_json', 'UPSTREAM_ANSWER_INVALID'],
  ] as const) {
    it(`warns that a write may have happened when its answer ${what}`, async () => {
      const { answer } = await call('sandbox/fail-post', { mode });
      assert.equal(answer.code, code);
      assert.equal(answer.retryable, false);
      assert.match(answer.remedy as string, /may have acted on it/);
    });
  }

  it('is metered from the answer, rounded up once, within its bounds', async () => {
    const chat = async (content: string) =>
      (
        await call('sandbox/complete-chat', {
          body: { model: 'sandbox-parrot', messages: [{ role: 'user', content }] },
        })
      ).answer;
    const long = await chat('word '.repeat(2_000));
    const tokens = ((long.body as Json).usage as { total_tokens: number }).total_tokens;
    assert.equal(long.charged, (tokens * 0.000002).toFixed(6));
    assert.equal(((long.receipt as Json).message as Json).units, String(tokens));
    assert.equal((await chat('hi')).charged, '0.000100');
  });

  for (const [name, endpoint, args, more, code] of [
    ['arguments that do not fit', 'sandbox/get-weather', { town: 'Paris' }, {}, 'INVALID_ARGUMENTS'],
    ['a missing path argument', 'sandbox/get-weather', {}, {}, 'INVALID_ARGUMENTS'],
    ['an endpoint that does not exist', 'sandbox/get-wether', { city: 'Paris' }, {}, 'ENDPOINT_NOT_FOUND'],
    [
      'a price above max_price',
      'sandbox/get-weather',
      { city: 'Paris' },
      { max_price: '0.001999' },
      'MAX_PRICE_EXCEEDED',
    ],
    [
      'a max_price that is no amount',
      'sandbox/get-weather',
      { city: 'Paris' },
      { max_price: 'cheap' },
      'INVALID_REQUEST',
    ],
    ['a quote that is not known', 'sandbox/get-weather', { city: 'Paris' }, { quote_id: 'quote_1' }, 'QUOTE_NOT_VALID'],
    ['a select that is no JMESPath', 'sandbox/get-weather', { city: 'Paris' }, { select: 'a[' }, 'INVALID_SELECT'],
    ['a provider without a credential', 'openai/list-models', {}, {}, 'ENDPOINT_UNAVAILABLE'],
  ] as const) {
    it(`nothing is sent or held on ${name}`, async () => {
      const before = [await balance(), await gateway.served('getWeather')];
      const { isError, answer } = await call(endpoint, args, more);
      assert.deepEqual([isError, answer.code, answer.charged], [true, code, '0.000000'], JSON.stringify(answer));
      assert.deepEqual([await balance(), await gateway.served('getWeather')], before);
    });
  }

  it('names the nearest endpoint for a mistyped one', async () => {
    const { answer } = await call('sandbox/get-wether', {});
    assert.match(answer.remedy as string, /did you mean "sandbox\/get-weather"/);
  });

  it('is refused with the way forward when the funds do not reach', async () => {
    const poor = await gateway.account('0.001');
    const mine = await gateway.client(poor.apiKey);
    const { answer } = await callTool(mine, 'call_api', {
      endpoint: 'sandbox/get-weather',
      arguments: { city: 'Paris' },
    });
    assert.equal(answer.code, 'INSUFFICIENT_FUNDS');
    assert.equal(answer.available, '0.001000');
    assert.match(answer.remedy as string, /top up/);
  });

  it('is what the quote said, and a quote is for its own arguments alone', async () => {
    const quoted = await callTool(client, 'get_pricing', {
      endpoint: 'sandbox/get-weather',
      arguments: { city: 'Cairo' },
    });
    const { quote_id, max_charge } = quoted.answer.quote as { quote_id: string; max_charge: string };
    const paid = await call('sandbox/get-weather', { city: 'Cairo' }, { quote_id });
    assert.equal(paid.answer.charged, max_charge);
    const other = await call('sandbox/get-weather', { city: 'Paris' }, { quote_id });
    assert.equal(other.answer.code, 'QUOTE_NOT_VALID');
  });

  it('is nothing on a dry run, which shows the request without its credential', async () => {
    const before = await balance();
    const { isError, answer } = await call('sandbox/secure-query-key', {}, { dry_run: true });
    assert.equal(isError, false, JSON.stringify(answer));
    assert.equal(answer.dry_run, true);
    assert.equal(answer.url, `${gateway.running.sandbox!.url}/secure/query-key`);
    assert.equal(answer.max_charge, '0.001000');
    assert.deepEqual(await balance(), before);
    assert.equal(await gateway.served('secureQueryKey'), 0);
  });

  it('is refused on a dry run where the call itself would be', async () => {
    const unavailable = await call('openai/list-models', {}, { dry_run: true });
    assert.equal(unavailable.answer.code, 'ENDPOINT_UNAVAILABLE');
    const poor = await gateway.client((await gateway.account('0.001')).apiKey);
    const args = { endpoint: 'sandbox/get-weather', arguments: { city: 'Paris' }, dry_run: true };
    assert.equal((await callTool(poor, 'call_api', args)).answer.code, 'INSUFFICIENT_FUNDS');
  });

  it('select returns a part; the receipt is for the whole', async () => {
    const { answer } = await call('sandbox/get-weather', { city: 'Paris' }, { select: 'coordinates.latitude' });
    assert.equal(answer.body, 48.86);
    const whole = await callTool(client, 'get_usage', { request_id: answer.request_id });
    assert.equal((whole.answer.body as Json).city, 'Paris');
  });
});
