import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { clientName } from '../fixtures/client-name.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { CERTIFICATES, WANTS_CERTIFICATE } from '../fixtures/test-certificates.js';
import { upstreamServer, type UpstreamServer } from '../upstream/upstream-server.js';
import { runCommand, serve, type Finished } from './run-command.js';

const VARIABLE = 'TOLLGATE_CREDENTIAL_ACME_TLS';

/** As an operator has it: an upstream with an authority of its own, and a certificate in the encrypted store. */
describe('tollgate credential set, for a scheme of mutual TLS', function () {
  this.timeout(120_000);
  let dir: string;
  let upstream: UpstreamServer;
  let environment: Readonly<Record<string, string>>;
  let generated: Finished;
  const seen: string[] = [];

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-certificate-'));
    upstream = await upstreamServer((request, response) => {
      seen.push(clientName(request));
      response.setHeader('content-type', 'application/json').end('{}');
    }, WANTS_CERTIFICATE);
    mkdirSync(join(dir, 'specs'));
    writeFileSync(
      join(dir, 'specs', 'acme.yaml'),
      `openapi: 3.1.0
info: { title: Acme, version: '1' }
servers: [{ url: '${upstream.origin}' }]
components: { securitySchemes: { tls: { type: mutualTLS } } }
paths: { /things: { get: { operationId: read, security: [{ tls: [] }] } } }
x-tollgate: { pricing: { default: { model: free } } }
`,
    );
    environment = {
      TOLLGATE_DATA_DIR: join(dir, 'data'),
      TOLLGATE_CATALOGUE: join(dir, 'generated'),
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'acme',
      NODE_EXTRA_CA_CERTS: fileURLToPath(new URL('../fixtures/tls/authority.pem', import.meta.url)),
    };
    generated = await runCommand([
      'generate',
      '--specs',
      join(dir, 'specs'),
      '--out',
      join(dir, 'generated'),
      '--no-types',
    ]);
  });

  after(async () => {
    await upstream.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const set = (pem: string): Promise<Finished> => runCommand(['credential', 'set', 'acme', 'tls'], environment, pem);

  it('refuses what no call could be made with, says why, and stores nothing', async () => {
    assert.equal(generated.code, 0, generated.stderr);
    const { code, stderr } = await set(CERTIFICATES.ada + CERTIFICATES.locked);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /nothing was changed: key 2 of \S+ is no client certificate that can be used: its private key is encrypted/,
    );
    const list = await runCommand(['credential', 'list', '--json'], environment);
    assert.deepEqual(JSON.parse(list.stdout), []);
  });

  it('stores several, encrypted, which a gateway that runs shows in turn to an upstream that an own authority vouches for', async () => {
    const gateway = await serve(environment);
    try {
      const unavailable = async () => {
        const described = await fetch(`${gateway.url}/v1/apis/acme/read`);
        return ((await described.json()) as { unavailable?: string }).unavailable;
      };
      assert.match((await unavailable())!, new RegExp(`set ${VARIABLE} to a client certificate`));
      const { code, stdout, stderr } = await set(`${CERTIFICATES.ada}${CERTIFICATES.traditional}`);
      assert.deepEqual([code, stdout.trim()], [0, `${VARIABLE} is stored: 2 keys`], stderr);
      while ((await unavailable()) !== undefined);

      const created = await runCommand(['account', 'create', '--name', 'test', '--json'], environment);
      const { apiKey } = JSON.parse(created.stdout) as { apiKey: string };
      for (let number = 0; number < 3; number += 1) {
        const answer = await askPlainHttp(`${gateway.url}/v1/call/acme/read`, apiKey, {});
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
      }
      assert.deepEqual(seen, ['ada', 'grace', 'ada']);
      const stored = readFileSync(join(dir, 'data', 'credentials.json'), 'utf8');
      assert.doesNotMatch(stored, /BEGIN|MIGH/);
    } finally {
      gateway.signal('SIGTERM');
      await gateway.finished;
    }
  });
});
