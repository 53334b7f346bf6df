import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';
import { upstreamServer, type UpstreamServer } from '../upstream/upstream-server.js';

const ARGUMENTS = { q: 'Berlin', format: 'json' };

function mcpCall(more: Json): Json {
  const params = {
    name: 'call_api',
    arguments: { endpoint: 'nominatim/search', arguments: ARGUMENTS, fresh: true },
    ...more,
  };
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
}

/** Hostile input 10: a client that goes away costs itself nothing before its call is sent, and loses nothing after. */
describe('a client that goes away', () => {
  let upstream: UpstreamServer;
  let gateway: TestGateway;
  let open: ServerResponse[];
  let apiKey: string;

  beforeEach(async () => {
    open = [];
    upstream = await upstreamServer((_, response) => open.push(response.setHeader('content-type', 'application/json')));
    gateway = await startTestGateway({
      TOLLGATE_UPSTREAM_NOMINATIM: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'nominatim',
    });
    ({ apiKey } = await gateway.account('1'));
  });
  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  /** The provider has one place. */
  const call = async (q: string, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<Json> => {
    const search = `${gateway.url}/v1/call/nominatim/search`;
    return (await askPlainHttp(search, apiKey, { q, format: 'json' }, { signal, headers })).body;
  };
  const get = async (path: string) => (await askPlainHttp(gateway.url + path, apiKey)).body;
  const rows = async () => (await get('/v1/usage')).rows as Json[];
  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await new Promise(setImmediate);
  };

  const headers = () => ({
    Authorization: `Bearer ${apiKey}`,
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
  });
  const overMcp = (more: Json) => async (signal: AbortSignal) => {
    const answer = await fetch(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: headers(),
      body: JSON.stringify(mcpCall(more)),
      signal,
    });
    return answer.text();
  };
  for (const [face, leave] of [
    ['HTTP', (signal: AbortSignal) => call('Paris', signal)],
    ['MCP', overMcp({})],
    ['MCP, with progress', overMcp({ _meta: { progressToken: 1 } })],
  ] as const) {
    it(`before its call is sent has its hold released, and nothing is sent for it: ${face}`, async () => {
      const placed = call('Berlin');
      await until(() => Promise.resolve(open.length === 1));
      const leaving = new AbortController();
      const left = leave(leaving.signal).catch(() => 'gone');
      await until(async () => (await rows()).length === 2);
      leaving.abort();
      assert.equal(await left, 'gone');
      await until(async () => (await rows()).some(({ state }) => state === 'released'));
      assert.equal((await rows()).find(({ state }) => state === 'released')!.reason, 'client_gone');
      open[0]!.end('[{"place_id":1}]');
      assert.equal((await placed).status, 200);
      assert.equal(open.length, 1);
      assert.equal((await get('/v1/balance')).held, '0.000000');
    });
  }

  it('before its call is sent leaves its idempotency key to who asks with it meanwhile', async () => {
    const placed = call('Berlin');
    await until(() => Promise.resolve(open.length === 1));
    const leaving = new AbortController();
    const key = { 'Idempotency-Key': 'again' };
    const left = call('Paris', leaving.signal, key).catch(() => 'gone');
    await until(async () => (await rows()).length === 2);
    let answered: Json | undefined;
    const again = call('Paris', undefined, key).then((answer) => (answered = answer));
    await pause(300);
    leaving.abort();
    assert.equal(await left, 'gone');
    await until(async () => (await rows()).some(({ state }) => state === 'released'));
    open[0]!.end('[{"place_id":1}]');
    await until(() => Promise.resolve(open.length === 2 || answered !== undefined));
    open[1]?.end('[{"place_id":2}]');
    const { code, body, replayed } = await again;
    assert.deepEqual([code, body, replayed], [undefined, [{ place_id: 2 }], false]);
    assert.equal((await placed).status, 200);
    assert.equal((await get('/v1/balance')).held, '0.000000');
  });

  it('after its call is sent has it finished, captured, and delivered to who asks with the key', async () => {
    const leaving = new AbortController();
    const key = { 'Idempotency-Key': 'left' };
    const left = call('Berlin', leaving.signal, key).catch(() => 'gone');
    await until(() => Promise.resolve(open.length === 1));
    leaving.abort();
    assert.equal(await left, 'gone');
    open[0]!.end('[{"place_id":1}]');
    await until(async () => (await rows())[0]!.state === 'captured');
    const again = await call('Berlin', undefined, key);
    assert.deepEqual([again.body, again.replayed], [[{ place_id: 1 }], true]);
    assert.equal(open.length, 1);
  });

  /** The two reach the gateway in the same turn, in this order: the end of a connection and a request on another. */
  for (const [how, leave] of [
    ['closes', (connection: Socket) => connection.destroy()],
    ['resets', (connection: Socket) => connection.resetAndDestroy()],
  ] as const) {
    it(`and asks again in the moment in which it ${how} its connection waits for its call, and pays once`, async () => {
      const { hostname, port } = new URL(gateway.url);
      const body = JSON.stringify(ARGUMENTS);
      const lines = [
        'POST /v1/call/nominatim/search HTTP/1.1',
        `Host: ${hostname}:${port}`,
        'Content-Type: application/json',
      ];
      const head = [...lines, `Authorization: Bearer ${apiKey}`, `Content-Length: ${body.length}`, '', ''].join('\r\n');
      const connections = [connect(Number(port), hostname), connect(Number(port), hostname)] as const;
      await Promise.all(connections.map((connection) => once(connection, 'connect')));
      const [left, other] = connections;
      left.write(head + body);
      await until(() => Promise.resolve(open.length === 1));
      leave(left);
      other.write(head + body);
      let told = '';
      other.on('data', (part) => (told += String(part)));
      await until(async () => told.includes('"code":"CALL_IN_PROGRESS"') || (await rows()).length === 2);
      other.destroy();
      open[0]!.end('[{"place_id":1}]');
      await until(async () => (await rows()).some(({ state }) => state === 'captured'));
      const again = await call('Berlin');
      assert.deepEqual([again.body, again.replayed, (await rows()).length], [[{ place_id: 1 }], true, 1]);
    });
  }

  it('is listened for at its connection for the call under way, and for none before that', async () => {
    const warnings: string[] = [];
    const warned = ({ name }: Error) => warnings.push(name);
    process.on('warning', warned);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (let calls = 0; calls < 12; calls += 1) {
        const asked = request(`${gateway.url}/v1/call/nominatim/none`, { method: 'POST', agent, headers: headers() });
        const [response] = (await once(asked.end('{}'), 'response')) as [IncomingMessage];
        await once(response.resume(), 'end');
      }
      assert.deepEqual(warnings, []);
    } finally {
      process.off('warning', warned);
      agent.destroy();
    }
  });

  it('before it is known who it is does not use up the answer that is kept for it', async () => {
    const leaving = new AbortController();
    const left = call('Berlin', leaving.signal).catch(() => 'gone');
    await until(() => Promise.resolve(open.length === 1));
    leaving.abort();
    assert.equal(await left, 'gone');
    open[0]!.end('[{"place_id":1}]');
    await until(async () => (await rows())[0]!.state === 'captured');

    const { store, authenticator } = gateway.running.books;
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    // Who knows a key has to read it, and nothing can be read.
    const { read } = store;
    const readRows = read.rows.bind(read);
    read.rows = async (statement, bindings) => {
      await released;
      return readRows(statement, bindings);
    };
    authenticator.forget();
    const leavingAgain = new AbortController();
    const again = call('Berlin', leavingAgain.signal).catch(() => 'gone');
    await pause(300);
    leavingAgain.abort();
    assert.equal(await again, 'gone');
    await pause(300);
    release();
    await pause(300);

    const answered = call('Berlin');
    await until(async () => open.length === 2 || (await Promise.race([answered.then(() => true), pause(20)])) === true);
    open[1]?.end('[{"place_id":2}]');
    assert.deepEqual([(await answered).body, (await answered).replayed], [[{ place_id: 1 }], true]);
    assert.equal((await rows()).length, 1);
  });

  /** A plain call, one that goes through the SDK's protocol layer, and the plain-HTTP face. */
  for (const [face, path, body] of [
    ['MCP', '/mcp', mcpCall({})],
    ['MCP, with progress', '/mcp', mcpCall({ _meta: { progressToken: 'p' } })],
    ['HTTP', '/v1/call/nominatim/search?fresh=true', ARGUMENTS],
  ] as const) {
    it(`long before a large answer comes leaves none of the memory for answers taken: ${face}`, async () => {
      const leaving = new AbortController();
      const init = { method: 'POST', headers: headers(), body: JSON.stringify(body), signal: leaving.signal };
      const left = fetch(gateway.url + path, init);
      await until(() => Promise.resolve(open.length === 1));
      leaving.abort();
      await assert.rejects(left);
      open[0]!.end(JSON.stringify([{ place_id: 1, display_name: 'x'.repeat(60_000), type: 'y'.repeat(60_000) }]));
      await until(async () => (await rows())[0]!.state === 'captured');
      await gateway.running.gateway.settled();
      // The answer is counted, if at all, in the turns after its call is settled.
      await pause(50);
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
      assert.equal(/^tollgate_answer_bytes (\d+)$/m.exec(metrics)?.[1], '0');
    });
  }
});
