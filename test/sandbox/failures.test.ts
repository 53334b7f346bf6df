import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { startSandbox, type Sandbox } from '../../runtime/sandbox/start-sandbox.js';
import { documentedFetch, type Answer } from './documented-fetch.js';

describe('sandbox failures', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({ port: 0, key: 'failure-test-key' });
  });
  afterEach(() => sandbox.close());

  const fail = (query: string, method = 'GET'): Promise<Answer> =>
    documentedFetch(sandbox.url, `/fail?mode=${query}`, { method });
  const aborted = async (): Promise<unknown> =>
    ((await documentedFetch(sandbox.url, '/counters')).json as { aborted: unknown }).aborted;

  for (const method of ['GET', 'POST']) {
    for (const status of [401, 404, 429, 500, 503]) {
      it(`answers ${method} with ${status}`, async () => {
        const answer = await fail(`status_${status}`, method);
        assert.equal(answer.status, status);
        assert.equal(answer.contentType, 'application/problem+json');
        assert.equal(answer.headers.get('retry-after'), status === 429 ? '7' : null);
      });
    }
  }

  it('never answers a timeout', async () => {
    const stop = new AbortController();
    const waiting = assert.rejects(fetch(`${sandbox.url}/fail?mode=timeout`, { signal: stop.signal }), {
      name: 'AbortError',
    });
    while (sandbox.requests === 0) await new Promise(setImmediate);
    stop.abort();
    await waiting;
  });

  it('resets the connection before any byte', async () => {
    await assert.rejects(fetch(`${sandbox.url}/fail?mode=reset`), (error: Error) => {
      assert.equal((error.cause as { code?: string }).code, 'ECONNRESET');
      return true;
    });
  });

  it('breaks off before the length that it declared', async () => {
    const request = httpGet(`${sandbox.url}/fail?mode=truncated`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.headers['content-length'], '1000');
    let received = '';
    response.setEncoding('utf8').on('data', (text: string) => (received += text));
    await assert.rejects(once(response, 'end'), { code: 'ECONNRESET' });
    assert.equal(received, '{"ok":true,"mode":"truncate');
  });

  it('sends a slow body in pieces of a byte', async () => {
    const response = await fetch(`${sandbox.url}/fail?mode=slow_body`);
    assert.equal(response.headers.get('content-length'), '30');
    const reader = response.body?.getReader();
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), '{');
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), '"');
    await reader?.cancel();
  });

  it('calls JSON what is none', async () => {
    const response = await fetch(`${sandbox.url}/fail?mode=invalid_json`);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    await assert.rejects(response.json(), SyntaxError);
  });

  it('breaks its schema with valid JSON', async () => {
    assert.deepEqual(await (await fetch(`${sandbox.url}/fail?mode=wrong_type`)).json(), { ok: 'yes', mode: 7 });
    await assert.rejects(fail('wrong_type'), /breaks its schema/);
  });

  it('says 200 and means an error', async () => {
    const { status, json } = await fail('errors_in_200');
    assert.equal(status, 200);
    assert.deepEqual(json, { ok: false, mode: 'errors_in_200', errors: [{ message: 'failed as you asked' }] });
  });

  it('redirects to where it is told, or to the echo', async () => {
    const away = await fail('redirect&location=http%3A%2F%2F127.0.0.2%2Fx');
    assert.equal(away.status, 302);
    assert.equal(away.headers.get('location'), 'http://127.0.0.2/x');
    assert.equal((await fail('redirect')).headers.get('location'), '/echo');
  });

  it('refuses a redirect that would split the answer', async () => {
    assert.equal((await fail('redirect&location=%2Fx%0D%0AX-Evil%3A%201')).status, 400);
  });

  it('sends valid JSON of exactly the size asked for', async () => {
    for (const bytes of [100, 65_536, 200_001]) {
      const answer = await fail(`huge&bytes=${bytes}`);
      assert.equal(answer.bytes.length, bytes);
      assert.equal(answer.headers.get('content-length'), String(bytes));
    }
    assert.equal((await fail('huge&bytes=50000001')).status, 400);
  });

  it('sends a bomb that is small on the wire and large inflated', async () => {
    const request = httpGet(`${sandbox.url}/fail?mode=bomb&bytes=10000000`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.headers['content-encoding'], 'gzip');
    let wireBytes = 0;
    response.on('data', (chunk: Buffer) => (wireBytes += chunk.length));
    await once(response, 'end');
    assert.ok(wireBytes < 20_000, `${wireBytes} bytes on the wire`);

    const { bytes } = await fail('bomb&bytes=10000000');
    assert.equal(bytes.length, 10_000_000);
    assert.ok(bytes.every((byte) => byte === 0));
  });

  it('answers nothing with 204', async () => {
    const { status, bytes } = await fail('empty');
    assert.equal(status, 204);
    assert.equal(bytes.length, 0);
  });

  it('fails the first calls with a key, then works', async () => {
    const statuses = [];
    for (let call = 0; call < 4; call++) statuses.push((await fail('flaky&key=a&times=2')).status);
    assert.deepEqual(statuses, [503, 503, 200, 200]);
    assert.equal((await fail('flaky&key=b')).status, 503);
    assert.deepEqual((await fail('flaky&key=b')).json, { ok: true, mode: 'flaky', attempt: 2 });
  });

  for (const query of ['', 'mode=', 'mode=explode', 'mode=flaky&times=0', 'mode=bomb&bytes=200000001']) {
    it(`refuses "${query}"`, async () => {
      assert.equal((await documentedFetch(sandbox.url, `/fail?${query}`)).status, 400);
    });
  }

  it('answers slowly on demand', async () => {
    assert.deepEqual((await documentedFetch(sandbox.url, '/slow?delay_ms=5')).json, { ok: true, delay_ms: 5 });
    assert.equal((await documentedFetch(sandbox.url, '/slow?delay_ms=60001')).status, 400);
    assert.deepEqual(await aborted(), {});
  });

  it('notices a client that hangs up before a slow answer', async () => {
    const stop = new AbortController();
    const waiting = assert.rejects(fetch(`${sandbox.url}/slow?delay_ms=4000`, { signal: stop.signal }));
    while (sandbox.requests === 0) await new Promise(setImmediate);
    stop.abort();
    await waiting;
    let counts = await aborted();
    while (JSON.stringify(counts) === '{}') counts = await aborted();
    assert.deepEqual(counts, { slow: 1 });
  });
});
