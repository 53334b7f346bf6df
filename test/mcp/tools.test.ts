import assert from 'node:assert/strict';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { TOOLS } from '../../runtime/mcp/toolbox.js';
import { verifyReceipt } from '../../runtime/receipt/verify-receipt.js';
import { callTool, startTestGateway, type Json, type TestAccount, type TestGateway } from '../fixtures/test-gateway.js';

/** Every tool through the official client over real HTTP; the client checks each answer against its declared schema. */
describe('the seven tools', () => {
  let gateway: TestGateway;
  let account: TestAccount;
  let client: Client;

  before(async () => {
    gateway = await startTestGateway();
    account = await gateway.account('1');
    client = await gateway.client(account.apiKey);
  });

  after(() => gateway.close());

  it('are listed by their pinned names, with schemas, in at most 10 KB', async () => {
    const listed = await client.listTools();
    assert.deepEqual(
      listed.tools.map((tool) => tool.name),
      ['browse_apis', 'describe_endpoint', 'get_pricing', 'check_balance', 'call_api', 'get_usage', 'rate_seller'],
    );
    for (const tool of listed.tools) {
      assert.equal(tool.inputSchema.type, 'object', tool.name);
      assert.equal(tool.outputSchema?.type, 'object', tool.name);
    }
    assert.ok(JSON.stringify(listed).length <= 10_000, `${JSON.stringify(listed).length} bytes`);
  });

  it('take the pinned arguments', () => {
    const pinned: Record<string, string[]> = {
      browse_apis: ['query', 'category', 'provider', 'max_price', 'sort', 'limit', 'cursor'],
      describe_endpoint: ['endpoint'],
      get_pricing: ['endpoint', 'arguments'],
      check_balance: [],
      call_api: ['endpoint', 'arguments', 'max_price', 'idempotency_key', 'quote_id', 'select', 'dry_run', 'fresh'],
      get_usage: ['since', 'until', 'group_by', 'request_id', 'select', 'range', 'cursor'],
      rate_seller: ['request_id', 'stars', 'comment'],
    };
    const actual = TOOLS.map((tool) => [tool.name, Object.keys(tool.inputSchema.properties as object)]);
    assert.deepEqual(Object.fromEntries(actual), pinned);
  });

  it('tell a model to reuse an idempotency key on a retry', () => {
    const description = TOOLS.find((tool) => tool.name === 'call_api')!.description;
    assert.match(description, /REUSE THE SAME KEY to retry/);
  });

  it('answer the same as text as in their structured content', async () => {
    const { answer, content } = await callTool(client, 'browse_apis', { query: 'weather' });
    assert.deepEqual(JSON.parse((content[0] as { text: string }).text), answer);
  });

  it('say what to ask for instead where nothing is found', async () => {
    const { isError, answer } = await callTool(client, 'browse_apis', { query: 'who wrote Dune?' });
    assert.deepEqual([isError, answer.total, answer.items], [false, 0, []]);
    assert.match(
      answer.hint as string,
      /^no endpoint is found by a word of this query: say what an API should give or do/,
    );
    const found = await callTool(client, 'browse_apis', { query: 'weather' });
    assert.equal(found.answer.hint, undefined);
  });

  it('browse, describe and quote without an account', async () => {
    const stranger = await gateway.client();
    const found = await callTool(stranger, 'browse_apis', { query: 'current weather of a city', provider: 'sandbox' });
    assert.equal((found.answer.items as Json[])[0]!.endpoint, 'sandbox/get-weather');
    const described = await callTool(stranger, 'describe_endpoint', { endpoint: 'sandbox/get-weather' });
    assert.deepEqual(described.answer.example, { city: 'Paris' });
    const quoted = await callTool(stranger, 'get_pricing', {
      endpoint: 'sandbox/get-weather',
      arguments: { city: 'Tokyo' },
    });
    assert.equal((quoted.answer.quote as Json).max_charge, '0.002000');
  });

  it('ask for an account where money or history is concerned', async () => {
    const stranger = await gateway.client();
    for (const [name, args] of [
      ['check_balance', {}],
      ['call_api', { endpoint: 'sandbox/get-weather', arguments: { city: 'Tokyo' } }],
      ['get_usage', {}],
      ['rate_seller', { request_id: 'call_0', stars: 5 }],
    ] as const) {
      const { isError, answer } = await callTool(stranger, name, args);
      assert.deepEqual([isError, answer.code], [true, 'UNAUTHENTICATED'], name);
    }
  });

  it('describe_endpoint shows price, charging rule, schema and what was observed', async () => {
    const { answer } = await callTool(client, 'describe_endpoint', { endpoint: 'sandbox/complete-chat' });
    assert.deepEqual(answer.price, {
      model: 'per_unit',
      unit: 'token',
      amount: '2.00',
      per: 1000000,
      meter: 'usage.total_tokens',
      min: '0.0001',
      max: '0.02',
      currency: 'USDC',
      max_charge: '0.020000',
    });
    assert.match(answer.charged_when as string, /2xx, unless `errors\[0\]` \(JMESPath\) finds something/);
    assert.equal((answer.arguments as Json).additionalProperties, false);
    assert.equal((answer.observed as Json).calls, 0);
  });

  it('call_api answers the body, the exact charge, the balance and a receipt that verifies', async () => {
    const args = { city: 'Paris', units: 'imperial' };
    const { isError, answer } = await callTool(client, 'call_api', {
      endpoint: 'sandbox/get-weather',
      arguments: args,
    });
    assert.equal(isError, false, JSON.stringify(answer));
    assert.equal(answer.status, 200);
    assert.equal((answer.body as Json).city, 'Paris');
    assert.equal((answer.body as Json).units, 'imperial');
    assert.equal(answer.charged, '0.002000');
    assert.equal(answer.balance, '0.998000');
    assert.equal(answer.replayed, false);
    const { keys } = (await (await fetch(`${gateway.url}/.well-known/tollgate-receipt-keys.json`)).json()) as {
      keys: { address: string; validFrom: number }[];
    };
    const bytes = await fetch(`${gateway.running.sandbox!.url}/weather/Paris?units=imperial`);
    assert.deepEqual(
      verifyReceipt(
        answer.receipt,
        { signers: keys },
        { endpoint: 'sandbox/get-weather', arguments: args, answerBody: new Uint8Array(await bytes.arrayBuffer()) },
      ),
      { valid: true },
    );
  });

  it('check_balance says what is available, held, and how to top up', async () => {
    const other = await gateway.account('2.5');
    const { answer } = await callTool(await gateway.client(other.apiKey), 'check_balance', {});
    assert.deepEqual(answer, {
      available: '2.500000',
      held: '0.000000',
      currency: 'USDC',
      how_to_deposit: `ask this gateway's operator to credit the account: tollgate account credit ${other.accountId} <USDC>`,
    });
  });

  it('get_usage lists calls, groups them, and returns a stored answer with its receipt, free', async () => {
    const other = await gateway.account('1');
    const mine = await gateway.client(other.apiKey);
    const paid = await callTool(mine, 'call_api', { endpoint: 'sandbox/get-product', arguments: { id: 'p-001' } });
    await callTool(mine, 'call_api', { endpoint: 'sandbox/fail', arguments: { mode: 'status_503' } });

    const listed = await callTool(mine, 'get_usage', {});
    assert.deepEqual(listed.answer.total, { calls: 2, failures: 1, charged: '0.001000' });
    const grouped = await callTool(mine, 'get_usage', { group_by: 'provider' });
    assert.equal((grouped.answer.rows as Json[])[0]!.provider, 'sandbox');

    const stored = await callTool(mine, 'get_usage', { request_id: paid.answer.request_id });
    assert.deepEqual(stored.answer.body, paid.answer.body);
    assert.deepEqual(stored.answer.receipt, paid.answer.receipt);
    assert.equal(stored.answer.balance, paid.answer.balance);
  });

  it('rate_seller takes one rating for each paid call, bound to its receipt', async () => {
    const paid = await callTool(client, 'call_api', { endpoint: 'sandbox/get-weather', arguments: { city: 'Tokyo' } });
    const request_id = paid.answer.request_id as string;
    const rated = await callTool(client, 'rate_seller', { request_id, stars: 4, comment: 'fine' });
    assert.equal(rated.answer.seller, 'tollgate');
    assert.deepEqual(rated.answer.rating, { average: 4, count: 1 });
    const twice = await callTool(client, 'rate_seller', { request_id, stars: 1 });
    assert.deepEqual([twice.isError, twice.answer.code], [true, 'NOT_RATEABLE']);
    const failed = await callTool(client, 'call_api', { endpoint: 'sandbox/fail', arguments: { mode: 'status_500' } });
    const unpaid = await callTool(client, 'rate_seller', { request_id: failed.answer.request_id, stars: 1 });
    assert.deepEqual([unpaid.isError, unpaid.answer.code], [true, 'NOT_RATEABLE']);
    const browsed = await callTool(client, 'browse_apis', { provider: 'sandbox', sort: 'rating' });
    assert.deepEqual((browsed.answer.items as Json[])[0]!.rating, { average: 4, count: 1 });
  });

  it('refuse input that their schema does not allow, naming it', async () => {
    const { isError, answer } = await callTool(client, 'browse_apis', { limit: 51 });
    assert.equal(isError, true);
    assert.equal(answer.code, 'INVALID_REQUEST');
    const outside = await callTool(client, 'call_api', { endpoint: 'sandbox/get-weather', city: 'Paris' });
    assert.equal(outside.answer.message, 'call_api: /city is no argument of call_api');
    assert.match(outside.answer.remedy as string, /the endpoint's own arguments go inside "arguments"/);
  });

  const WRONG: readonly (readonly [tool: string, input: Json, message: string, remedy: string])[] = [
    [
      'browse_apis',
      { sort: 'cheapest' },
      '/sort must be one of "relevance", "price", "rating", "popularity", "latency", but is "cheapest"',
      'send one of those, or leave it out',
    ],
    ['browse_apis', { limit: 500 }, '/limit must be <= 50, but is 500', 'send a whole number from 1 to 50'],
    ['browse_apis', { limit: '5' }, '/limit must be integer, but is "5"', 'write it as a number, without quotes: 5'],
    ['browse_apis', { limit: 'all' }, '/limit must be integer, but is "all"', 'send a whole number from 1 to 50'],
    ['browse_apis', { max_price: 0.001 }, '/max_price must be string, but is 0.001', 'write it as a text: "0.001"'],
    ['browse_apis', { query: ['a'] }, '/query must be string, but is an array', 'send a text'],
    [
      'call_api',
      { endpoint: 'a/b', dry_run: 'yes' },
      '/dry_run must be boolean, but is "yes"',
      'send true or false, without quotes',
    ],
    [
      'call_api',
      { endpoint: 'a/b', arguments: '{"city":"Paris"}' },
      '/arguments must be object, but is a text',
      'send an object itself, such as {"name": "value"}, not its JSON as a text',
    ],
    [
      'call_api',
      { endpoint: 'a/b', arguments: 7 },
      '/arguments must be object, but is 7',
      'send an object, such as {"name": "value"}',
    ],
    [
      'call_api',
      { endpoint: 'a/b', idempotency_key: '' },
      '/idempotency_key must NOT have fewer than 1 characters',
      'send at least 1 character, or leave it out',
    ],
    ['rate_seller', { request_id: 'r', stars: 9 }, '/stars must be <= 5, but is 9', 'send a whole number from 1 to 5'],
    [
      'get_usage',
      { cursor: 'x'.repeat(201) },
      `/cursor must NOT have more than 200 characters, but is "${'x'.repeat(60)}…"`,
      'send at most 200 characters',
    ],
    ['describe_endpoint', {}, '/endpoint is missing', 'describe_endpoint takes endpoint'],
  ];
  for (const [tool, input, message, remedy] of WRONG) {
    it(`name what is wrong with ${JSON.stringify(input).slice(0, 60)}, and what to write instead`, async () => {
      const { answer } = await callTool(client, tool, input);
      assert.deepEqual([answer.message, answer.remedy], [`${tool}: ${message}`, remedy]);
    });
  }

  it('say what a range of bytes looks like, where it is none', async () => {
    const paid = await callTool(client, 'call_api', { endpoint: 'sandbox/get-weather', arguments: { city: 'Tokyo' } });
    const { answer } = await callTool(client, 'get_usage', { request_id: paid.answer.request_id, range: 'foo' });
    assert.equal(
      answer.message,
      'range "foo" is no range of bytes: their first and last numbers, counted from 0, with a hyphen between them',
    );
    assert.match(answer.remedy as string, /^write it as first-last, such as "0-\d+"$/);
    const beyond = await callTool(client, 'get_usage', { request_id: paid.answer.request_id, range: '999999-' });
    assert.match(
      beyond.answer.message as string,
      /^range "999999-" has nothing of the \d+ bytes of this answer in it$/,
    );
  });

  it('carry images, audio and other bytes exactly, each as the fitting content', async () => {
    for (const [endpoint, path, type, mimeType] of [
      ['sandbox/get-logo', '/logo.png', 'image', 'image/png'],
      ['sandbox/get-tone', '/tone.wav', 'audio', 'audio/wav'],
      ['sandbox/get-document', '/document.pdf', 'resource', 'application/pdf'],
    ] as const) {
      const { answer, content } = await callTool(client, 'call_api', { endpoint, arguments: {} });
      const block = content[1]! as {
        type: string;
        data?: string;
        mimeType?: string;
        resource?: { blob: string; mimeType: string };
      };
      const exact = Buffer.from(await (await fetch(`${gateway.running.sandbox!.url}${path}`)).arrayBuffer());
      assert.equal(answer.body, null, endpoint);
      assert.equal(block.type, type, endpoint);
      assert.equal(block.mimeType ?? block.resource?.mimeType, mimeType, endpoint);
      assert.ok(exact.equals(Buffer.from(block.data ?? block.resource!.blob, 'base64')), `${endpoint}: other bytes`);
    }
  });

  it('answer text as text', async () => {
    const { answer } = await callTool(client, 'call_api', { endpoint: 'sandbox/quote-of-the-day', arguments: {} });
    assert.equal(typeof answer.body, 'string');
    assert.equal(answer.charged, '0.000000');
  });
});
