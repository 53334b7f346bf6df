import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import pg from 'pg';
import { pino } from 'pino';

import { systemClock } from '../../runtime/clock.js';
import { readConfig } from '../../runtime/config.js';
import { CredentialStore } from '../../runtime/credential/credential-store.js';
import { Secret } from '../../runtime/credential/secret.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { parseUsdc } from '../../runtime/ledger/micro-usdc.js';
import { startGateway, type RunningGateway } from '../../runtime/main.js';
import { CERTIFICATES, WANTS_CERTIFICATE } from '../fixtures/test-certificates.js';
import { STORES, type TestDatabase } from '../store/stores.js';
import { upstreamServer, type UpstreamServer } from '../upstream/upstream-server.js';

const SCHEMES = ['header', 'query', 'cookie', 'basic', 'bearer', 'oauth', 'aws', 'digest', 'tls'] as const;
type Scheme = (typeof SCHEMES)[number];

/** What stands in the credential of each scheme; no two share a part. */
const CANARIES: Readonly<Record<Scheme | 'token', string>> = {
  header: 'kanarie/h+7Qz==',
  query: 'perruche/q+8Wy==',
  cookie: 'wellensittich-c9',
  basic: 'papagayo&b<1>Ux',
  bearer: 'cocorita.d2.Tv',
  oauth: 'zebrafink/o+3Ru',
  aws: 'gouldamadine/a+4Sx',
  digest: 'rosenkakadu/d+6Vy',
  // A line of the private key.
  tls: CERTIFICATES.grace.split('\n')[12]!,
  token: 'nymphensittich.t5.Pk',
};
const PAIR = ['oauth', 'basic', 'aws', 'digest'];

/** As good as the password, and known to the server that has it: what its realm keeps in the place of it. */
const DIGEST_KEY = createHash('sha256').update(`bird:birds:${CANARIES.digest}`).digest('hex');

const FORMS: Readonly<Record<string, (text: string, response: ServerResponse) => void>> = {
  body: (text, response) => json(response, { text }),
  header: (text, response) => response.setHeader('etag', `"${encodeURIComponent(text)}"`) && json(response, {}),
  base64: (text, response) => json(response, { text: Buffer.from(`x:${text}`).toString('base64') }),
  base64url: (text, response) => json(response, { text: Buffer.from(text).toString('base64url') }),
  percent: (text, response) => json(response, { text: encodeURIComponent(text) }),
  escaped: (text, response) => {
    const escaped = [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    response.setHeader('content-type', 'application/json').end(`{"text":"${escaped}"}`);
  },
  decimal: (text, response) => html(response, [...text].map((c) => `&#${c.charCodeAt(0)};`).join('')),
  hex: (text, response) => html(response, [...text].map((c) => `&#x${c.charCodeAt(0).toString(16)};`).join('')),
  utf16: (text, response) =>
    response.setHeader('content-type', 'text/html; charset=utf-16le').end(Buffer.from(text, 'utf16le')),
  jis: (text, response) => {
    const bytes = [...text].map((c, index) => `\x1b(${index % 2 === 0 ? 'J' : 'B'}${c}`).join('');
    response.setHeader('content-type', 'text/html; charset=iso-2022-jp').end(Buffer.from(bytes, 'latin1'));
  },
  gzip: (text, response) =>
    response.setHeader('content-encoding', 'gzip').setHeader('content-type', 'text/plain').end(gzipSync(text)),
  chunks: (text, response) => {
    response.setHeader('content-type', 'text/plain');
    for (const character of text) response.write(character);
    response.end();
  },
  redirect: (text, response) => response.writeHead(302, { location: `/x?${encodeURIComponent(text)}` }).end(),
  error: (text, response) => response.writeHead(500, { 'content-type': 'text/html' }).end(`<pre>${text}</pre>`),
  refused: (text, response) =>
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(text)),
};

const document = (origin: string, secure: string) => `
openapi: 3.1.0
info: { title: Birds, version: '1' }
servers: [{ url: ${origin} }]
components:
  securitySchemes:
    header: { type: apiKey, in: header, name: X-Key }
    query: { type: apiKey, in: query, name: key }
    cookie: { type: apiKey, in: cookie, name: sid }
    basic: { type: http, scheme: basic }
    bearer: { type: http, scheme: bearer }
    oauth: { type: oauth2, flows: { clientCredentials: { tokenUrl: ${origin}/token, scopes: {} } } }
    aws: { type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4 }
    digest: { type: http, scheme: digest }
    tls: { type: mutualTLS }
paths:
${SCHEMES.map(
  (scheme) => `  /${scheme}/{form}:${scheme === 'tls' ? `\n    servers: [{ url: ${secure} }]` : ''}
    get:
      operationId: ${scheme}
      security: [{ ${scheme}: [] }]
      parameters: [{ name: form, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: ok } }
`,
).join('')}`;

/** Promise 14: whatever an upstream does with what it is sent, and wherever the operator keeps it. */
for (const kind of STORES)
  describe(`a canary in every credential, on ${kind.name}`, function () {
    this.timeout(120_000);
    let database: TestDatabase;
    let dir: string;
    let upstream: Server;
    let secure: UpstreamServer;
    let gateway: RunningGateway;
    let seen = '';
    let log = '';
    const answers: string[] = [];
    /** Of each request: some servers take one again. */
    const digests: string[] = [];
    let received = 0;

    before(async () => {
      dir = mkdtempSync(join(tmpdir(), 'tollgate-canary-'));
      database = await kind.create();
      upstream = createServer(echo).listen(0, '127.0.0.1');
      await new Promise((resolve) => upstream.once('listening', resolve));
      const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
      secure = await upstreamServer(echo, WANTS_CERTIFICATE);
      mkdirSync(join(dir, 'specs', 'birds'), { recursive: true });
      writeFileSync(join(dir, 'specs', 'birds', 'openapi.yaml'), document(origin, secure.origin));
      writeFileSync(
        join(dir, 'specs', 'birds', 'provider.yaml'),
        'credentials: { aws: { env: UNSET, region: eu-west-1 } }\n',
      );
      const cli = ['--import', 'tsx', 'runtime/cli/tollgate.ts', 'generate', '--no-types'];
      const folders = ['--specs', join(dir, 'specs'), '--out', join(dir, 'generated')];
      await promisify(execFile)(process.execPath, [...cli, ...folders]);

      const data = join(dir, 'data');
      const variable = (scheme: string) => `TOLLGATE_CREDENTIAL_BIRDS_${scheme.toUpperCase()}`;
      writeFileSync(join(dir, 'tls'), CERTIFICATES.grace, { mode: 0o600 });
      const valueOf = (scheme: Scheme) => (PAIR.includes(scheme) ? `bird:${CANARIES[scheme]}` : CANARIES[scheme]);
      const store = new CredentialStore({ dataDir: data, clock: systemClock, keyFile: join(data, 'vault.key') });
      for (const scheme of ['cookie', 'oauth'] as const) {
        store.change((all) => void all.set(variable(scheme), [new Secret(valueOf(scheme))]));
      }
      writeFileSync(join(dir, 'bearer'), `${CANARIES.bearer}\n`, { mode: 0o600 });
      const lines = new PassThrough().on('data', (chunk) => (log += String(chunk)));
      gateway = await startGateway(
        readConfig(
          {
            PORT: '0',
            DATABASE_URL: database.url,
            TOLLGATE_DATA_DIR: data,
            TOLLGATE_CATALOGUE: join(dir, 'generated'),
            TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'birds',
            [variable('header')]: valueOf('header'),
            [`${variable('query')}_1`]: valueOf('query'),
            [variable('basic')]: valueOf('basic'),
            [variable('aws')]: valueOf('aws'),
            [variable('digest')]: valueOf('digest'),
            [`${variable('bearer')}_FILE`]: join(dir, 'bearer'),
            [`${variable('tls')}_FILE`]: join(dir, 'tls'),
          },
          {},
        ),
        { logger: pino({ level: 'trace' }, lines), authorities: [CERTIFICATES.authority] },
      );
      await useAll();
    });

    after(async () => {
      await gateway.close();
      upstream.close();
      await secure.close();
      await database.drop();
      rmSync(dir, { recursive: true, force: true });
    });

    /** Whatever was sent, back again in the form that is asked for. */
    function echo(request: IncomingMessage, response: ServerResponse): void {
      const url = new URL(request.url!, 'http://birds');
      if (url.pathname === '/token') {
        seen += decodeURIComponent(Buffer.from(request.headers.authorization!.slice(6), 'base64').toString());
        return json(response, { access_token: CANARIES.token, expires_in: 3600 });
      }
      const { authorization = '', cookie = '' } = request.headers;
      if (url.pathname.startsWith('/digest/') && authorization === '') {
        const challenge = 'Digest realm="birds", nonce="n", qop="auth", algorithm=SHA-256';
        return void response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
      received += 1;
      const [kind = '', value = ''] = authorization.split(' ', 2);
      const shown = kind === 'Basic' ? Buffer.from(value, 'base64').toString() : authorization;
      const text = [shown, request.headers['x-key'], url.searchParams.get('key'), cookie].filter(Boolean).join(' ');
      seen += text;
      const [, digest] = / response="(\w+)"/.exec(authorization) ?? [];
      if (digest !== undefined) digests.push(digest);
      const known = digest === undefined ? '' : ` ${DIGEST_KEY} ${CANARIES.digest}`;
      // Neither is a private key ever sent.
      const key = url.pathname.startsWith('/tls/') ? CANARIES.tls : '';
      FORMS[url.pathname.split('/')[2]!]!(text + known + key, response);
    }

    async function useAll(): Promise<void> {
      const { accounts, keys, ledger } = gateway.books;
      const accountId = await accounts.create('test');
      await creditByOperator(ledger, systemClock, { accountId, amountMicroUsdc: parseUsdc('10') });
      const { apiKey } = await keys.create({ accountId, name: 'test' });
      const headers = { authorization: `Bearer ${apiKey.reveal()}`, 'content-type': 'application/json' };
      const keep = async (path: string, init: RequestInit = {}): Promise<string> => {
        const answer = await fetch(gateway.url + path, { headers, ...init });
        const text = await answer.text();
        answers.push(JSON.stringify([...answer.headers]), text);
        return text;
      };
      for (const scheme of SCHEMES) {
        for (const form of Object.keys(FORMS)) {
          const text = await keep(`/v1/call/birds/${scheme}`, { method: 'POST', body: JSON.stringify({ form }) });
          const { request_id } = JSON.parse(text) as { request_id: string };
          await keep(`/v1/usage?request_id=${request_id}`);
        }
        await keep(`/v1/apis/birds/${scheme}`);
      }
      for (const path of ['/v1/apis', '/v1/usage', '/v1/balance', '/metrics', '/readyz', '/openapi.json'])
        await keep(path);
    }

    const hits = (where: string, text: string): readonly string[] => {
      const readings = [
        text,
        ...[...text.matchAll(/[\w+/-]{12,}={0,2}/g)].map(([each]) => Buffer.from(each, 'base64').toString('latin1')),
      ];
      const plain = readings
        .flatMap((reading) => [
          reading,
          reading.replaceAll('\\/', '/'),
          unescapeAll(reading),
          reading.replaceAll('\0', ''),
        ])
        .join('\n');
      const derived = [DIGEST_KEY, ...digests].map((text) => ['digest', text] as const);
      return [...Object.entries(CANARIES), ...derived]
        .filter(([, canary]) => plain.includes(canary))
        .map(([name]) => `${name} in ${where}`);
    };

    it('reaches the upstreams that it is for, in each form', () => {
      assert.ok(received >= SCHEMES.length * Object.keys(FORMS).length);
      assert.equal(new Set(digests).size, Object.keys(FORMS).length);
      const sent = Object.entries(CANARIES).filter(([, canary]) => seen.includes(canary));
      assert.deepEqual(
        sent.map(([name]) => name).sort(),
        ['basic', 'bearer', 'cookie', 'header', 'oauth', 'query', 'token'],
        'neither an AWS secret, a password of Digest nor a private key is ever sent, only what is made of it',
      );
    });

    it('is in no answer, error, receipt or metric', () => {
      assert.deepEqual(
        answers.flatMap((text, index) => hits(`answer ${index}: ${text.slice(0, 120)}`, text)),
        [],
      );
      assert.ok(answers.some((text) => text.includes('[redacted]')));
    });

    it('is not in the log', () => assert.deepEqual(hits('the log', log), []));

    it('is in no file of the data directory', () => {
      const files = filesIn(join(dir, 'data'));
      assert.ok(files.some(([name]) => name === 'credentials.json'));
      assert.deepEqual(
        files.flatMap(([name, text]) => hits(name, text)),
        [],
      );
    });

    it('is nowhere in the database', async () => {
      const { url } = database;
      const parts = url.startsWith('sqlite:') ? filesIn(dirname(url.slice('sqlite:'.length))) : await rowsOf(url);
      assert.ok(
        parts.some(([, text]) => text.includes('birds/header')),
        'the calls are there',
      );
      assert.ok(
        parts.some(([, text]) => text.includes('[redacted]')),
        'their answers are there',
      );
      assert.deepEqual(
        parts.flatMap(([name, text]) => hits(name, text)),
        [],
      );
    });
  });

/** Names and contents, a character for each byte: with a journal also what is not in the database itself yet. */
function filesIn(folder: string): readonly (readonly [name: string, text: string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => [file.name, readFileSync(join(file.parentPath, file.name), 'latin1')]);
}

/** All that PostgreSQL would give to anybody who may read it, table by table. */
async function rowsOf(url: string): Promise<readonly (readonly [name: string, text: string])[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const tables = await client.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  const parts: [string, string][] = [];
  for (const { name } of tables.rows) {
    const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM "${name}"`);
    const texts = rows
      .flatMap((row) => Object.values(row))
      .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)));
    parts.push([name, texts.join('\n')]);
  }
  await client.end();
  return parts;
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

function html(response: ServerResponse, text: string): void {
  response.setHeader('content-type', 'text/html').end(`<p>${text}</p>`);
}

/** Apart from what the gateway does: by the plainest means. */
function unescapeAll(text: string): string {
  return (
    text
      .replace(/\\+u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
      .replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
      .replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
      // eslint-disable-next-line no-control-regex -- ISO-2022-JP has them
      .replace(/\x1b\([JB]/g, '')
  );
}
