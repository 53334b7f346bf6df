import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { SearchIndex } from '../../runtime/discovery/search-index.js';
import { boundClients } from '../../runtime/http/bound-clients.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';
import { upstreamServer } from '../upstream/upstream-server.js';

/** Hostile input 22: floods are bounded, and what anybody may send without end is not kept. */
describe('a batch', () => {
  it('counts against the rate limit message by message', async () => {
    const gateway = await startTestGateway({ TOLLGATE_RATE_LIMIT: '1' });
    try {
      const { apiKey } = await gateway.account('0');
      const message = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'check_balance', arguments: {} } };
      const replies = await replyToBatch(gateway, apiKey, message, 5);
      const codes = replies.map(({ result }) => result.structuredContent.code ?? 'ok').sort();
      assert.deepEqual(codes, ['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED', 'ok', 'ok']);
    } finally {
      await gateway.close();
    }
  });
});

describe('a batch of calls', () => {
  it('of which each is answered, is followed by no more than one call alone is', async () => {
    const gateway = await startTestGateway();
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    try {
      const { apiKey } = await gateway.account('1');
      const params = { name: 'call_api', arguments: { endpoint: 'sandbox/echo-get', fresh: true } };
      const replies = await replyToBatch(gateway, apiKey, { jsonrpc: '2.0', method: 'tools/call', params }, 10);
      assert.deepEqual(
        replies.map(({ result }) => result.structuredContent.status),
        Array.from({ length: 10 }, () => 200),
      );
      // Node warns of listeners beyond ten, in a turn of its own.
      await new Promise(setImmediate);
      assert.deepEqual(warnings, []);
    } finally {
      process.off('warning', note);
      await gateway.close();
    }
  });
});

describe('a flood of queries', () => {
  it('leaves nothing in memory, however many words they make up', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const index = await SearchIndex.build({ entries: [], providers: new Map(), sections: new Map() });
    // A character that unfolds into eighteen makes a short query long; the one word keeps hold of the text around it.
    const query = (index: number) => `${'\uFDFA'.repeat(470)} zzzzzzzzzzzzzzz${index.toString(36)}`;
    index.search(query(0));
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let count = 1; count <= 1_000; count += 1) index.search(query(count));
    collect();
    const grownBytes = process.memoryUsage().heapUsed - before;
    assert.ok(grownBytes < 5_000_000, `1,000 queries left ${grownBytes} bytes`);
  });
});

describe('a client that does not read its answer', () => {
  it('loses its connection, and one that reads keeps it for the next request', async () => {
    const server = createServer((_, res) => void res.end(Buffer.alloc(20_000_000)));
    boundClients(server, { maxConnections: 100, stalledMs: 1_000 });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
    try {
      const closed = once(server, 'connection').then(([socket]) => once(socket as NodeJS.EventEmitter, 'close'));
      const stalled = connect(port, '127.0.0.1').pause();
      stalled.on('error', () => undefined); // It may see the end as a reset.
      stalled.write(request);
      await closed;
      stalled.destroy();

      let received = 0;
      const reading = connect(port, '127.0.0.1').on('data', (chunk: Buffer) => (received += chunk.byteLength));
      for (const wanted of [20_000_000, 40_000_000]) {
        reading.write(request);
        while (received < wanted) await once(reading, 'data');
      }
      reading.destroy();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('a client that does not wait for its answers', () => {
  const request = 'GET /v1/apis HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const send = (url: string, text: string) => {
    const client = connect(Number(new URL(url).port), '127.0.0.1');
    client.on('error', () => undefined); // It may see the end as a reset.
    client.write(text);
    return client;
  };
  const metric = async ({ url }: TestGateway, name: string) => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return Number(
      metrics
        .split('\n')
        .find((line) => line.startsWith(`${name} `))!
        .slice(name.length),
    );
  };

  it('has those of some requests at a time, in their order', async () => {
    const gateway = await startTestGateway();
    try {
      const client = send(gateway.url, request.repeat(30) + request.replace('/v1/apis', '/healthz'));
      let text = '';
      for await (const chunk of client) if ((text += String(chunk)).endsWith('{"status":"ok"}')) break;
      assert.equal(text.match(/HTTP\/1\.1 200 OK\r/g)!.length, 31);
    } finally {
      await gateway.close();
    }
  });

  it('loses its connection over more of them, and none of the others is carried out', async () => {
    const gateway = await startTestGateway();
    try {
      const client = send(gateway.url, request.repeat(1_000));
      await once(client.resume(), 'close');
      // Those that were taken before this one are served by then.
      await fetch(`${gateway.url}/v1/apis`);
      const served = await metric(gateway, 'tollgate_operations_total{operation="browse_apis",outcome="ok"}');
      assert.ok(served < 40, `${served} were served`);
    } finally {
      await gateway.close();
    }
  });

  it('leaves nothing in memory when it goes, and has what was lost on the way when it asks again', async () => {
    const upstream = await upstreamServer((_, response) => {
      response.setHeader('content-type', 'text/plain').end('x'.repeat(2_000_000));
    });
    const gateway = await startTestGateway({
      TOLLGATE_UPSTREAM_SANDBOX: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox',
    });
    try {
      const { apiKey } = await gateway.account('1');
      const call = (text: number) =>
        `POST /v1/call/sandbox/echo-get HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${apiKey}\r\n` +
        `Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{"text":"${text}"}`;
      const client = send(gateway.url, [1, 2, 3, 4, 5].map(call).join('')).pause();
      const served = async () =>
        (await (await fetch(`${gateway.url}/metrics`)).text()).includes('{operation="call_api",outcome="ok"} 5');
      while (!(await served())) await new Promise(setImmediate);
      assert.ok((await metric(gateway, 'tollgate_answer_bytes')) > 2_000_000, 'they wait to be read');
      await once(client.destroy(), 'close');
      while ((await metric(gateway, 'tollgate_answer_bytes')) > 0) await new Promise(setImmediate);
      const again = await askPlainHttp(`${gateway.url}/v1/call/sandbox/echo-get`, apiKey, { text: '5' });
      assert.equal(again.body.replayed, true);
    } finally {
      await gateway.close();
      await upstream.close();
    }
  });

  it('may have as many behind an answer that had waited itself', async () => {
    const waiting = new Map<string, () => void>();
    const server = createServer((req, res) => waiting.set(req.url!, () => res.end(req.url)));
    boundClients(server, { maxConnections: 10, mostQueued: 1 });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const at = (path: string) => request.replace('/v1/apis', path);
      const client = send(`http://localhost:${port}`, at('/1') + at('/2'));
      const closed = once(client, 'close').then(() => 'closed');
      let text = '';
      client.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      const until = async (isSo: () => boolean): Promise<void> => {
        while (!isSo() && (await Promise.race([closed, new Promise(setImmediate)])) !== 'closed');
      };
      await until(() => waiting.size === 2);
      waiting.get('/1')!();
      await until(() => text.endsWith('/1'));
      client.write(at('/3'));
      await until(() => waiting.size === 3);
      for (const path of ['/2', '/3']) waiting.get(path)?.();
      await until(() => text.endsWith('/3'));
      assert.deepEqual(text.match(/\/\d$|\/\d(?=HTTP)/g), ['/1', '/2', '/3']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('has a slow answer behind one that it took its time to read', async () => {
    const server = createServer((req, res) => {
      if (req.url === '/large') res.end(Buffer.alloc(20_000_000));
      else setTimeout(() => res.end('slow'), 1_500);
    });
    boundClients(server, { maxConnections: 10, stalledMs: 500 });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const both = ['/large', '/slow'].map((path) => request.replace('/v1/apis', path)).join('');
      let end = '';
      for await (const chunk of send(`http://localhost:${port}`, both)) {
        end = (end + (chunk as Buffer).toString('latin1')).slice(-4);
        if (end === 'slow') break;
      }
      assert.equal(end, 'slow');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('clients that send nothing, or too slowly', () => {
  const BEGINNINGS: readonly (readonly [name: string, sent: string])[] = [
    ['nothing at all', ''],
    ['a part of a line', 'GET / HT'],
    ['a head without an end', 'GET / HTTP/1.1\r\nHost: localhost\r\n'],
    ['a head without its body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n'],
    ['a body without an end', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345'],
  ];
  for (const [name, sent] of BEGINNINGS) {
    it(`lose their connection after ${name}, while others are served`, async () => {
      const server = createServer({ connectionsCheckingInterval: 20 }, (req, res) => {
        req.resume().on('end', () => res.end('served'));
      });
      boundClients(server, { maxConnections: 10 });
      // As they are but for their length, which a test does not wait for.
      assert.deepEqual([server.headersTimeout, server.requestTimeout], [10_000, 30_000]);
      server.headersTimeout = 100;
      server.requestTimeout = 200;
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      try {
        const slow = connect(port, '127.0.0.1').on('error', () => undefined);
        const closed = once(slow, 'close');
        slow.resume();
        if (sent !== '') slow.write(sent);
        assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'served');
        await closed;
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  }
});

describe('a client that opens many connections', () => {
  it('is given a quarter of them at most, so that others find room', () => {
    const server = createServer();
    boundClients(server, { maxConnections: 8 });
    assert.equal(server.maxConnections, 8);
    const open = (remoteAddress: string) => {
      const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
      server.emit('connection', Object.assign(socket, { remoteAddress }));
      return socket;
    };
    const greedy = Array.from({ length: 5 }, () => open('192.0.2.1'));
    assert.deepEqual(
      greedy.map(({ destroyed }) => destroyed),
      [false, false, true, true, true],
    );
    assert.equal(open('192.0.2.2').destroyed, false);
    for (const socket of greedy) socket.destroy();
  });

  it('has its share again when it has closed some', async () => {
    const server = createServer();
    boundClients(server, { maxConnections: 8, maxOfAddress: 1 });
    const open = () => {
      const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
      server.emit('connection', Object.assign(socket, { remoteAddress: '192.0.2.1' }));
      return socket;
    };
    for (let times = 0; times < 3; times += 1) {
      const socket = open();
      assert.equal(socket.destroyed, false);
      await once(socket.destroy(), 'close');
    }
  });
});

describe('who asks too often without an account', () => {
  const trusted = { TOLLGATE_RATE_LIMIT_BY_ADDRESS: '0.001', TOLLGATE_TRUSTED_PROXIES: '1' };
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await startTestGateway(trusted);
  });
  afterEach(() => gateway.close());

  const ask = async (path: string, address: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(gateway.url + path, { headers: { 'X-Forwarded-For': address, ...headers } });
    return ((await answer.json()) as Json).code ?? answer.status;
  };

  it('is told to wait, whatever it asks, and nobody else is', async () => {
    assert.equal(await ask('/v1/apis?query=weather', '192.0.2.1'), 200);
    for (const path of ['/v1/apis', '/v1/apis/sandbox/get-weather']) {
      assert.equal(await ask(path, '192.0.2.1'), 'RATE_LIMITED');
    }
    assert.equal(await ask('/v1/apis', '192.0.2.2'), 200);
  });

  it('is told so as well where it tries keys, and one with a key goes on calling', async () => {
    const { apiKey } = await gateway.account('1');
    const guess = { Authorization: 'Bearer tg_live_guess' };
    assert.equal(await ask('/v1/balance', '192.0.2.1', guess), 'UNAUTHENTICATED');
    assert.equal(await ask('/v1/balance', '192.0.2.1', guess), 'RATE_LIMITED');
    assert.equal(await ask('/v1/balance', '192.0.2.1', { Authorization: `Bearer ${apiKey}` }), 200);
  });

  it('is told what is wrong with the account of a right key, as often as it asks', async () => {
    const { accountId, apiKey } = await gateway.account('1');
    await gateway.running.books.accounts.freeze(accountId);
    const key = { Authorization: `Bearer ${apiKey}` };
    assert.equal(await ask('/v1/balance', '192.0.2.1', key), 'ACCOUNT_FROZEN');
    assert.equal(await ask('/v1/balance', '192.0.2.1', key), 'ACCOUNT_FROZEN');
    assert.equal(await ask('/v1/apis', '192.0.2.1'), 200);
  });

  it('cannot be another one by what it says of itself where no proxy is believed', async () => {
    const own = await startTestGateway({ TOLLGATE_RATE_LIMIT_BY_ADDRESS: '0.001' });
    try {
      for (let times = 0; times < 5; times += 1) {
        const answer = await fetch(`${own.url}/v1/apis`, { headers: { 'X-Forwarded-For': '192.0.2.1' } });
        assert.equal(answer.status, 200, 'it is the operator’s own machine that asks');
      }
    } finally {
      await own.close();
    }
  });
});

describe('answers that come from many upstreams at once', () => {
  it('take no more memory together than there is for them: one too many is broken off, and costs nothing', async () => {
    const open: ServerResponse[] = [];
    const upstream = await upstreamServer((_, response) => {
      open.push(response);
      response.setHeader('content-type', 'text/plain').write('x'.repeat(600_000));
    });
    const gateway = await startTestGateway({
      TOLLGATE_ANSWER_MEMORY_MB: '1',
      TOLLGATE_UPSTREAM_SANDBOX: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox',
    });
    try {
      const { apiKey } = await gateway.account('1');
      const call = () => askPlainHttp(`${gateway.url}/v1/call/sandbox/echo-get`, apiKey, {});
      const bytes = async () =>
        Number(/^tollgate_answer_bytes (\d+)$/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())![1]);
      const first = call();
      while ((await bytes()) < 600_000) await new Promise(setImmediate);
      const { status, body } = await call();
      assert.deepEqual([status, body.code, body.charged, body.retryable], [503, 'GATEWAY_BUSY', '0.000000', true]);
      assert.equal(await bytes(), 600_000);
      open[0]!.end();
      assert.equal((await first).status, 200);
    } finally {
      await gateway.close();
      await upstream.close();
    }
  });
});

/** The replies to so many of the message in one POST. */
async function replyToBatch(
  gateway: TestGateway,
  apiKey: string,
  message: object,
  length: number,
): Promise<readonly { result: { structuredContent: Json } }[]> {
  const answer = await fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${apiKey}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(Array.from({ length }, (_, id) => ({ ...message, id }))),
  });
  return (await answer.json()) as readonly { result: { structuredContent: Json } }[];
}
