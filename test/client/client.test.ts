import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import * as undici from 'undici';

import { createClient, TollgateError, type Client } from '../../runtime/client/client.js';
import { sandbox } from '../../generated/providers/sandbox/endpoints.js';
import { startTestGateway, type TestGateway } from '../fixtures/test-gateway.js';

/** What the promise was rejected with. */
async function refused(promise: Promise<unknown>): Promise<TollgateError> {
  const error: unknown = await promise.then(
    () => assert.fail('it went well'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TollgateError, String(error));
  return error;
}

describe('the typed client', () => {
  let gateway: TestGateway;
  let client: Client;

  before(async () => {
    gateway = await startTestGateway();
    const { apiKey } = await gateway.account('1');
    client = createClient({ url: gateway.url, apiKey });
  });
  after(() => gateway.close());

  it('answers the body, what was charged, and the receipt', async () => {
    const { body, status, contentType, charged, balance, receipt, requestId, replayed, warnings } = await client.call(
      sandbox.getWeather,
      { city: 'berlin' },
    );
    assert.equal(body.city, 'Berlin');
    assert.deepEqual([status, contentType.split(';')[0], charged], [200, 'application/json', '0.002000']);
    assert.equal(balance, '0.998000');
    assert.equal(receipt.message.endpoint, 'sandbox/get-weather');
    assert.equal(receipt.message.amountMicroUsdc, '2000');
    assert.equal(requestId.length > 10, true);
    assert.deepEqual([replayed, warnings], [false, []]);
  });

  it('needs no arguments where none is required', async () => {
    const { body } = await client.call(sandbox.quoteOfTheDay);
    assert.equal(typeof body, 'string');
  });

  it('answers bytes as bytes', async () => {
    const { body, contentType } = await client.call(sandbox.getLogo, {});
    assert.equal(contentType, 'image/png');
    assert.ok(body instanceof Uint8Array);
    assert.deepEqual([...body.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  });

  it('takes any text for an idempotency key', async () => {
    const first = await client.call(sandbox.getWeather, { city: 'paris' }, { idempotencyKey: 'do Łodzi ✓' });
    const again = await client.call(sandbox.getWeather, { city: 'paris' }, { idempotencyKey: 'do Łodzi ✓' });
    const other = await client.call(sandbox.getWeather, { city: 'paris' }, { idempotencyKey: 'do Łodzi ✓ ' });
    assert.deepEqual([first.replayed, again.replayed, other.replayed], [false, true, false]);
  });

  it('makes a call of the same idempotency key once', async () => {
    const served = await gateway.served('getWeather');
    const options = { idempotencyKey: 'one trip' };
    const first = await client.call(sandbox.getWeather, { city: 'paris' }, options);
    const again = await client.call(sandbox.getWeather, { city: 'paris' }, options);
    assert.deepEqual([first.replayed, again.replayed], [false, true]);
    assert.deepEqual(again.body, first.body);
    assert.deepEqual(again.receipt, first.receipt);
    assert.deepEqual([first.idempotencyKey, again.idempotencyKey], ['one trip', 'one trip']);
    assert.equal(await gateway.served('getWeather'), served + 1);
  });

  it('gives each call without a key one of its own', async () => {
    const first = await client.call(sandbox.getWeather, { city: 'paris' });
    const second = await client.call(sandbox.getWeather, { city: 'paris' });
    assert.deepEqual([first.replayed, second.replayed], [false, false]);
    assert.notEqual(first.idempotencyKey, second.idempotencyKey);
  });

  it('calls at a quoted price', async () => {
    const args = { city: 'paris' };
    const { quoteId, price, maxCharge, expiresAt } = await client.quote(sandbox.getWeather, args);
    assert.deepEqual([price.model, maxCharge], ['per_call', '0.002000']);
    assert.ok(expiresAt.getTime() > 0);
    assert.equal((await client.call(sandbox.getWeather, args, { quoteId })).charged, '0.002000');
    const error = await refused(client.call(sandbox.getWeather, { city: 'berlin' }, { quoteId }));
    assert.equal(error.code, 'QUOTE_NOT_VALID');
  });

  it('refuses what may cost more than maxPrice, and charges nothing', async () => {
    const error = await refused(client.call(sandbox.getWeather, { city: 'rome' }, { maxPrice: '0.0001' }));
    assert.deepEqual(
      [error.name, error.code, error.retryable, error.charged],
      ['TollgateError', 'MAX_PRICE_EXCEEDED', false, '0.000000'],
    );
    assert.equal(typeof error.remedy, 'string');
    assert.equal(typeof error.idempotencyKey, 'string');
  });

  it('says where arguments are wrong that got past the compiler', async () => {
    const args = { city: 7 } as unknown as { city: string };
    const error = await refused(client.call(sandbox.getWeather, args));
    assert.equal(error.code, 'INVALID_ARGUMENTS');
    assert.deepEqual(
      error.details.problems?.map(({ pointer }) => pointer),
      ['/city'],
    );
  });

  it('says what the upstream answered where that was an error', async () => {
    const error = await refused(client.call(sandbox.fail, { mode: 'status_404' }));
    assert.deepEqual([error.code, error.details.status, error.charged], ['UPSTREAM_ERROR', 404, '0.000000']);
  });

  it('is told again how the upstream failed under the same key, and calls it anew under a new one', async () => {
    const args = { mode: 'flaky', key: 'typed client' } as const;
    const failed = await refused(client.call(sandbox.fail, args, { idempotencyKey: 'flaky' }));
    const again = await refused(client.call(sandbox.fail, args, { idempotencyKey: 'flaky' }));
    assert.deepEqual([failed.details.status, failed.retryable], [503, true]);
    assert.match(failed.remedy, /try again later with a new idempotency key/);
    assert.deepEqual([again.details.request_id, again.details.replayed], [failed.details.request_id, true]);
    assert.equal((await client.call(sandbox.fail, args, { idempotencyKey: 'flaky, again' })).body?.ok, true);
  });

  it('keeps the API key out of its errors and of what it prints', async () => {
    const apiKey = 'tg_canary_of_a_key';
    const stranger = createClient({ url: gateway.url, apiKey });
    const error = await refused(stranger.call(sandbox.getWeather, { city: 'rome' }));
    assert.equal(error.code, 'UNAUTHENTICATED');
    assert.doesNotMatch(JSON.stringify([error, stranger]) + String(error.stack), /canary/);
  });

  for (const [name, apiKey] of [
    ['two lines', 'tg_canary\nof_a_key'],
    ['a character that is not ASCII', 'tg_canary_…'],
  ] as const) {
    it(`says that a key of ${name} is none, and nothing of it`, async () => {
      const error = await refused(createClient({ url: gateway.url, apiKey }).call(sandbox.listCities));
      assert.deepEqual([error.code, error.retryable, error.charged], ['UNAUTHENTICATED', false, '0.000000']);
      assert.doesNotMatch(inspect(error), /canary/);
    });
  }

  it('sends a key without the line end that a file has behind it', async () => {
    const { apiKey } = await gateway.account('0');
    const { charged } = await createClient({ url: gateway.url, apiKey: `${apiKey}\r\n` }).call(sandbox.listCities);
    assert.equal(charged, '0.000000');
  });

  it('says that nobody answers, and what to do then', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const nobody = createClient({ url: `http://127.0.0.1:${port}`, apiKey: 'x' });
    const error = await refused(nobody.call(sandbox.getWeather, { city: 'rome' }, { idempotencyKey: 'k' }));
    assert.deepEqual(
      [error.code, error.retryable, error.charged, error.idempotencyKey],
      ['GATEWAY_UNREACHABLE', true, undefined, 'k'],
    );
  });

  it('asks nobody to repeat a quote with an idempotencyKey, which it has not', async () => {
    const broken = createClient({ apiKey: 'x', fetch: () => Promise.reject(new TypeError('fetch failed')) });
    const unreachable = await refused(broken.quote(sandbox.getWeather, { city: 'rome' }));
    assert.equal(unreachable.remedy, 'see that it runs; call again');
    const page = createClient({ apiKey: 'x', fetch: () => Promise.resolve(new Response('<html></html>')) });
    const strange = await refused(page.quote(sandbox.getWeather, { city: 'rome' }));
    assert.equal(strange.remedy, "see that the url is the gateway's, and what stands between; call again");
  });

  const STRANGE: [name: string, status: number, body: string, retryable: boolean][] = [
    ['a page', 200, '<html></html>', false],
    ['JSON that is no object', 200, '7', false],
    ['a list', 200, '[]', false],
    ["another API's answer", 200, '{"status":"ok","charged":"0.001000"}', false],
    ["a proxy's answer that has the form of an error", 200, '{"code":"OK","message":"m","remedy":"r"}', false],
    ["a proxy's error", 502, 'bad gateway', true],
    ["a proxy's limit", 429, 'too many requests', true],
    ["a proxy's impatience", 408, 'request timeout', true],
    ["a proxy's error in JSON", 502, '{"code":"BAD_GATEWAY","message":"m","remedy":"r"}', true],
    ["another API's error", 404, '{"error":"not here"}', false],
  ];
  for (const [name, status, body, retryable] of STRANGE) {
    it(`takes ${name} for no answer of a gateway`, async () => {
      const fetch = (): Promise<Response> => Promise.resolve(new Response(body, { status }));
      const error = await refused(createClient({ apiKey: 'x', fetch }).call(sandbox.quoteOfTheDay));
      assert.deepEqual([error.code, error.retryable, error.charged], ['GATEWAY_ANSWER_INVALID', retryable, undefined]);
      const quote = await refused(createClient({ apiKey: 'x', fetch }).quote(sandbox.quoteOfTheDay));
      assert.deepEqual([quote.code, quote.retryable], ['GATEWAY_ANSWER_INVALID', retryable]);
    });
  }

  it('leaves what a call cost undefined where the gateway does not know it', async () => {
    const told = { code: 'STORE_UNAVAILABLE', message: 'lost', remedy: 'again', retryable: false, charged: null };
    const fetch = (): Promise<Response> => Promise.resolve(new Response(JSON.stringify(told), { status: 503 }));
    const error = await refused(createClient({ apiKey: 'x', fetch }).call(sandbox.quoteOfTheDay));
    assert.deepEqual([error.code, error.charged], ['STORE_UNAVAILABLE', undefined]);
  });

  it('tells the idempotency key of a call that was aborted on its way, by which its answer comes for no second charge', async () => {
    const { apiKey } = await gateway.account('1');
    // An abort leaves a new connection behind on which nothing is sent, and which the end of the gateway would wait for.
    const agent = new undici.Agent();
    const fetch = ((url: URL, init: RequestInit) =>
      undici.fetch(url, { ...(init as undici.RequestInit), dispatcher: agent })) as typeof globalThis.fetch;
    const paying = createClient({ url: gateway.url, apiKey, fetch });
    const served = await gateway.served('slow');
    const aborter = new AbortController();
    const aborting = refused(paying.call(sandbox.slow, { delay_ms: 500 }, { signal: aborter.signal }));
    while ((await gateway.served('slow')) === served) await sleep(5);
    aborter.abort();
    const error = await aborting;
    assert.deepEqual(
      [error.name, error.code, error.retryable, error.charged],
      ['AbortError', 'ABORTED', true, undefined],
    );
    assert.equal(error.cause, aborter.signal.reason);
    assert.match(error.remedy, /call again with the same idempotencyKey, it is charged at most once$/);

    const { idempotencyKey } = error;
    assert.ok(idempotencyKey !== undefined);
    const again = await paying.call(sandbox.slow, { delay_ms: 500 }, { idempotencyKey });
    await agent.destroy();
    assert.deepEqual([again.replayed, again.charged, again.balance], [true, '0.001000', '0.999000']);
    assert.equal(await gateway.served('slow'), served + 1);
  });

  it('names an abort as its signal does where its time was over, and has any other reason for its cause', async () => {
    const never: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error));
      });
    const waiting = createClient({ apiKey: 'x', fetch: never });
    const late = await refused(waiting.call(sandbox.quoteOfTheDay, {}, { signal: AbortSignal.timeout(1) }));
    assert.deepEqual([late.name, late.code], ['TimeoutError', 'ABORTED']);

    const aborter = new AbortController();
    const call = refused(waiting.call(sandbox.quoteOfTheDay, {}, { signal: aborter.signal, idempotencyKey: 'k' }));
    const reason = new Error('enough');
    aborter.abort(reason);
    const error = await call;
    assert.deepEqual([error.name, error.cause, error.idempotencyKey], ['AbortError', reason, 'k']);
  });

  it('sends nothing where the signal is aborted already, and knows that nothing was charged', async () => {
    let asked = 0;
    const fetch = (): Promise<Response> => Promise.resolve(new Response('{}', { status: ++asked }));
    const signal = AbortSignal.abort();
    const error = await refused(createClient({ apiKey: 'x', fetch }).call(sandbox.quoteOfTheDay, {}, { signal }));
    assert.deepEqual([error.name, error.code, error.charged, asked], ['AbortError', 'ABORTED', '0.000000', 0]);
    assert.equal(typeof error.idempotencyKey, 'string');
  });

  for (const [when, head] of [
    ['before its answer', ''],
    ['in the middle of its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"status":'],
  ] as const) {
    it(`tells the idempotency key of a call whose connection broke ${when}`, async () => {
      const server = createServer((req) => {
        req.resume().once('end', () => req.socket.write(head, () => req.socket.destroy()));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const { port } = server.address() as AddressInfo;
        const cut = createClient({ url: `http://127.0.0.1:${port}`, apiKey: 'x' });
        const error = await refused(cut.call(sandbox.getWeather, { city: 'rome' }));
        assert.deepEqual(
          [error.name, error.code, error.retryable, error.charged],
          ['TollgateError', 'GATEWAY_UNREACHABLE', true, undefined],
        );
        assert.equal(typeof error.idempotencyKey, 'string');
        assert.ok(error.cause instanceof Error);
      } finally {
        server.close();
      }
    });
  }

  it('keeps the path of a gateway that stands below one', async () => {
    const asked: string[] = [];
    const fetch = (url: string | URL | Request): Promise<Response> => {
      asked.push(String(url instanceof Request ? url.url : url));
      return Promise.resolve(new Response('{"receipt":{}}'));
    };
    for (const url of ['https://a.example/gate', 'https://a.example/gate/']) {
      const client = createClient({ url, apiKey: 'x', fetch });
      await client.call(sandbox.quoteOfTheDay, {}, { maxPrice: '0.5', quoteId: 'q/1' });
    }
    const want = 'https://a.example/gate/v1/call/sandbox/quote-of-the-day?max_price=0.5&quote_id=q%2F1';
    assert.deepEqual(asked, [want, want]);
  });
});
