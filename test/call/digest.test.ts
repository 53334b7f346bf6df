import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { callTool, type Json } from '../fixtures/test-gateway.js';
import { startProvider, type Provider } from './a-provider.js';
import { digestServer, type DigestRules, type DigestServer } from './digest-server.js';

const PATHS = `
  /things:
    get:
      operationId: read
      security: [{ digest: [] }]
      parameters: [{ name: q, in: query, schema: { type: string } }]
    post:
      operationId: make
      security: [{ digest: [] }]
      requestBody: { content: { application/json: { schema: { type: object } } } }
  /others:
    get: { operationId: both, security: [{ digest: [], key: [] }] }
  /either:
    get: { operationId: either, security: [{ unset: [] }, { digest: [] }] }
`;

const SCHEMES =
  '{ digest: { type: http, scheme: Digest }, key: { type: apiKey, in: query, name: key }, ' +
  'unset: { type: apiKey, in: query, name: other } }';

const USERS = { Mufasa: 'Circle of Life' };
const DIGEST = 'TOLLGATE_CREDENTIAL_ACME_DIGEST';

describe('an endpoint that wants HTTP Digest authentication', () => {
  let provider: Provider;
  let client: Client;

  async function start(environment: Readonly<Record<string, string>>, settings = ''): Promise<void> {
    provider = await startProvider(PATHS, settings, { securitySchemes: SCHEMES, environment });
    client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
  }

  afterEach(() => provider.close());

  const ok = (_: IncomingMessage, response: ServerResponse): void =>
    void response.setHeader('content-type', 'application/json').end('{"ok":true}');

  function serve(rules: Partial<DigestRules> = {}, then: Parameters<typeof digestServer>[1] = ok): DigestServer {
    const server = digestServer({ users: USERS, qop: 'auth', ...rules }, then);
    provider.answer(server.listener);
    return server;
  }

  const call = (operation: string, args: Json = {}) =>
    callTool(client, 'call_api', { endpoint: `acme/${operation}`, arguments: args });
  const succeed = async (operation: string, args: Json = {}): Promise<Json> => {
    const { isError, answer } = await call(operation, args);
    assert.equal(isError, false, JSON.stringify(answer));
    return answer;
  };
  const charged = async () => ((await callTool(client, 'get_usage', {})).answer.total as Json).charged;
  const counter = async (name: string): Promise<number> => {
    const text = await (await fetch(`${provider.gateway.url}/metrics`)).text();
    return [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, 'gm'))].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  };
  const refusals = () => counter('tollgate_credential_refusals_total');
  const counts = ({ admitted }: DigestServer) => admitted.map(({ nc }) => nc);

  describe('with a password', () => {
    beforeEach(() => start({ [DIGEST]: 'Mufasa:Circle of Life', TOLLGATE_CREDENTIAL_ACME_KEY: 'its-key' }));

    it('is challenged once, and asked with the nonce that it gave from then on, in ascending counts', async () => {
      const server = serve({ isOrdered: true });
      const [spent, refused] = [Number(await charged()), await refusals()];
      for (let number = 0; number < 3; number += 1) {
        const answer = await succeed('read', { q: 'a b/"\\?&é' });
        assert.deepEqual([answer.body, answer.charged, answer.warnings], [{ ok: true }, '0.001000', undefined]);
      }
      assert.deepEqual(counts(server), ['00000001', '00000002', '00000003']);
      assert.equal(new Set(server.admitted.map(({ nonce }) => nonce)).size, 1);
      assert.deepEqual([server.bare(), server.refused], [1, []]);
      assert.equal(provider.received.length, 4);
      assert.equal((Number(await charged()) - spent).toFixed(6), '0.003000');
      assert.equal(await refusals(), refused, 'a challenge refuses nothing');
    });

    it('is answered again where its nonce has become stale, and paid once', async () => {
      const server = serve({});
      await succeed('read');
      server.expire();
      const refused = await refusals();
      assert.equal((await succeed('read')).charged, '0.001000');
      assert.deepEqual([server.refused, counts(server), server.bare()], [['stale'], ['00000001', '00000001'], 1]);
      assert.equal(await refusals(), refused);
    });

    it('is sent no count of a nonce twice by calls at once, whether they know a nonce or have to ask', async () => {
      for (const rules of [{}, { isShared: true }, { isOrdered: true }]) {
        const server = serve(rules);
        const many = () => Promise.all(Array.from({ length: 8 }, () => succeed('read')));
        await many();
        await many();
        assert.equal(server.admitted.length, 16);
        assert.ok(!server.refused.includes('replay'), server.refused.join());
      }
    });

    it('is sent the body with the answer too, also where the answer is over it', async () => {
      for (const qop of ['auth', 'auth-int'] as const) {
        const bodies: string[] = [];
        serve({ qop }, (request, response, body) => {
          bodies.push(body.toString());
          ok(request, response);
        });
        await succeed('make', { body: { name: 'Zoë', size: 3 } });
        assert.deepEqual(bodies, ['{"name":"Zoë","size":3}']);
        assert.deepEqual(provider.received, ['POST /things', 'POST /things']);
      }
    });

    const rules: readonly (readonly [name: string, rules: Partial<DigestRules>])[] = [
      ['MD5 by name', { algorithm: 'MD5' }],
      ['MD5-sess', { algorithm: 'MD5-sess' }],
      ['SHA-256', { algorithm: 'SHA-256' }],
      ['SHA-256-sess', { algorithm: 'SHA-256-sess' }],
      ['SHA-512-256', { algorithm: 'SHA-512-256' }],
      ['SHA-512-256-sess, over the body', { algorithm: 'SHA-512-256-sess', qop: 'auth-int' }],
      ['RFC 2069', { qop: undefined }],
      ['a hashed name', { algorithm: 'SHA-256', userhash: true }],
      ['a realm that is not ASCII', { realm: 'Zoë\\' }],
      ['a domain', { domain: '/things' }],
      [
        'a stronger scheme that nobody knows before',
        { challenges: (own) => ['Negotiate, Digest realm=x, nonce=y, algorithm=SHA3-256', own] },
      ],
      [
        'a weaker one before, in the same header',
        { algorithm: 'SHA-256', challenges: (own) => `Basic realm="b", Digest realm="x", nonce=y, ${own}` },
      ],
      [
        'a weaker one after, in another header',
        { algorithm: 'SHA-256', challenges: (own) => [own, 'Digest realm=x, nonce=y, algorithm=MD5'] },
      ],
    ];
    for (const [name, given] of rules) {
      it(`lets calls in by its own rules: ${name}`, async () => {
        const server = serve(given);
        await succeed('read');
        await succeed('read');
        assert.deepEqual([server.admitted.length, server.bare(), server.refused], [2, 1, []]);
      });
    }

    it('is asked with the nonce that it says comes next', async () => {
      const server = serve({ uses: 1, saysNext: true });
      for (let number = 0; number < 3; number += 1) await succeed('read');
      assert.deepEqual([server.bare(), server.refused], [1, []]);
      assert.equal(new Set(server.admitted.map(({ nonce }) => nonce)).size, 3);
    });

    it('is asked bare beyond the domain that it names', async () => {
      const server = serve({ domain: '/things /more' });
      await succeed('read');
      await succeed('either');
      await succeed('read');
      assert.deepEqual([server.bare(), server.refused], [2, []]);
    });

    it('is sent another scheme of the same alternative beside it, and the next alternative where one is not set', async () => {
      const server = serve();
      await succeed('both');
      await succeed('either');
      assert.deepEqual(provider.received, ['GET /others?key=its-key', 'GET /others?key=its-key', 'GET /either']);
      assert.deepEqual(counts(server), ['00000001', '00000002']);
    });

    it('is sent another count where the request is sent again, and charged once', async () => {
      let lost = 0;
      const server = serve({}, (request, response) => {
        if (lost++ === 0) request.socket.destroy();
        else ok(request, response);
      });
      assert.equal((await succeed('read')).charged, '0.001000');
      assert.deepEqual([counts(server), server.refused], [['00000001', '00000002'], []]);
    });

    it('is answered once and no more, and what it refuses is told, free of charge', async () => {
      const spent = await charged();
      const server = serve({ users: { Mufasa: 'another one' } });
      const refused = await refusals();
      const { answer } = await call('make', { body: {} });
      assert.deepEqual([answer.code, answer.status, answer.charged], ['CREDENTIAL_REFUSED', 401, '0.000000']);
      assert.deepEqual([server.bare(), server.refused], [1, ['response']]);
      assert.equal(await refusals(), refused + 1);
      assert.equal(await charged(), spent);
      await call('read');
      assert.equal(server.bare(), 2, 'a nonce that was refused is not used again');
    });

    it('is asked bare again where it no longer takes the password that it took before', async () => {
      const users = { ...USERS };
      const server = serve({ users });
      await succeed('read');
      users.Mufasa = 'another one';
      await call('read');
      assert.deepEqual([server.bare(), server.refused.length], [1, 2]);
      await call('read');
      assert.deepEqual([server.bare(), server.refused.length], [2, 3]);
    });

    it('is told of where it has no challenge that can be answered', async () => {
      provider.answer((_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end());
      const { answer } = await call('read');
      assert.deepEqual([answer.code, answer.status, provider.received.length], ['CREDENTIAL_REFUSED', 401, 1]);
    });

    it('does not get its proof passed on as progress', async () => {
      const server = serve(
        {},
        (_, response) =>
          void response
            .setHeader('content-type', 'text/event-stream')
            .end(`data: it is ${server.admitted.at(-1)!['response']}\n\n`),
      );
      const progress: (string | undefined)[] = [];
      await client.callTool({ name: 'call_api', arguments: { endpoint: 'acme/read' } }, undefined, {
        onprogress: ({ message }) => progress.push(message),
      });
      assert.deepEqual([server.admitted.length, progress], [1, ['it is [redacted]']]);
    });

    it('does not get its proof back in an answer, nor what stands for the password', async () => {
      const own = createHash('md5').update('Mufasa:acme "things":Circle of Life').digest('hex');
      const server = serve({}, (_, response) => {
        const text = `${server.admitted.at(-1)!['response']} ${own} Circle of Life Mufasa`;
        response.setHeader('content-type', 'text/plain').end(text);
      });
      for (let number = 0; number < 2; number += 1) {
        assert.equal((await succeed('read')).body, '[redacted] [redacted] [redacted] Mufasa');
      }
    });
  });

  it('is a provider in no trouble by its challenges', async () => {
    await start(
      { [DIGEST]: 'Mufasa:Circle of Life' },
      'limits: { breakerFailures: 1, breakerOpenMs: 600000, retries: 0 }',
    );
    const server = serve({ uses: 1 });
    for (let number = 0; number < 3; number += 1) await succeed('read');
    assert.deepEqual([server.bare(), server.refused], [1, ['stale', 'stale']]);
  });

  it('takes the keys of a pool in turn, each with a nonce of its own, and refuses the one that it refuses', async () => {
    await start({ [`${DIGEST}_1`]: 'Mufasa:Circle of Life', [`${DIGEST}_2`]: 'Nala:Can You Feel' });
    const server = serve({ users: { ...USERS, Nala: 'Can You Feel' } });
    for (let number = 0; number < 4; number += 1) await succeed('read');
    assert.deepEqual(
      server.admitted.map(({ username, nc }) => `${username} ${nc}`),
      ['Mufasa 00000001', 'Nala 00000001', 'Mufasa 00000002', 'Nala 00000002'],
    );
    assert.equal(await refusals(), 0);
    const changed = serve({ users: { Nala: 'Can You Feel' } });
    await succeed('read');
    await succeed('read');
    assert.deepEqual(
      changed.admitted.map(({ username }) => username),
      ['Nala', 'Nala'],
    );
    assert.equal(await refusals(), 1);
  });

  it('is unavailable without a password, and says what to set', async () => {
    await start({});
    const { answer } = await call('read');
    assert.equal(answer.code, 'ENDPOINT_UNAVAILABLE');
    assert.match(String(answer.remedy), /set TOLLGATE_CREDENTIAL_ACME_DIGEST to "user:password"/);
  });
});
