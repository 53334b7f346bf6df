import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

import { boundClients } from '../../runtime/http/bound-clients.js';
import { startTestGateway } from '../fixtures/test-gateway.js';

const HEAD = 'POST /v1/call/sandbox/get-weather HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const BODY = Buffer.alloc(1_000_000, ' ');

describe('a client that is refused while it sends', () => {
  const client = (port: number): Socket => connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  /** Not `once`: it may see the end as a reset. */
  const closedAt = (socket: Socket): Promise<void> =>
    new Promise((resolve) => socket.on('error', () => undefined).once('close', () => resolve()));

  /** What it reads until the end, and then how it fares with the rest of its request. */
  async function refused(port: number, head: string): Promise<readonly [answer: string, sent: string]> {
    const socket = client(port).setEncoding('latin1');
    const outcome = new Promise<string>((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code!));
      socket.once('finish', () => resolve('all'));
    });
    let answer = '';
    socket.on('data', (text: string) => (answer += text));
    socket.write(`${head}Content-Length: 20000000\r\n\r\n`);
    await Promise.race([once(socket, 'end'), outcome]);
    for (let count = 0; count < 20 && !socket.destroyed; count += 1) {
      await new Promise<void>((resolve) => socket.write(BODY, () => resolve()));
    }
    socket.end();
    const sent = await outcome;
    socket.destroy();
    return [answer, sent];
  }

  it('can send the rest of what is too large, and reads why it was refused and what to do', async () => {
    const gateway = await startTestGateway();
    const [answer, sent] = await refused(Number(new URL(gateway.url).port), HEAD);
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /\r\nConnection: close\r\n/);
    assert.match(answer, /"remedy":"send a smaller request"/);
    assert.equal(sent, 'all');
    await gateway.close();
  });

  it('reads it also where it wants the connection closed', async () => {
    const gateway = await startTestGateway();
    const head = 'POST /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
    const [answer, sent] = await refused(Number(new URL(gateway.url).port), head);
    assert.match(answer, /^HTTP\/1\.1 404 /);
    assert.equal(sent, 'all');
    await gateway.close();
  });

  it('has nothing carried out that it sends behind that', async () => {
    const gateway = await startTestGateway();
    const socket = client(Number(new URL(gateway.url).port));
    const closed = closedAt(socket);
    const ended = once(socket.resume(), 'end');
    socket.write(`${HEAD}Content-Length: 1000001\r\n\r\n`);
    await ended;
    socket.end(`${' '.repeat(1_000_001)}GET /v1/apis HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await closed;
    assert.equal((await fetch(`${gateway.url}/v1/apis`)).status, 200);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.match(metrics, /^tollgate_operations_total\{operation="browse_apis",outcome="ok"\} 1$/m);
    await gateway.close();
  });

  it('loses its connection where it never ends', async () => {
    const requests: RequestListener = (_, res) => void res.setHeader('Connection', 'close').end('no');
    const server = createServer(requests);
    boundClients(server, { maxConnections: 10, lingerMs: 100 });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = client((server.address() as AddressInfo).port).resume();
    const closed = closedAt(socket);
    const trickle = setInterval(() => socket.write('x'), 10);
    socket.write(`${HEAD}Content-Length: 20000000\r\n\r\n`);
    await closed;
    clearInterval(trickle);
    server.close();
  });
});
