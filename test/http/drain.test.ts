import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

import { systemClock } from '../../runtime/clock.js';
import { openStore } from '../../runtime/store/open-store.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway, type Json } from '../fixtures/test-gateway.js';
import { syntheticCatalogue } from '../bench/synthetic-catalogue.js';
import { upstreamServer } from '../upstream/upstream-server.js';

describe('a gateway that is told to stop', () => {
  it('finishes what is under way, a slow answer, a stream and a call in the queue, and loses nothing', async () => {
    const open = new Map<string, ServerResponse>();
    const upstream = await upstreamServer((request, response) => {
      open.set(request.url!.split('?')[0]!, response);
      response.setHeader('content-type', 'application/json');
      // A stream has begun; the others have not.
      if (request.url!.startsWith('/latest')) response.write('{"amount":');
    });
    const gateway = await startTestGateway({
      TOLLGATE_UPSTREAM_FRANKFURTER: upstream.origin,
      TOLLGATE_UPSTREAM_NOMINATIM: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'frankfurter,nominatim',
    });
    const { url, running } = gateway;
    const { apiKey, accountId } = await gateway.account('1');
    const call = (endpoint: string, args: Json) => askPlainHttp(`${url}/v1/call/${endpoint}`, apiKey, args);
    const arrived = async (path: string): Promise<ServerResponse> => {
      while (!open.has(path)) await new Promise(setImmediate);
      const response = open.get(path)!;
      open.delete(path);
      return response;
    };
    const slow = call('frankfurter/list-currencies', {});
    const streamed = call('frankfurter/get-latest-rates', {});
    // One place: the second waits for it.
    const placed = call('nominatim/search', { q: 'Berlin', format: 'json' });
    const placedResponse = await arrived('/search');
    const queued = call('nominatim/search', { q: 'Paris', format: 'json' });
    const slowResponse = await arrived('/currencies');
    const streamedResponse = await arrived('/latest');
    while (!(await (await fetch(`${url}/metrics`)).text()).includes('queue_calls{provider="nominatim"} 1')) continue;

    const closed = running.close();
    const ready = await fetch(`${url}/readyz`).then(
      async (answer) => [answer.status, ((await answer.json()) as Json).problems] as const,
      () => 'refused' as const,
    );
    if (ready !== 'refused') assert.deepEqual(ready, [503, ['the gateway is shutting down']]);
    streamedResponse.end('1}');
    slowResponse.end('{"EUR":"Euro"}');
    placedResponse.end('[{"place_id":1}]');
    (await arrived('/search')).end('[{"place_id":2}]');

    const answers = await Promise.all([slow, streamed, placed, queued]);
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.body]),
      [
        [200, { EUR: 'Euro' }],
        [200, { amount: 1 }],
        [200, [{ place_id: 1 }]],
        [200, [{ place_id: 2 }]],
      ],
    );
    const balance = Number(answers.map(({ body }) => body.balance as string).sort()[0]);
    const charged = answers.reduce((sum, { body }) => sum + Number(body.charged), 0);
    assert.equal((balance + charged).toFixed(6), '1.000000', `all that account ${accountId} had is accounted for`);
    await closed;
    await assert.rejects(fetch(`${url}/healthz`), 'nobody listens any more');
    await upstream.close();
  });

  it('finishes also what came in slowly while it stopped, and whose client has gone', async () => {
    let requests = 0;
    const client = new Socket();
    const upstream = await upstreamServer((_, response) => {
      requests += 1;
      response.setHeader('content-type', 'application/json');
      if (requests > 1) return response.end('[{"place_id":1}]');
      client.destroy();
      client.once('close', () => response.writeHead(503, { 'retry-after': '1' }).end('{}'));
    });
    const dir = mkdtempSync(join(tmpdir(), 'tollgate-drain-'));
    const database = `sqlite:${join(dir, 'books.db')}`;
    const gateway = await startTestGateway({
      DATABASE_URL: database,
      TOLLGATE_UPSTREAM_NOMINATIM: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'nominatim',
    });
    const { url, running } = gateway;
    const { apiKey } = await gateway.account('1');
    const body = JSON.stringify({ q: 'Berlin', format: 'json' });
    client.connect(Number(new URL(url).port), '127.0.0.1');
    client.write(
      `POST /v1/call/nominatim/search HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${apiKey}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    assert.equal((await fetch(`${url}/healthz`)).status, 200);

    const closed = running.close();
    client.write(body);
    await closed;
    const store = await openStore({ url: database, clock: systemClock });
    const calls = await store.read.rows('SELECT state FROM calls');
    await store.close();
    assert.deepEqual(calls, [{ state: 'captured' }]);
    await upstream.close();
    rmSync(dir, { recursive: true });
  });

  it('is not held up by who has not asked for anything yet', async () => {
    const { url, running } = await startTestGateway();
    const clients = ['', 'GET /healthz HT', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'].map((sent) => {
      const client = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
      if (sent !== '') client.write(sent);
      return once(client.resume(), 'close');
    });
    const { body } = await fetch(`${url}/metrics`);
    assert.match(await text(body!), /^tollgate_client_connections 4$/m);
    await running.close();
    await Promise.all(clients);
  });

  it('is waited for by whoever asks for it, also once more', async () => {
    const { running } = await startTestGateway();
    let isClosed = false;
    const first = running.close().then(() => (isClosed = true));
    await running.close();
    assert.equal(isClosed, true);
    await first;
  });

  it('closes the books also where something else cannot be closed', async () => {
    const { running } = await startTestGateway();
    const sandbox = running.sandbox!;
    const close = sandbox.close.bind(sandbox);
    Object.assign(sandbox, { close: () => close().then(() => Promise.reject(new Error('the sandbox'))) });
    await assert.rejects(running.close(), /^Error: the sandbox$/);
    await assert.rejects(running.books.accounts.list());
  });

  it('writes no search index that is finished after the end', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tollgate-drain-'));
    const catalogue = await syntheticCatalogue(5_000);
    const { running } = await startTestGateway({ TOLLGATE_CATALOGUE: catalogue.dir, TOLLGATE_DATA_DIR: dir });
    // By then it is known how endpoints are rated, for which the books are needed.
    await running.gateway.browse({});
    const search = running.gateway.browse({ query: 'weather' });
    await running.close();
    assert.ok((await search).total > 0);
    await pause(200);
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.startsWith('search')),
      [],
    );
    rmSync(dir, { recursive: true });
  });

  it('refuses what comes on a connection that stands yet, and ends that', async () => {
    const gateway = await startTestGateway();
    const client = new Socket().setEncoding('utf8');
    client.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    client.write(`GET /v1/apis HTTP/1.1\r\nHost: ${new URL(gateway.url).host}\r\n`);
    assert.equal((await fetch(`${gateway.url}/healthz`)).status, 200);

    const closed = gateway.running.close();
    client.write('\r\n');
    const [answer] = (await once(client, 'data')) as [string];
    assert.match(answer, /^HTTP\/1\.1 503 /);
    assert.match(answer, /\r\nConnection: close\r\n/);
    assert.match(answer, /"code":"SHUTTING_DOWN"/);
    await closed;
    client.destroy();
  });

  it('answers also what is on its way on a connection that was idle, and resets nobody', async () => {
    const gateway = await startTestGateway();
    const client = connect(Number(new URL(gateway.url).port), '127.0.0.1').setEncoding('utf8');
    const request = 'GET /v1/apis HTTP/1.1\r\nHost: localhost\r\n\r\n';
    client.write(request);
    const [first] = (await once(client, 'data')) as [string];
    assert.match(first, /\r\nConnection: keep-alive\r\n/);
    const closed = gateway.running.close();
    client.write(request);
    const answer = await text(client);
    assert.match(answer, /HTTP\/1\.1 503 [^]*\r\nConnection: close\r\n[^]*"code":"SHUTTING_DOWN"/);
    await closed;
  });

  for (const path of ['/mcp', '/v1/call/nominatim/search']) {
    it(`says with the answer of a call under way that the connection ends: POST ${path}`, async () => {
      const calls: ServerResponse[] = [];
      const upstream = await upstreamServer((_, response) => void calls.push(response));
      const gateway = await startTestGateway({
        TOLLGATE_UPSTREAM_NOMINATIM: upstream.origin,
        TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'nominatim',
      });
      const { apiKey } = await gateway.account('1');
      const args = { q: 'Berlin', format: 'json' };
      const params = { name: 'call_api', arguments: { endpoint: 'nominatim/search', arguments: args } };
      const answer = fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${apiKey}`,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify(path === '/mcp' ? { jsonrpc: '2.0', id: 1, method: 'tools/call', params } : args),
      });
      while (calls.length === 0) await new Promise(setImmediate);
      const closed = gateway.running.close();
      calls[0]!.setHeader('content-type', 'application/json').end('[{"place_id":1}]');
      const { status, headers } = await answer;
      assert.deepEqual([status, headers.get('connection')], [200, 'close']);
      await closed;
      await upstream.close();
    });
  }
});
