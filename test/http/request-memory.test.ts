import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type ClientRequest, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { GatewayError } from '../../runtime/gateway-error.js';
import { createApp, type AppDependencies } from '../../runtime/http/app.js';
import { RequestMemory } from '../../runtime/http/request-memory.js';

/** JSON of so many bytes. */
const bodyOf = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));

describe('the memory for requests', () => {
  let server: Server;
  let memory: RequestMemory;
  let sent: ClientRequest[];
  before(async () => {
    server = createServer((req, res) => {
      res.once('close', () => memory.giveBack(req));
      memory.readJson(req).then(
        () => answers.shift()!({ told: 'read', res }),
        (error: unknown) => answers.shift()!({ told: (error as GatewayError).code, res }),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  let answers: ((answer: { readonly told: string; readonly res: ServerResponse }) => void)[];
  beforeEach(() => {
    memory = new RequestMemory(100_000);
    answers = [];
    sent = [];
  });
  afterEach(() => sent.forEach((one) => one.destroy()));
  after(() => server.close());

  /** Sends a request; what became of its body, and the response that is left open. */
  function send(bytes: number, headers: Record<string, string> = { 'content-length': String(bytes) }) {
    const answer = new Promise<{ readonly told: string; readonly res: ServerResponse }>((resolve) => {
      answers.push(resolve);
    });
    const { port } = server.address() as AddressInfo;
    const one = request({ port, host: '127.0.0.1', method: 'POST', agent: false });
    one.setHeader('content-type', 'application/json').on('error', () => undefined);
    for (const [name, value] of Object.entries(headers)) one.setHeader(name, value);
    one.end(bodyOf(bytes));
    sent.push(one);
    return answer;
  }

  async function ended(res: ServerResponse): Promise<void> {
    res.end();
    if (!res.closed) await once(res, 'close');
  }

  it('is taken until it is given back: one too many is refused, and told that it may come again', async () => {
    const first = await send(70_000);
    assert.equal(first.told, 'read');
    const second = await send(70_000);
    assert.equal(second.told, 'GATEWAY_BUSY');
    await ended(first.res);
    assert.equal((await send(70_000)).told, 'read');
  });

  it('is not taken by what is refused for its length', async () => {
    memory = new RequestMemory(1_000_000);
    const { told, res } = await send(1_000_001);
    assert.equal(told, 'REQUEST_TOO_LARGE');
    await ended(res);
    assert.equal((await send(999_999)).told, 'read');
  });

  it('has room for small requests, however many large ones there are', async () => {
    assert.equal((await send(100_000)).told, 'read');
    assert.equal((await send(65_535)).told, 'read');
    assert.equal((await send(65_536)).told, 'GATEWAY_BUSY');
  });

  it('counts what came of a request whose length was not told', async () => {
    memory = new RequestMemory(1_100_000);
    const unsaid = { 'transfer-encoding': 'chunked' };
    for (let times = 0; times < 5; times += 1) assert.equal((await send(100, unsaid)).told, 'read');
    assert.equal((await send(900_000, unsaid)).told, 'read');
    assert.equal((await send(200_000)).told, 'GATEWAY_BUSY');
    assert.equal((await send(190_000)).told, 'read');
  });

  it('is given back once the gateway has answered', async () => {
    const ownAddress = () => ({ host: '127.0.0.1', port: 1 });
    const deps = { ownAddress, requests: memory, draining: () => false };
    const handle = createApp(deps as unknown as AppDependencies).callback();
    const gateway = createServer((req, res) => void handle(req, res)).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/mcp`;
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    try {
      for (let times = 0; times < 3; times += 1) {
        const { status } = await fetch(url, { method: 'POST', headers, body: bodyOf(70_000) });
        assert.equal(status, 400);
      }
    } finally {
      gateway.closeAllConnections();
      gateway.close();
    }
  });
});
