import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import zlib, { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { systemClock } from '../../runtime/clock.js';
import { AnswerMemory } from '../../runtime/upstream/answer-memory.js';
import { createSender, type Sender, type SendOptions, type UpstreamAnswer } from '../../runtime/upstream/send.js';
import { UpstreamFailure, type UpstreamFailureKind } from '../../runtime/upstream/upstream-failure.js';
import type { UpstreamRequest } from '../../runtime/upstream/upstream-request.js';
import { rawServer, upstreamServer, type UpstreamServer } from './upstream-server.js';

/** Node has zstd from 22.15 on. */
const { zstdCompressSync } = zlib as { zstdCompressSync?: typeof gzipSync };

const LIMITS = { timeoutMs: 5_000, maxResponseBytes: 1_000_000, concurrency: 8 };

function get(url: string, differences: Partial<UpstreamRequest> = {}): UpstreamRequest {
  const parsed = new URL(url);
  return { method: 'GET', url: parsed, headers: [], origin: parsed.origin, ...differences };
}

describe('sending', () => {
  const servers: UpstreamServer[] = [];
  const senders: Sender[] = [];

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await Promise.all(senders.splice(0).map((sender) => sender.close()));
  });

  async function serve(listener: RequestListener): Promise<UpstreamServer> {
    const server = await upstreamServer(listener);
    servers.push(server);
    return server;
  }

  async function serveRaw(answer: (socket: Socket) => void): Promise<UpstreamServer> {
    const server = await rawServer(answer);
    servers.push(server);
    return server;
  }

  function senderWith(differences: Partial<Parameters<typeof createSender>[0]> = {}): Sender {
    const sender = createSender({ allowPrivate: () => true, clock: systemClock, ...differences });
    senders.push(sender);
    return sender;
  }

  function send(
    request: UpstreamRequest,
    options: Partial<SendOptions> = {},
    sender = senderWith(),
  ): Promise<UpstreamAnswer> {
    return sender.send(request, { provider: 'acme', limits: LIMITS, ...options });
  }

  async function fails(answer: Promise<unknown>, kind: UpstreamFailureKind, sent: boolean): Promise<UpstreamFailure> {
    try {
      await answer;
    } catch (error) {
      assert.ok(error instanceof UpstreamFailure, String(error));
      assert.deepEqual([error.kind, error.sent], [kind, sent], error.message);
      return error;
    }
    return assert.fail('it was answered');
  }

  describe('on the wire', () => {
    it('writes the request as it was built, and nothing else but what frames it', async () => {
      const server = await serve((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { method, url, rawHeaders } = request;
          response.end(JSON.stringify({ method, url, rawHeaders, body: Buffer.concat(chunks).toString() }));
        });
      });
      const answer = await send(
        get(`${server.origin}/a%2Fb;c?x=%20y&z`, {
          method: 'PATCH',
          headers: [
            ['accept', '*/*'],
            ['x-note', 'Z\u00c3\u00bcrich'],
          ],
          body: Buffer.from('hello'),
        }),
      );
      assert.deepEqual(JSON.parse(Buffer.from(answer.body).toString()), {
        method: 'PATCH',
        url: '/a%2Fb;c?x=%20y&z',
        rawHeaders: [
          ...['host', `127.0.0.1:${server.port}`, 'connection', 'keep-alive', 'accept', '*/*'],
          ...['x-note', 'Z\u00c3\u00bcrich', 'accept-encoding', 'gzip, deflate, br', 'content-length', '5'],
        ],
        body: 'hello',
      });
    });

    it('asks for no encoding of its own where the document has callers choose one', async () => {
      const asked: unknown[] = [];
      const server = await serve(({ headers }, response) => {
        asked.push(headers['accept-encoding']);
        response.end();
      });
      const choosing = { choosesEncoding: true } as const;
      await send(get(server.origin, { ...choosing, headers: [['accept-encoding', 'gzip']] }));
      await send(get(server.origin, choosing));
      await send(get(server.origin));
      assert.deepEqual(asked, ['gzip', undefined, 'gzip, deflate, br']);
    });

    it('gives status, headers in lower case and joined, content type and exact bytes', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const server = await serve((_, response) => {
        response.writeHead(418, { 'Content-Type': 'image/png', 'Set-Cookie': ['a=1', 'b=2'], 'Retry-After': '7' });
        response.end(bytes);
      });
      const answer = await send(get(server.origin));
      assert.deepEqual(
        [answer.status, answer.contentType, answer.headers['set-cookie'], answer.headers['retry-after'], answer.body],
        [418, 'image/png', 'a=1, b=2', '7', bytes],
      );
    });

    for (const [name, status, method] of [
      ['an answer to HEAD, whatever length it declares', 200, 'HEAD'],
      ['204', 204, 'GET'],
      ['304', 304, 'GET'],
    ] as const) {
      it(`reads ${name} as empty`, async () => {
        const server = await serve((_, response) => {
          response.writeHead(status, status === 200 ? { 'content-length': 5_000_000, 'content-encoding': 'gzip' } : {});
          response.end();
        });
        const answer = await send(get(server.origin, { method }));
        assert.deepEqual([answer.status, answer.body.byteLength], [status, 0]);
      });
    }

    it('waits for the answer behind an interim one', async () => {
      const server = await serve((_, response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' });
        response.end('done');
      });
      assert.equal(Buffer.from((await send(get(server.origin))).body).toString(), 'done');
    });

    it('keeps the connection for the next request of the same provider, and for no other', async () => {
      const server = await serve((_, response) => response.end('x'));
      const sender = senderWith();
      await send(get(server.origin), { provider: 'one' }, sender);
      // A connection is free again one turn after its answer's end.
      await nextTurn();
      await send(get(server.origin), { provider: 'one' }, sender);
      assert.equal(server.connections(), 1);
      await send(get(server.origin), { provider: 'two' }, sender);
      assert.equal(server.connections(), 2);
    });

    it('refuses to send a request that has left its origin', async () => {
      const server = await serve((_, response) => response.end());
      await assert.rejects(send(get(server.origin, { origin: 'https://api.example.com' })), /was about to go to/);
      assert.equal(server.connections(), 0);
    });
  });

  describe('redirects', () => {
    for (const status of [301, 302, 303, 307, 308]) {
      it(`gives ${status} as an answer and does not follow it`, async () => {
        const other = await serve((_, response) => response.end('stolen'));
        const server = await serve((_, response) =>
          response.writeHead(status, { location: `${other.origin}/steal` }).end('moved'),
        );
        const answer = await send(get(server.origin, { headers: [['x-api-key', 'key']] }));
        assert.deepEqual([answer.status, answer.headers['location']], [status, `${other.origin}/steal`]);
        assert.equal(other.connections(), 0);
      });
    }
  });

  describe('decompression', () => {
    const plain = Buffer.from('{"temperature":21}'.repeat(100));
    const rows: readonly (readonly [string, string, Buffer])[] = [
      ['gzip', 'gzip', gzipSync(plain)],
      ['x-gzip', 'X-Gzip', gzipSync(plain)],
      ['deflate, as the standard means it', 'deflate', deflateSync(plain)],
      ['deflate, as some servers mean it', 'deflate', deflateRawSync(plain)],
      ['brotli', 'br', brotliCompressSync(plain)],
      ...(zstdCompressSync === undefined ? [] : [['zstd', 'zstd', zstdCompressSync(plain)] as const]),
      ['identity', 'identity', plain],
      ['two encodings', 'gzip, br', brotliCompressSync(gzipSync(plain))],
      ['three encodings', 'gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(plain)))],
    ];
    for (const [name, encoding, bytes] of rows) {
      it(`undoes ${name}`, async () => {
        const server = await serve((_, response) =>
          response.writeHead(200, { 'content-encoding': encoding }).end(bytes),
        );
        assert.deepEqual(Buffer.from((await send(get(server.origin))).body), plain);
      });
    }

    const bomb = Buffer.alloc(50_000_000);
    const bombs: readonly (readonly [string, string, () => Buffer])[] = [
      ['gzip', 'gzip', () => gzipSync(bomb)],
      ['deflate', 'deflate', () => deflateSync(bomb)],
      ['brotli', 'br', () => brotliCompressSync(bomb, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
      ['gzip in gzip', 'gzip, gzip', () => gzipSync(gzipSync(bomb))],
      ...(zstdCompressSync === undefined ? [] : [['zstd', 'zstd', () => zstdCompressSync(bomb)] as const]),
    ];
    for (const [name, encoding, pack] of bombs) {
      it(`stops at the limit of a bomb of ${name}`, async () => {
        const bytes = pack();
        assert.ok(bytes.byteLength < LIMITS.maxResponseBytes);
        const server = await serve((_, response) =>
          response.writeHead(200, { 'content-encoding': encoding }).end(bytes),
        );
        await fails(send(get(server.origin)), 'too-large', true);
      });
    }

    const faults: readonly (readonly [string, string, Buffer, UpstreamFailureKind])[] = [
      ['damaged data', 'gzip', Buffer.from('not gzip at all'), 'bad-encoding'],
      ['an unknown encoding', 'rot13', Buffer.from('x'), 'bad-encoding'],
      ['a name of an object prototype', 'constructor', Buffer.from('x'), 'bad-encoding'],
      ['encodings without end', 'gzip, gzip, gzip, gzip', Buffer.from('x'), 'bad-encoding'],
      ['data that is cut off', 'gzip', gzipSync(plain).subarray(0, 40), 'truncated'],
      ...(zstdCompressSync === undefined
        ? [['an encoding that this Node cannot undo', 'zstd', plain, 'bad-encoding'] as const]
        : [['damaged zstd', 'zstd', plain, 'bad-encoding'] as const]),
    ];
    for (const [name, encoding, bytes, kind] of faults) {
      it(`fails on ${name}`, async () => {
        const server = await serve((_, response) =>
          response.writeHead(200, { 'content-encoding': encoding }).end(bytes),
        );
        assert.equal((await fails(send(get(server.origin)), kind, true)).upstreamStatus, 200);
      });
    }

    it('does not repeat the name of an unknown encoding, which may be the credential that was sent', async () => {
      const server = await serve((_, response) =>
        response.writeHead(200, { 'content-encoding': 'sk-live-7' }).end('x'),
      );
      const failure = await fails(send(get(server.origin)), 'bad-encoding', true);
      assert.equal(failure.message, "the answer's encoding is none of gzip, deflate, br");
    });
  });

  describe('limits', () => {
    it('refuse an answer by its declared length, without reading it', async () => {
      const server = await serve((_, response) => {
        response.writeHead(200, { 'content-length': 2_000_000 });
        response.write('x');
      });
      await fails(send(get(server.origin)), 'too-large', true);
    });

    it('stop an answer that declares no length', async () => {
      const server = await serve((_, response) => {
        const more = (): void => {
          if (!response.destroyed) response.write(Buffer.alloc(100_000), () => setImmediate(more));
        };
        more();
      });
      await fails(send(get(server.origin)), 'flooding', true);
    });

    it('let an answer through that has exactly the limit', async () => {
      const server = await serve((_, response) => response.end(Buffer.alloc(1000)));
      const answer = await send(get(server.origin), { limits: { ...LIMITS, maxResponseBytes: 1000 } });
      assert.equal(answer.body.byteLength, 1000);
      await fails(send(get(server.origin), { limits: { ...LIMITS, maxResponseBytes: 999 } }), 'too-large', true);
    });

    it('stop a head without end', async () => {
      const server = await serveRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = (): void => {
          if (!socket.destroyed) socket.write(`x-filler: ${'x'.repeat(1000)}\r\n`, () => setImmediate(more));
        };
        more();
      });
      await fails(send(get(server.origin)), 'too-large', true);
    });

    it('end a call whose answer never begins', async () => {
      const server = await serve(() => undefined);
      await fails(send(get(server.origin), { limits: { ...LIMITS, timeoutMs: 50 } }), 'timeout', true);
    });

    it('end a call whose answer trickles on: the time is one for the whole', async () => {
      const server = await serve((_, response) => {
        const more = (): void => {
          if (!response.destroyed) response.write('x', () => setTimeout(more, 5));
        };
        more();
      });
      const failure = await fails(send(get(server.origin), { limits: { ...LIMITS, timeoutMs: 100 } }), 'timeout', true);
      assert.equal(failure.upstreamStatus, 200);
    });

    it('end a call whose answer stands still', async () => {
      const server = await serve((_, response) => response.write('x'));
      const limits = { ...LIMITS, timeoutMs: 15_000, idleTimeoutMs: 100 };
      const failure = await fails(send(get(server.origin), { limits }), 'timeout', true);
      assert.equal(failure.message, "the upstream's answer stood still");
    });

    it('read a provider no faster than they say, while another is read', async () => {
      const flooding = await serve((_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) continue;
        };
        response.on('drain', more);
        more();
      });
      const sound = await serve((_, response) => response.end('sound'));
      const answers = new AnswerMemory(100_000_000);
      // At a time that stands still, each piece that comes makes the pause longer: nearly nothing is read.
      const sender = senderWith({ answers, clock: { ...systemClock, nowMs: () => 1_800_000_000_000 } });
      const limits = { ...LIMITS, timeoutMs: 2_000, maxResponseBytes: 100_000_000, bytesPerSecond: 100_000 };
      const flood = fails(send(get(flooding.origin), { limits, provider: 'flooding' }, sender), 'timeout', true);
      for (let call = 0; call < 50; call += 1) {
        assert.equal(Buffer.from((await send(get(sound.origin), {}, sender)).body).toString(), 'sound');
      }
      assert.ok(answers.bytes <= 10 * 65_536, `${answers.bytes} bytes were read`);
      await flood;
    });

    it('read it whole, and do not take their own pauses for an answer that stands still', async () => {
      const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
      const server = await serve((_, response) => response.end(body));
      const limits = { ...LIMITS, idleTimeoutMs: 50, bytesPerSecond: 500_000 };
      assert.deepEqual(Buffer.from((await send(get(server.origin), { limits })).body), body);
    });

    it('end a call whose answer does not begin in the time for that, and let one stand that has begun', async () => {
      const silent = await serve(() => undefined);
      const limits = { ...LIMITS, timeoutMs: 15_000, firstByteTimeoutMs: 100 };
      const failure = await fails(send(get(silent.origin), { limits }), 'timeout', true);
      assert.equal(failure.message, 'the upstream did not begin its answer in time');
      const begun = await serve((_, response) => {
        response.write('x');
        setTimeout(() => response.end('y'), 150);
      });
      assert.equal(Buffer.from((await send(get(begun.origin), { limits })).body).toString(), 'xy');
    });

    it('take an answer that came in time, also where this process stood still until that was over', async () => {
      const server = await serve((_, response) => {
        response.end('in time');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      });
      const { body } = await send(get(server.origin), { limits: { ...LIMITS, timeoutMs: 200 } });
      assert.equal(Buffer.from(body).toString(), 'in time');
    });

    it('end a call that waits for a connection in the time for that, and have sent nothing', async () => {
      // A name that never resolves, in place of a host that never answers.
      const sender = senderWith({ resolveName: () => new Promise(() => undefined) });
      const limits = { ...LIMITS, timeoutMs: 15_000, connectTimeoutMs: 100 };
      await fails(send(get('http://api.test/'), { limits }, sender), 'connect', false);
    });

    it('are those of now, also where the provider has had others', async () => {
      const server = await serve((_, response) => response.end());
      const sender = senderWith({
        resolveName: (hostname) =>
          hostname === 'silent.test'
            ? new Promise(() => undefined)
            : Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
      });
      const before = { ...LIMITS, timeoutMs: 15_000, connectTimeoutMs: 15_000 };
      await send(get(`http://api.test:${server.port}/`), { limits: before }, sender);
      const now = { ...before, connectTimeoutMs: 100 };
      await fails(send(get('http://silent.test/'), { limits: now }, sender), 'connect', false);
    });

    for (const code of ['EMFILE', 'ENFILE']) {
      it(`of this process's own, such as ${code}, are not taken for a fault of the upstream`, async () => {
        const sender = senderWith({ resolveName: () => Promise.reject(Object.assign(new Error('no file'), { code })) });
        const failure = await fails(send(get('http://api.test/'), {}, sender), 'gateway-full', false);
        assert.equal(failure.message, `this gateway may open no more connections at a time (${code})`);
      });
    }

    it('stop an answer for which the others leave no room, and take no more than what is there', async () => {
      const answers = new AnswerMemory(1_000);
      const sender = senderWith({ answers });
      const server = await serve((_, response) => response.end(Buffer.alloc(600)));
      let other: ServerResponse | undefined;
      const held = await serve((_, response) => {
        other = response;
        response.write(Buffer.alloc(500));
      });
      const first = send(get(held.origin), {}, sender);
      while (answers.bytes < 500) await new Promise(setImmediate);
      const failure = await fails(send(get(server.origin), {}, sender), 'gateway-full', true);
      assert.match(failure.message, /take all the memory/);
      assert.equal(answers.bytes, 500);
      other!.end();
      assert.equal((await first).body.byteLength, 500);
      assert.equal(answers.bytes, 0);
      assert.equal((await send(get(server.origin), {}, sender)).body.byteLength, 600);
    });

    it('leave no memory taken by what came of an answer that broke off', async () => {
      const answers = new AnswerMemory(1_000);
      const sender = senderWith({ answers });
      const server = await serve((_, response) => {
        response.write(Buffer.alloc(600), () => response.destroy());
      });
      for (let count = 0; count < 2; count += 1) await fails(send(get(server.origin), {}, sender), 'truncated', true);
      assert.equal(answers.bytes, 0);
    });

    it('end a call that waits for a name to resolve, and send nothing afterwards', async () => {
      let seen = 0;
      const server = await serve((_, response) => {
        seen += 1;
        response.end();
      });
      let resolved: (() => void) | undefined;
      const sender = senderWith({
        resolveName: () => new Promise((resolve) => (resolved = () => resolve([{ address: '127.0.0.1', family: 4 }]))),
      });
      const options = { limits: { ...LIMITS, timeoutMs: 50 } };
      await fails(send(get(`http://api.test:${server.port}/`), options, sender), 'timeout', false);
      resolved?.();
      await sender.close();
      assert.equal(seen, 0);
    });
  });

  describe('faults', () => {
    const faults: readonly (readonly [string, string, UpstreamFailureKind])[] = [
      ['no answer', '', 'reset'],
      ['something else than HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'reset'],
      ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le', 'reset'],
      ['fewer bytes than declared', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":', 'truncated'],
      [
        'a last chunk that is missing',
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
        'truncated',
      ],
      ['a chunk that is damaged', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 'truncated'],
    ];
    for (const [name, text, kind] of faults) {
      it(`tells ${kind}: ${name}`, async () => {
        const server = await serveRaw((socket) => socket.end(text));
        await fails(send(get(server.origin)), kind, true);
      });
    }

    it('tells a reset connection', async () => {
      const server = await serveRaw((socket) => socket.resetAndDestroy());
      await fails(send(get(server.origin)), 'reset', true);
    });

    for (const method of ['GET', 'POST']) {
      it(`does not send ${method} again by itself when it was lost on a connection kept from before`, async () => {
        let requests = 0;
        const server = await serve((request, response) => {
          requests += 1;
          if (requests === 1) response.end();
          else request.socket.resetAndDestroy();
        });
        const sender = senderWith();
        await send(get(server.origin), {}, sender);
        await nextTurn();
        await fails(send(get(server.origin, { method }), {}, sender), 'reset', true);
        assert.deepEqual([requests, server.connections()], [2, 1]);
      });
    }

    it('tells a port where nobody listens, without having sent', async () => {
      const server = await serve(() => undefined);
      await server.close();
      servers.pop();
      await fails(send(get(server.origin)), 'connect', false);
    });

    it('tells a name that does not resolve, without having sent', async () => {
      const sender = senderWith({
        resolveName: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
      });
      const failure = await fails(send(get('http://api.test/'), {}, sender), 'connect', false);
      assert.match(failure.message, /ENOTFOUND/);
    });

    it('keeps path and query, and so a key in them, out of the message', async () => {
      const server = await serveRaw((socket) => socket.end());
      const failure = await fails(send(get(`${server.origin}/secret-path?key=secret-key`)), 'reset', true);
      assert.doesNotMatch(`${failure.message} ${String(failure.cause)}`, /secret/);
    });
  });

  describe('addresses', () => {
    const guarded = { allowPrivate: () => false };

    for (const host of [
      '127.0.0.1',
      'localhost',
      'localhost.',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '127.1',
      '[::ffff:127.0.0.1]',
      '[::1]',
      '[::]',
      '0.0.0.0',
    ]) {
      it(`does not connect to ${host}`, async () => {
        const server = await serve((_, response) => response.end());
        await fails(send(get(`http://${host}:${server.port}/`), {}, senderWith(guarded)), 'address-refused', false);
        assert.equal(server.connections(), 0);
      });
    }

    for (const addresses of [
      ['127.0.0.1'],
      ['169.254.169.254'],
      ['64:ff9b::7f00:1'],
      ['8.8.8.8', '127.0.0.1'],
      ['::ffff:7f00:1'],
    ]) {
      it(`does not connect to a name that resolves to ${addresses.join(' and ')}`, async () => {
        const server = await serve((_, response) => response.end());
        const resolveName = (): Promise<{ address: string; family: number }[]> =>
          Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
        const sender = senderWith({ ...guarded, resolveName });
        await fails(send(get(`http://api.test:${server.port}/`), {}, sender), 'address-refused', false);
        assert.equal(server.connections(), 0);
      });
    }

    it('resolves a name once for a connection, and connects to what it judged', async () => {
      const server = await serve((request, response) => response.end(request.headers.host));
      let lookups = 0;
      const resolveName = (): Promise<{ address: string; family: number }[]> => {
        lookups += 1;
        // A second look would find nobody there.
        return Promise.resolve([{ address: lookups === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
      };
      const answer = await send(get(`http://api.test:${server.port}/`), {}, senderWith({ resolveName }));
      assert.equal(Buffer.from(answer.body).toString(), `api.test:${server.port}`);
      assert.equal(lookups, 1);
    });

    it('judges again at each connection, so that a name that moves inward later is refused', async () => {
      const server = await serve((_, response) => response.end());
      const answers = ['8.8.8.8', '127.0.0.1'];
      const resolveName = (): Promise<{ address: string; family: number }[]> =>
        Promise.resolve([{ address: answers.shift() ?? '127.0.0.1', family: 4 }]);
      const sender = senderWith({ ...guarded, resolveName });
      const url = `http://api.test:${server.port}/`;
      // A public address cannot be reached from a test: the first is given up, and only not refused.
      const first = send(get(url), { limits: { ...LIMITS, timeoutMs: 50 } }, sender);
      await assert.rejects(first, (error) => error instanceof UpstreamFailure && error.kind !== 'address-refused');
      await fails(send(get(url), { provider: 'acme-again' }, sender), 'address-refused', false);
      assert.equal(server.connections(), 0);
    });

    it('lets the providers through that the operator allows, by name, and no other on their connection', async () => {
      const server = await serve((_, response) => response.end('hi'));
      const sender = senderWith({ allowPrivate: (provider) => provider === 'sandbox' });
      await send(get(server.origin), { provider: 'sandbox' }, sender);
      await fails(send(get(server.origin), { provider: 'acme' }, sender), 'address-refused', false);
    });
  });
});
