import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { clientName } from '../fixtures/client-name.js';
import { callTool, type Json } from '../fixtures/test-gateway.js';
import { CERTIFICATES, TAKES_CERTIFICATE, WANTS_CERTIFICATE } from '../fixtures/test-certificates.js';
import { startProvider, type Provider, type Secured } from './a-provider.js';

const PATHS = `
  /things:
    get: { operationId: read, security: [{ tls: [] }] }
    post: { operationId: make, security: [{ tls: [] }] }
  /both:
    get: { operationId: both, security: [{ tls: [], key: [] }] }
  /either:
    get: { operationId: either, security: [{ unset: [] }, { tls: [] }] }
  /keyed:
    get: { operationId: keyed, security: [{ key: [] }] }
  /open:
    get: { operationId: open }
  /token:
    get: { operationId: withToken, security: [{ tls: [], oauth: [] }] }
  /bare-token:
    get: { operationId: withBareToken, security: [{ oauth: [] }] }
  /elsewhere:
    get:
      operationId: elsewhere
      security: [{ tls: [] }]
      servers:
        - { url: '{scheme}://127.0.0.1:9', variables: { scheme: { default: http, enum: [http, https] } } }
`;

const SCHEMES =
  '{ tls: { type: mutualTLS }, key: { type: apiKey, in: query, name: key }, unset: { type: apiKey, in: query, name: no },' +
  " oauth: { type: oauth2, flows: { clientCredentials: { tokenUrl: '{origin}/issue', scopes: {} } } } }";

const TLS = 'TOLLGATE_CREDENTIAL_ACME_TLS';
const SECRETS = { TOLLGATE_CREDENTIAL_ACME_KEY: 'its-key', TOLLGATE_CREDENTIAL_ACME_OAUTH: 'id:s3cret' };

describe('an endpoint that wants a client certificate', () => {
  let provider: Provider;
  let client: Client;
  /** The path of each request, and whom it came from. */
  let seen: string[];

  async function start(
    environment: Readonly<Record<string, string>>,
    differences: Partial<Secured> = {},
  ): Promise<void> {
    provider = await startProvider(PATHS, 'limits: { retries: 0 }', {
      securitySchemes: SCHEMES,
      environment: { ...SECRETS, ...environment },
      tls: TAKES_CERTIFICATE,
      options: { authorities: [CERTIFICATES.authority] },
      ...differences,
    });
    client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
    answer((_, response) => void response.setHeader('content-type', 'application/json').end('{"ok":true}'));
  }

  function answer(listener: (request: IncomingMessage, response: ServerResponse) => void): void {
    seen = [];
    provider.answer((request, response) => {
      seen.push(`${request.url} of ${clientName(request)}`);
      if (request.url !== '/issue') return listener(request, response);
      response.setHeader('content-type', 'application/json').end('{"access_token":"t0ken","expires_in":3600}');
    });
  }

  afterEach(() => provider.close());

  const call = (operation: string, args: Json = {}) =>
    callTool(client, 'call_api', { endpoint: `acme/${operation}`, arguments: args });
  const succeed = async (operation: string): Promise<Json> => {
    const { isError, answer } = await call(operation);
    assert.equal(isError, false, JSON.stringify(answer));
    return answer;
  };
  const balance = async () => (await callTool(client, 'check_balance', {})).answer;
  const warnings = async () =>
    ((await (await fetch(`${provider.gateway.url}/readyz`)).json()) as { warnings?: readonly string[] }).warnings;

  it('is shown it, also beside another scheme and as the second alternative, and no other endpoint is', async () => {
    await start({ [TLS]: CERTIFICATES.ada });
    for (const operation of ['read', 'both', 'either', 'keyed', 'open', 'read', 'open']) {
      assert.equal((await succeed(operation)).charged, '0.001000');
    }
    assert.deepEqual(seen, [
      '/things of ada',
      '/both?key=its-key of ada',
      '/either of ada',
      '/keyed?key=its-key of nobody',
      '/open of nobody',
      '/things of ada',
      '/open of nobody',
    ]);
    assert.equal(await warnings(), undefined);
  });

  it('is called where the server lets nobody else in', async () => {
    await start({ [TLS]: CERTIFICATES.grace.replaceAll('\n', '\\n') }, { tls: WANTS_CERTIFICATE });
    await succeed('read');
    assert.deepEqual(seen, ['/things of grace']);
  });

  it('has its token asked for with the certificate, and kept apart from one that was asked for without', async () => {
    await start({ [TLS]: CERTIFICATES.ada });
    for (const operation of ['with-token', 'with-bare-token', 'with-token']) await succeed(operation);
    assert.deepEqual(seen, [
      '/issue of ada',
      '/token of ada',
      '/issue of nobody',
      '/bare-token of nobody',
      '/token of ada',
    ]);
  });

  it('takes the certificates of a pool in turn', async () => {
    await start({ [`${TLS}_1`]: CERTIFICATES.ada, [`${TLS}_2`]: CERTIFICATES.grace });
    for (let number = 0; number < 4; number += 1) await succeed('read');
    assert.deepEqual(seen, ['/things of ada', '/things of grace', '/things of ada', '/things of grace']);
  });

  it('shows a certificate that was replaced to nobody any more, over no connection that stands', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tollgate-tls-'));
    const file = join(dir, 'acme.pem');
    const put = (pem: string): void => {
      writeFileSync(`${file}.next`, pem);
      renameSync(`${file}.next`, file);
    };
    put(CERTIFICATES.ada);
    await start({ [`${TLS}_FILE`]: file });
    try {
      await succeed('read');
      put(CERTIFICATES.grace);
      provider.gateway.running.reloadCredentials();
      await succeed('read');
      assert.deepEqual(seen, ['/things of ada', '/things of grace']);
      assert.equal(provider.connections(), 2);

      put('canary');
      provider.gateway.running.reloadCredentials();
      const { answer } = await call('read');
      assert.equal(answer.code, 'ENDPOINT_UNAVAILABLE');
      assert.deepEqual(await warnings(), [
        `${TLS} holds no client certificate that can be used: it has no block of PEM that is whole`,
      ]);
      put(CERTIFICATES.ada);
      provider.gateway.running.reloadCredentials();
      assert.equal(await warnings(), undefined);
      await succeed('read');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('says in readyz that the time of its certificate is over, and is called all the same', async () => {
    await start({ [TLS]: CERTIFICATES.past });
    assert.deepEqual(await warnings(), [
      `the client certificate in ${TLS} was good until 2021-01-01T00:00:00.000Z: put the next one in its place`,
    ]);
    await succeed('read');
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`costs nothing where the server does not take it, and says so: ${version}`, async () => {
      await start({ [TLS]: CERTIFICATES.mallory }, { tls: { ...WANTS_CERTIFICATE, maxVersion: version } });
      for (const operation of ['read', 'make']) {
        const { answer } = await call(operation);
        assert.equal(answer.code, 'UPSTREAM_UNREACHABLE');
        assert.match(String(answer.message), /; it may not take the client certificate$/);
        assert.equal(answer.charged, '0.000000');
      }
      const { available, held } = await balance();
      assert.deepEqual([available, held, seen], ['1.000000', '0.000000', []]);
    });
  }

  describe('behind a server that refuses the first connection', () => {
    /** unknown_ca (RFC 8446 section 6). */
    const ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 48]);
    let front: Server;

    beforeEach(async () => {
      let refused = 0;
      front = createServer((socket) => {
        if (refused === 0) {
          refused += 1;
          socket.once('data', () => socket.end(ALERT));
        } else {
          const behind = connect(Number(new URL(provider.origin).port), '127.0.0.1');
          socket.on('error', () => behind.destroy()).pipe(behind);
          behind.on('error', () => socket.destroy()).pipe(socket);
        }
      }).listen(0, '127.0.0.1');
      await once(front, 'listening');
      await start({
        [`${TLS}_1`]: CERTIFICATES.mallory,
        [`${TLS}_2`]: CERTIFICATES.ada,
        TOLLGATE_UPSTREAM_ACME: `https://127.0.0.1:${(front.address() as AddressInfo).port}`,
      });
    });

    afterEach(() => front.close());

    it('is called with another certificate of the pool, and the refused one rests, and charged once', async () => {
      assert.equal((await succeed('both')).charged, '0.001000');
      await succeed('both');
      assert.deepEqual(seen, ['/both?key=its-key of ada', '/both?key=its-key of ada']);
      assert.equal((await balance()).available, '0.998000');
      const metrics = await (await fetch(`${provider.gateway.url}/metrics`)).text();
      assert.match(metrics, /^tollgate_credential_refusals_total\{provider="acme",status="tls"\} 1$/m);
    });

    it('is not called with another certificate to make something, but for the next call', async () => {
      const { answer } = await call('make');
      assert.deepEqual([answer.code, answer.charged, seen], ['CREDENTIAL_REFUSED', '0.000000', []]);
      await succeed('make');
      assert.deepEqual(seen, ['/things of ada']);
    });
  });

  it('says that the server asks for one where the document does not, and that nothing was done', async () => {
    await start({ [TLS]: CERTIFICATES.ada }, { tls: { ...WANTS_CERTIFICATE, minVersion: 'TLSv1.3' } });
    const { answer } = await call('open');
    assert.deepEqual([answer.code, answer.retryable, answer.charged], ['CREDENTIAL_REFUSED', false, '0.000000']);
    assert.match(String(answer.message), /^acme\/open: the upstream asks for a client certificate/);
    assert.equal((await balance()).available, '1.000000');
    await succeed('read');
  });

  it('does not count it against the key of another scheme that such a server asks for one', async () => {
    await start({ [TLS]: CERTIFICATES.ada }, { tls: { ...WANTS_CERTIFICATE, minVersion: 'TLSv1.3' } });
    assert.equal((await call('keyed')).answer.code, 'CREDENTIAL_REFUSED');
    const metrics = await (await fetch(`${provider.gateway.url}/metrics`)).text();
    assert.doesNotMatch(metrics, /^tollgate_credential_refusals_total\{/m);
  });

  it('is refused before anything is held where its server is not https', async () => {
    await start({ [TLS]: CERTIFICATES.ada }, { tls: undefined });
    const { answer } = await call('read');
    assert.equal(answer.code, 'ENDPOINT_UNAVAILABLE');
    assert.match(String(answer.remedy), /set server in provider\.yaml to an https url/);
    assert.deepEqual([provider.received, (await callTool(client, 'get_usage', {})).answer.rows], [[], []]);
  });

  it('is refused before anything is held where the arguments lead to a server that is not https', async () => {
    await start({ [TLS]: CERTIFICATES.ada });
    const { answer } = await call('elsewhere');
    assert.equal(answer.code, 'INVALID_ARGUMENTS');
    assert.match(String(answer.message), /leads? to http:\/\/127\.0\.0\.1:9, which is not https/);
    assert.deepEqual((await callTool(client, 'get_usage', {})).answer.rows, []);
    assert.equal((await call('elsewhere', { scheme: 'https' })).answer.code, 'UPSTREAM_UNREACHABLE');
  });

  it('is unavailable without one, and says what to set', async () => {
    await start({});
    const { answer } = await callTool(client, 'describe_endpoint', { endpoint: 'acme/read' });
    assert.equal(answer.unavailable, `the operator can set ${TLS} to a client certificate and its private key, in PEM`);
  });

  it('does not get the private key back that an upstream knows from elsewhere', async () => {
    await start({ [TLS]: CERTIFICATES.grace });
    const lines = CERTIFICATES.grace.split('-----END PRIVATE KEY-----')[0]!.trim().split('\n').slice(1);
    answer((_, response) => void response.setHeader('content-type', 'text/plain').end(CERTIFICATES.grace));
    const said = String((await succeed('read')).body);
    assert.deepEqual(
      lines.filter((line) => said.includes(line)),
      [],
    );
    assert.ok(said.includes('[redacted]'));
    assert.ok(said.includes('-----BEGIN CERTIFICATE-----'), 'a certificate is no secret');
  });
});
