import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';

import SwaggerParser from '@apidevtools/swagger-parser';
import { recoverAddress, TypedDataEncoder } from 'ethers';

import type { Receipt } from '../../runtime/receipt/receipt.js';
import { verifyReceipt } from '../../runtime/receipt/verify-receipt.js';
import type { TrustedSigner } from '../../runtime/receipt/verify-signature.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

interface Schema {
  readonly properties: Json;
}

interface Content {
  readonly content: { readonly 'application/json': { readonly schema: Schema } };
}

/** Of a JSON-RPC response. */
function rpcError(body: Json): { readonly code: number; readonly message: string; readonly data?: Json } {
  return body.error as ReturnType<typeof rpcError>;
}

describe('the plain-HTTP face', () => {
  let gateway: TestGateway;
  let apiKey: string;
  before(async () => {
    gateway = await startTestGateway();
    ({ apiKey } = await gateway.account('1'));
  });
  after(() => gateway.close());

  async function ask(path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(gateway.url + path, init);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  }

  /** With the account's key; a value is sent as JSON. */
  const asked = (path: string, init: RequestInit = {}) =>
    ask(path, { ...init, headers: { Authorization: `Bearer ${apiKey}`, ...(init.headers as Record<string, string>) } });
  const posted = (path: string, value: unknown, headers: Record<string, string> = {}) =>
    asked(path, {
      method: 'POST',
      body: JSON.stringify(value),
      headers: { 'Content-Type': 'application/json', ...headers },
    });
  const call = (path: string, value: unknown, headers?: Record<string, string>) =>
    posted(`/v1/call/sandbox/${path}`, value, headers);

  describe('for anyone', () => {
    it('finds endpoints by a query', async () => {
      const { status, body } = await ask('/v1/apis?query=weather%20forecast&limit=2&sort=price&max_price=1');
      assert.equal(status, 200);
      assert.equal((body.items as Json[]).length, 2);
      assert.equal(typeof body.next_cursor, 'string');
    });

    for (const path of ['/v1/apis/sandbox/get-weather', '/v1/apis/sandbox%2Fget-weather']) {
      it(`describes an endpoint at ${path}`, async () => {
        const { status, body } = await ask(path);
        assert.deepEqual([status, body.endpoint], [200, 'sandbox/get-weather']);
      });
    }

    it('quotes a call', async () => {
      const value = { endpoint: 'sandbox/get-weather', arguments: { city: 'berlin' } };
      const response = await ask('/v1/quotes', {
        method: 'POST',
        body: JSON.stringify(value),
        headers: { 'Content-Type': 'application/json' },
      });
      assert.equal(response.status, 200);
      assert.match((response.body.quote as Json).quote_id as string, /^quote_/);
    });

    it('says what it is', async () => {
      const { body } = await ask('/');
      assert.deepEqual([body.name, body.mcp, body.http], ['tollgate', '/mcp', '/openapi.json']);
    });

    it('describes itself with the address that it listens on', async () => {
      const { body } = await ask('/openapi.json');
      assert.deepEqual(body.servers, [{ url: gateway.url }]);
      await SwaggerParser.validate(body as never);
    });

    it('publishes the keys that sign receipts, and lets them be cached', async () => {
      const { body, headers } = await ask('/.well-known/tollgate-receipt-keys.json');
      const [key] = body.keys as TrustedSigner[];
      assert.match(key!.address, /^0x[0-9a-fA-F]{40}$/);
      assert.equal(headers.get('cache-control'), 'public, max-age=300');
    });

    it('is alive and ready', async () => {
      assert.deepEqual((await ask('/healthz')).body, { status: 'ok' });
      const ready = await ask('/readyz');
      assert.deepEqual([ready.status, ready.body], [200, { status: 'ready', problems: [] }]);
    });

    it('answers HEAD like GET, without a body', async () => {
      const response = await fetch(`${gateway.url}/healthz`, { method: 'HEAD' });
      assert.deepEqual([response.status, await response.text()], [200, '']);
    });

    it('lets no answer be cached or taken for another type', async () => {
      for (const path of ['/v1/apis', '/nothing']) {
        const { headers } = await ask(path);
        assert.equal(headers.get('cache-control'), 'no-store');
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.match(headers.get('content-type')!, /^application\/json/);
      }
    });
  });

  describe('with a key', () => {
    it('calls, charges, shows the receipt again and counts the call', async () => {
      const before = (await asked('/v1/balance')).body;
      const called = await call('get-weather', { city: 'berlin' });
      assert.equal(called.status, 200);
      const {
        charged,
        request_id: requestId,
        receipt,
        balance,
      } = called.body as Record<string, string> & { receipt: Receipt };
      assert.ok(Number(charged) > 0);
      const after = (await asked('/v1/balance')).body;
      assert.equal(after.available, balance);
      assert.equal((Number(before.available) - Number(charged)).toFixed(6), after.available);

      const again = await asked(`/v1/receipts/${receipt.message.receiptId}`);
      assert.deepEqual([again.status, again.body], [200, receipt]);
      assert.deepEqual((await asked(`/v1/receipts/${requestId}`)).body, receipt);
      const keys = (await ask('/.well-known/tollgate-receipt-keys.json')).body.keys as TrustedSigner[];
      const about = { endpoint: 'sandbox/get-weather', arguments: { city: 'berlin' } };
      assert.deepEqual(verifyReceipt(again.body, { signers: keys }, about), { valid: true });

      const usage = await asked('/v1/usage?group_by=endpoint');
      assert.equal((usage.body.rows as Json[])[0]!.endpoint, 'sandbox/get-weather');
      const stored = await asked(`/v1/usage?request_id=${requestId}`);
      assert.deepEqual([stored.body.body, stored.body.replayed], [called.body.body, true]);

      const rated = await posted('/v1/ratings', { request_id: requestId, stars: 4 });
      assert.deepEqual((rated.body.rating as Json).count, 1);
    });

    it('takes the idempotency key from its header', async () => {
      const first = await call('get-weather', { city: 'berlin' }, { 'Idempotency-Key': 'plain-1' });
      const second = await call('get-weather', { city: 'berlin' }, { 'Idempotency-Key': 'plain-1' });
      assert.deepEqual([first.body.replayed, second.body.replayed], [false, true]);
      assert.equal(second.body.request_id, first.body.request_id);
      const other = await call('get-weather', { city: 'paris' }, { 'Idempotency-Key': 'plain-1' });
      assert.deepEqual([other.status, other.body.code], [422, 'IDEMPOTENCY_KEY_REUSED']);
    });

    it('takes a header of UTF-8 for the same key as that text in the query, and another one as its bytes', async () => {
      // fetch sends each character as one byte.
      const inBytes = Buffer.from('Köln-1', 'utf8').toString('latin1');
      const first = await call('get-weather', { city: 'berlin' }, { 'Idempotency-Key': inBytes });
      const second = await call(`get-weather?idempotency_key=${encodeURIComponent('Köln-1')}`, { city: 'berlin' });
      assert.deepEqual([second.body.replayed, second.body.request_id], [true, first.body.request_id]);
      const latin1 = await call('get-weather', { city: 'berlin' }, { 'Idempotency-Key': 'Köln-2' });
      const again = await call('get-weather', { city: 'berlin' }, { 'Idempotency-Key': 'Köln-2' });
      assert.deepEqual([latin1.body.replayed, again.body.replayed], [false, true]);
    });

    it('takes no call with two idempotency keys, one in the header and another in the query', async () => {
      const served = await gateway.served('getWeather');
      const refused = await call(
        'get-weather?idempotency_key=order-1',
        { city: 'berlin' },
        { 'Idempotency-Key': 'attempt-1' },
      );
      assert.deepEqual([refused.status, refused.body.code], [400, 'INVALID_REQUEST']);
      assert.equal(await gateway.served('getWeather'), served);
      const alike = { 'Idempotency-Key': 'order-1' };
      const taken = await call('get-weather?idempotency_key=order-1', { city: 'berlin' }, alike);
      assert.deepEqual([taken.status, taken.body.replayed], [200, false]);
    });

    it('takes the options of a call from the query', async () => {
      const selected = await call('get-weather?select=city', { city: 'berlin' });
      assert.equal(typeof selected.body.body, 'string');
      const dear = await call('get-weather?max_price=0.000001', { city: 'berlin' });
      assert.deepEqual([dear.status, dear.body.code], [402, 'MAX_PRICE_EXCEEDED']);
    });

    it('sends nothing at a dry run, and takes no misspelt one for a call', async () => {
      const served = await gateway.served('getWeather');
      const dry = await call('get-weather?dry_run=true', { city: 'berlin' });
      assert.deepEqual([dry.status, dry.body.dry_run, dry.body.method], [200, true, 'GET']);
      for (const spelling of ['1', 'yes', 'TRUE', '', 'true&dry_run=true']) {
        const refused = await call(`get-weather?dry_run=${spelling}`, { city: 'berlin' });
        assert.deepEqual([refused.status, refused.body.code], [400, 'INVALID_REQUEST'], spelling);
      }
      assert.equal(await gateway.served('getWeather'), served);
      assert.equal((await call('get-weather?dry_run=false', { city: 'berlin' })).body.dry_run, undefined);
    });

    it('lets neither the query nor the body name another endpoint than the path', async () => {
      const answered = await call('get-weather?endpoint=sandbox/get-logo&dry_run=true', { city: 'berlin' });
      assert.match(answered.body.url as string, /\/weather\/berlin/);
    });

    it('carries bytes as base64', async () => {
      const { body } = await call('get-logo', {});
      assert.equal(body.content_type, 'image/png');
      assert.equal(
        Buffer.from(body.body_base64 as string, 'base64')
          .subarray(1, 4)
          .toString(),
        'PNG',
      );
    });

    it('publishes all that a program needs which verifies receipts without this package', async () => {
      const { receipt } = (await call('get-weather', { city: 'berlin' })).body as unknown as { receipt: Receipt };
      const { keys, eip712 } = (await ask('/.well-known/tollgate-receipt-keys.json')).body as unknown as {
        readonly keys: readonly TrustedSigner[];
        readonly eip712: { readonly domain: object; readonly types: Record<string, { name: string; type: string }[]> };
      };
      const digest = TypedDataEncoder.hash(eip712.domain, { Receipt: eip712.types.Receipt! }, receipt.message);
      assert.equal(digest, receipt.digest);
      assert.equal(recoverAddress(digest, receipt.signature), keys[0]!.address);
      assert.equal(
        eip712.types.Statement!.map(({ name, type }) => `${type} ${name}`).join(','),
        'string account,uint64 since,uint64 until,uint64 openingMicroUsdc,uint64 depositedMicroUsdc,' +
          'uint64 chargedMicroUsdc,uint64 closingMicroUsdc,bytes32 depositsDigest,uint64 openingNumber,' +
          'bytes32 openingDigest,uint64 closingNumber,bytes32 closingDigest,uint64 issuedAt',
      );
      const { components } = (await ask('/openapi.json')).body as unknown as {
        readonly components: { readonly schemas: { readonly Receipt: { properties: { message: Schema } } } };
      };
      const described = components.schemas.Receipt.properties.message.properties;
      assert.deepEqual(Object.keys(described), Object.keys(receipt.message));
    });

    it('answers calls, the same again and errors by members that its own document names', async () => {
      const { body: logo } = await call('get-logo', {});
      const stored = await asked(`/v1/usage?request_id=${logo.request_id as string}&range=0-9`);
      const failed = await call('fail', { mode: 'status_429' });
      const refused = await call('get-weather', {});
      const { paths, components } = (await ask('/openapi.json')).body as unknown as {
        readonly paths: Record<string, Record<string, { responses: { 200: Content } }>>;
        readonly components: { readonly schemas: { readonly Error: Schema } };
      };
      const answerTo = (path: string, method: string) =>
        Object.keys(paths[path]![method]!.responses[200].content['application/json'].schema.properties);
      const unnamed = (body: Json, names: readonly string[]) =>
        Object.keys(body).filter((name) => !names.includes(name));

      assert.deepEqual(unnamed(logo, answerTo('/v1/call/{provider}/{operation}', 'post')), []);
      assert.deepEqual(unnamed(stored.body, answerTo('/v1/usage', 'get')), []);
      assert.equal(stored.body.body_base64, 'iVBORw0KGgoAAA==');
      const ofErrors = Object.keys(components.schemas.Error.properties);
      assert.deepEqual([unnamed(failed.body, ofErrors), unnamed(refused.body, ofErrors)], [[], []]);
    });

    it('takes a call without a body as one without arguments', async () => {
      const answered = await asked('/v1/call/sandbox/quote-of-the-day', { method: 'POST' });
      assert.equal(answered.status, 200);
    });
  });

  describe('says what is wrong, with a status and a structured error', () => {
    const PROBLEMS: readonly (readonly [name: string, send: () => Promise<Reply>, status: number, code: string])[] = [
      ['no key', () => ask('/v1/balance'), 401, 'UNAUTHENTICATED'],
      [
        'a key of another scheme',
        () => ask('/v1/balance', { headers: { Authorization: `Basic ${apiKey}` } }),
        401,
        'UNAUTHENTICATED',
      ],
      [
        'a key that is none',
        () => ask('/v1/balance', { headers: { Authorization: 'Bearer x' } }),
        401,
        'UNAUTHENTICATED',
      ],
      ['a call without a key', () => ask('/v1/call/sandbox/get-weather', { method: 'POST' }), 401, 'UNAUTHENTICATED'],
      ['an unknown endpoint', () => ask('/v1/apis/sandbox/get-wether'), 404, 'ENDPOINT_NOT_FOUND'],
      ['a call of an unknown endpoint', () => call('get-wether', {}), 404, 'ENDPOINT_NOT_FOUND'],
      ['arguments that do not fit', () => call('get-weather', { town: 'berlin' }), 400, 'INVALID_ARGUMENTS'],
      ['a select that is none', () => call('get-weather?select=[', { city: 'berlin' }), 400, 'INVALID_SELECT'],
      [
        'an option that does not exist',
        () => call('get-weather?verbose=1', { city: 'berlin' }),
        400,
        'INVALID_REQUEST',
      ],
      ['a parameter twice', () => ask('/v1/apis?query=a&query=b'), 400, 'INVALID_REQUEST'],
      ['a limit that is no number', () => ask('/v1/apis?limit=many'), 400, 'INVALID_REQUEST'],
      ['a limit of nothing', () => ask('/v1/apis?limit=0'), 400, 'INVALID_REQUEST'],
      ['a limit too high', () => ask('/v1/apis?limit=51'), 400, 'INVALID_REQUEST'],
      ['a sort that does not exist', () => ask('/v1/apis?sort=best'), 400, 'INVALID_REQUEST'],
      ["another query's cursor", () => ask('/v1/apis?cursor=AAAA'), 400, 'INVALID_REQUEST'],
      ['an unknown provider', () => ask('/v1/apis?provider=nobody'), 400, 'INVALID_REQUEST'],
      ['a day that is none', () => asked('/v1/usage?until=2026-02-30'), 400, 'INVALID_REQUEST'],
      ['a time that is none', () => asked('/v1/usage?since=yesterday'), 400, 'INVALID_REQUEST'],
      ['six stars', () => posted('/v1/ratings', { request_id: 'call_1', stars: 6 }), 400, 'INVALID_REQUEST'],
      [
        "a rating of nobody's call",
        () => posted('/v1/ratings', { request_id: 'call_1', stars: 5 }),
        404,
        'REQUEST_NOT_FOUND',
      ],
      ["nobody's receipt", () => asked('/v1/receipts/rcpt_1'), 404, 'REQUEST_NOT_FOUND'],
      ["nobody's request", () => asked('/v1/usage?request_id=call_1'), 404, 'REQUEST_NOT_FOUND'],
      ['a list for arguments', () => call('get-weather', []), 400, 'INVALID_REQUEST'],
      ['null for arguments', () => call('get-weather', null), 400, 'INVALID_REQUEST'],
      [
        'JSON that is cut off',
        () =>
          asked('/v1/call/sandbox/get-weather', {
            method: 'POST',
            body: '{"city":',
            headers: { 'Content-Type': 'application/json' },
          }),
        400,
        'INVALID_REQUEST',
      ],
      [
        'a form',
        () => asked('/v1/call/sandbox/get-weather', { method: 'POST', body: new URLSearchParams({ city: 'berlin' }) }),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      ['a body too large', () => call('get-weather', { city: 'x'.repeat(1_100_000) }), 413, 'REQUEST_TOO_LARGE'],
      [
        'an idempotency key too long',
        () => call('get-weather', { city: 'berlin' }, { 'Idempotency-Key': 'x'.repeat(256) }),
        400,
        'INVALID_REQUEST',
      ],
      [
        'an idempotency key of nothing',
        () => call('get-weather', { city: 'berlin' }, { 'Idempotency-Key': '' }),
        400,
        'INVALID_REQUEST',
      ],
      ['a path that does not exist', () => ask('/v2/apis'), 404, 'ROUTE_NOT_FOUND'],
      ['a path that is badly escaped', () => ask('/v1/apis/%E0%A4%A'), 404, 'ENDPOINT_NOT_FOUND'],
      ['an upstream that fails', () => call('fail', { mode: 'status_500' }), 502, 'UPSTREAM_ERROR'],
    ];
    for (const [name, send, status, code] of PROBLEMS) {
      it(`${code} and ${status} for ${name}`, async () => {
        const reply = await send();
        assert.deepEqual([reply.status, reply.body.code], [status, code], JSON.stringify(reply.body));
        for (const field of ['message', 'remedy', 'charged']) assert.equal(typeof reply.body[field], 'string');
        assert.equal(typeof reply.body.retryable, 'boolean');
        assert.equal(reply.body.charged, '0.000000');
      });
    }

    it('refuses arguments of 100,000 levels as arguments, and lives on', async () => {
      const nested = `{"city":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
      const reply = await asked('/v1/call/sandbox/get-weather', {
        method: 'POST',
        body: nested,
        headers: { 'Content-Type': 'application/json' },
      });
      assert.deepEqual([reply.status, reply.body.code], [400, 'INVALID_ARGUMENTS']);
      assert.equal(reply.body.message, 'the arguments are nested deeper than 100 levels');
    });

    it('reads no more of a body that is too large: the connection ends', async () => {
      const { headers } = await call('get-weather', { city: 'x'.repeat(1_100_000) });
      assert.equal(headers.get('connection'), 'close');
      assert.equal((await call('get-weather', { city: 'berlin' })).headers.get('connection'), 'keep-alive');
    });

    it('asks for a bearer key by WWW-Authenticate', async () => {
      const { headers } = await ask('/v1/balance');
      assert.equal(headers.get('www-authenticate'), 'Bearer realm="tollgate"');
    });

    it("passes the upstream's Retry-After on", async () => {
      const { status, headers, body } = await call('fail', { mode: 'status_429' });
      assert.deepEqual([status, headers.get('retry-after'), body.status, body.retryable], [502, '7', 429, true]);
    });

    const METHODS: readonly (readonly [method: string, path: string, allow: string])[] = [
      ['GET', '/mcp', 'POST'],
      ['DELETE', '/mcp', 'POST'],
      ['DELETE', '/v1/apis', 'HEAD, GET'],
      ['GET', '/v1/call/sandbox/get-weather', 'POST'],
      ['PURGE', '/v1/balance', 'HEAD, GET'],
    ];
    for (const [method, path, allow] of METHODS) {
      it(`405 for ${method} ${path}, with what it takes in Allow`, async () => {
        const { status, headers, body } = await ask(path, { method });
        assert.deepEqual([status, body.code, headers.get('allow')], [405, 'METHOD_NOT_ALLOWED', allow]);
        assert.equal(body.message, `${path} does not take ${method}, only ${allow}`);
      });
    }
  });

  describe('is for its own address alone', () => {
    /** A request with headers that fetch does not let one set. */
    function statusOf(headers: Record<string, string>): Promise<readonly [status: number, code: unknown]> {
      return new Promise((resolve, reject) => {
        const request = httpRequest(`${gateway.url}/v1/apis`, { headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => resolve([response.statusCode!, (JSON.parse(text) as Json).code]));
        });
        request.on('error', reject).end();
      });
    }

    it('answers its own Host and Origin', async () => {
      const { host } = new URL(gateway.url);
      assert.deepEqual(await statusOf({ Host: host }), [200, undefined]);
      assert.deepEqual(await statusOf({ Host: host, Origin: gateway.url }), [200, undefined]);
    });

    it('refuses a name that was rebound to its address', async () => {
      assert.deepEqual(await statusOf({ Host: 'evil.example' }), [403, 'ORIGIN_NOT_ALLOWED']);
    });

    it('refuses a page of another site, at every path', async () => {
      const post = (path: string) => ask(path, { method: 'POST', headers: { Origin: 'https://evil.example' } });
      for (const path of ['/v1/apis', '/healthz', '/nothing']) {
        const { status, body } = await post(path);
        assert.deepEqual([status, body.code], [403, 'ORIGIN_NOT_ALLOWED']);
      }
      for (const path of ['/mcp', '/mcp/', '/MCP']) {
        const { status, body } = await post(path);
        assert.deepEqual([status, rpcError(body).data?.code], [403, 'ORIGIN_NOT_ALLOWED']);
      }
    });

    it('reads each header, however many stand before it', async () => {
      const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x-${at}`, '']));
      const { host: Host } = new URL(gateway.url);
      assert.deepEqual(await statusOf({ Host, ...many }), [200, undefined]);
      assert.deepEqual(await statusOf({ Host, ...many, Origin: 'https://evil.example' }), [403, 'ORIGIN_NOT_ALLOWED']);
    });
  });

  describe('at /mcp', () => {
    const send = (body: string, headers: Record<string, string> = {}) =>
      ask('/mcp', {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
      });

    it('takes ten messages at once, and refuses more', async () => {
      const batch = Array.from({ length: 11 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
      const { status, body } = await send(JSON.stringify(batch));
      assert.deepEqual([status, body.id, rpcError(body).data?.code], [413, null, 'REQUEST_TOO_LARGE']);
      const ten = await send(JSON.stringify(batch.slice(0, 10)));
      assert.deepEqual([ten.status, (ten.body as unknown as Json[]).length], [200, 10]);
    });

    for (const [name, body] of [
      ['nothing', ''],
      ['null', 'null'],
      ['a number', '7'],
      ['an object that is no message', '{}'],
    ] as const) {
      it(`answers ${name} with 400`, async () => {
        assert.equal((await send(body)).status, 400);
      });
    }

    const notJson = [400, -32700, 'Parse error: Invalid JSON', 'INVALID_REQUEST'] as const;
    const notAcceptable = 'Not Acceptable: Client must accept both application/json and text/event-stream';
    const REFUSED: readonly (readonly [
      name: string,
      body: string,
      headers: Record<string, string>,
      want: readonly [status: number, code: number, message: string, of?: string],
    ])[] = [
      ['half a message', '{"jsonrpc":', {}, notJson],
      ['two messages, one behind the other', '{}{}', {}, notJson],
      ['white space', ' ', {}, notJson],
      ['what is no JSON, and a wrong Accept', '{', { Accept: 'application/json' }, [406, -32000, notAcceptable]],
      [
        'a form, which a page of another site could send',
        'a=1',
        { 'Content-Type': 'application/x-www-form-urlencoded' },
        [415, -32000, 'Unsupported Media Type: Content-Type must be application/json'],
      ],
      [
        'a compressed body',
        '{}',
        { 'Content-Encoding': 'gzip' },
        [415, -32000, 'a compressed request body is not accepted', 'UNSUPPORTED_MEDIA_TYPE'],
      ],
      [
        'a body without an end',
        `"${'x'.repeat(1_000_000)}"`,
        {},
        [413, -32000, 'the body is larger than 1000000 bytes', 'REQUEST_TOO_LARGE'],
      ],
    ];
    for (const [name, body, headers, want] of REFUSED) {
      it(`refuses ${name} by an error of JSON-RPC, without an id`, async () => {
        const answer = await send(body, headers);
        const { code, message, data } = rpcError(answer.body);
        const of = data === undefined ? [] : [data.code];
        assert.deepEqual([answer.status, code, message, ...of], want);
        assert.deepEqual([answer.body.jsonrpc, answer.body.id], ['2.0', null]);
      });
    }

    const REFUSED_OF_2026: typeof REFUSED = [
      ['half a message', '{"jsonrpc":', {}, [400, -32700, 'the body is not JSON', 'INVALID_REQUEST']],
      [
        'eleven messages',
        JSON.stringify(Array(11).fill({})),
        {},
        [413, -32600, 'a batch of 11 messages is more than 10', 'REQUEST_TOO_LARGE'],
      ],
      [
        'a page of another site',
        '{}',
        { Origin: 'https://evil.example' },
        [403, -32600, 'Origin "https://evil.example" is not', 'ORIGIN_NOT_ALLOWED'],
      ],
    ];
    for (const [name, body, headers, [status, code, message, of]] of REFUSED_OF_2026) {
      it(`refuses ${name} of MCP 2026-07-28 with codes that it may use, and no member id`, async () => {
        const answer = await send(body, { 'MCP-Protocol-Version': '2026-07-28', ...headers });
        const error = rpcError(answer.body);
        assert.deepEqual([answer.status, error.code, error.data?.code], [status, code, of]);
        assert.ok(error.message.includes(message), error.message);
        assert.equal('id' in answer.body, false);
      });
    }
  });

  describe('in its metrics', () => {
    const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();

    it('counts operations by name and outcome, alike on both faces', async () => {
      await ask('/v1/apis?query=weather');
      await ask('/v1/apis/sandbox/nothing');
      const client = await gateway.client();
      await client.callTool({ name: 'browse_apis', arguments: {} });
      await client.callTool({ name: 'describe_endpoint', arguments: { endpoint: 'sandbox/nothing' } });
      const text = await metrics();
      const count = (operation: string, outcome: string) =>
        Number(
          new RegExp(`^tollgate_operations_total\\{operation="${operation}",outcome="${outcome}"\\} (\\d+)$`, 'm').exec(
            text,
          )?.[1],
        );
      assert.ok(count('browse_apis', 'ok') >= 2);
      assert.ok(count('describe_endpoint', 'ENDPOINT_NOT_FOUND') >= 2);
      assert.match(text, /^tollgate_operation_seconds_count\{operation="browse_apis"\} \d+$/m);
      assert.match(text, /^process_cpu_user_seconds_total /m);
    });

    it('makes no series of a name that a client made up', async () => {
      const client = await gateway.client();
      await client.callTool({ name: 'made_up_by_a_client', arguments: {} });
      const text = await metrics();
      assert.equal(text.includes('made_up_by_a_client'), false);
      assert.match(text, /operation="unknown",outcome="TOOL_NOT_FOUND"/);
    });
  });
});

describe('a gateway with a rate limit', () => {
  it('refuses a key that is too fast, with Retry-After, and lets others and what is free go on', async () => {
    const gateway = await startTestGateway({ TOLLGATE_RATE_LIMIT: '0.001' });
    try {
      const [fast, other] = [await gateway.account('0'), await gateway.account('0')];
      const balance = (apiKey: string) =>
        fetch(`${gateway.url}/v1/balance`, { headers: { Authorization: `Bearer ${apiKey}` } });
      assert.equal((await balance(fast.apiKey)).status, 200);
      const refused = await balance(fast.apiKey);
      const body = (await refused.json()) as Json;
      assert.deepEqual([refused.status, body.code], [429, 'RATE_LIMITED']);
      assert.equal(refused.headers.get('retry-after'), String(body.retry_after_seconds));
      assert.ok(Number(body.retry_after_seconds) > 900);
      assert.equal((await balance(other.apiKey)).status, 200);
      assert.equal(
        (await fetch(`${gateway.url}/v1/apis`, { headers: { Authorization: `Bearer ${fast.apiKey}` } })).status,
        200,
      );
    } finally {
      await gateway.close();
    }
  });
});

describe('a gateway whose database is gone', () => {
  it('is alive, says that it is not ready, and takes no call', async () => {
    const gateway = await startTestGateway();
    const { url, running } = gateway;
    try {
      const { apiKey } = await gateway.account('1');
      await running.books.store.close();
      assert.equal((await fetch(`${url}/healthz`)).status, 200);
      const ready = await fetch(`${url}/readyz`);
      const { status, problems } = (await ready.json()) as { status: string; problems: string[] };
      assert.deepEqual([ready.status, status], [503, 'not ready']);
      assert.deepEqual(problems, ['the database takes no writes']);
      const called = await askPlainHttp(`${url}/v1/call/sandbox/quote-of-the-day`, apiKey, {});
      assert.ok(called.status >= 500, String(called.status));
      assert.equal(called.body.charged, '0.000000');
    } finally {
      await running.close();
    }
  });
});
