/**
 * From a generated descriptor to the wire and back, against the sandbox's upstream, which echoes what it received. What
 * it received is written out here, so that neither the generator nor the runtime is compared with itself.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { EndpointDescriptor, ProviderFile } from '../../generated/contract.js';
import { systemClock } from '../../runtime/clock.js';
import { inject } from '../../runtime/credential/inject.js';
import { redactBytes, redactHeaders } from '../../runtime/credential/redact.js';
import { Secret } from '../../runtime/credential/secret.js';
import { createVault, type Vault } from '../../runtime/credential/vault.js';
import { startSandbox, type Sandbox } from '../../runtime/sandbox/start-sandbox.js';
import { buildRequest } from '../../runtime/upstream/build-request.js';
import { readAnswer } from '../../runtime/upstream/read-answer.js';
import { createSender, type Sender, type UpstreamAnswer } from '../../runtime/upstream/send.js';
import { UpstreamFailure } from '../../runtime/upstream/upstream-failure.js';
import { fixedValues } from '../credential/fixed-values.js';

const KEY = 'canary+key/1';
const FILE = new URL('../../generated/providers/sandbox/descriptors.json', import.meta.url);
const { provider, endpoints } = JSON.parse(readFileSync(FILE, 'utf8')) as ProviderFile;

function endpoint(operation: string): EndpointDescriptor {
  return endpoints.find(({ id }) => id === `sandbox/${operation}`) ?? assert.fail(`no sandbox/${operation}`);
}

interface Echo {
  readonly path: string;
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bodyBase64: string;
}

describe('on the wire, to the sandbox', () => {
  let sandbox: Sandbox;
  let sender: Sender;
  let vault: Vault;

  before(async () => {
    sandbox = await startSandbox({ port: 0, key: KEY });
    sender = createSender({ allowPrivate: (id) => id === 'sandbox', clock: systemClock });
    const client = new Secret(`sandbox:${KEY}`);
    const secrets = new Map([
      ...['BEARER', 'HEADERKEY', 'QUERYKEY', 'COOKIEKEY'].map((name) => [name, new Secret(KEY)] as const),
      ...['BASIC', 'OAUTH'].map((name) => [name, client] as const),
    ]);
    vault = createVault({
      values: fixedValues({ get: (variable) => secrets.get(variable.replace('TOLLGATE_CREDENTIAL_SANDBOX_', '')) }),
      clock: systemClock,
      send: (request, options) => sender.send(request, options),
      upstream: () => sandbox.url,
    });
  });

  after(async () => {
    await sender.close();
    await sandbox.close();
  });

  /** The call path without the money. */
  async function call(operation: string, args: Readonly<Record<string, unknown>>): Promise<UpstreamAnswer> {
    const descriptor = endpoint(operation);
    const request = buildRequest(descriptor, args, sandbox.url);
    const credential = await vault.resolve(provider, descriptor);
    const options = { provider: 'sandbox', limits: provider.limits };
    return sender.send(credential === 'none-needed' ? request : inject(request, credential), options);
  }

  async function echoed(operation: string, args: Readonly<Record<string, unknown>>): Promise<Echo> {
    const answer = await call(operation, args);
    const content = readAnswer(answer);
    assert.ok(content.kind === 'json' && answer.status === 200, Buffer.from(answer.body).toString());
    return content.value as Echo;
  }

  const COLOUR = { R: 100, G: 200 };

  const targets: readonly (readonly [string, Readonly<Record<string, unknown>>, string, string])[] = [
    ['echo-path-simple', { value: 'a/b?c#d' }, '/echo/path/simple/a%2Fb%3Fc%23d', ''],
    ['echo-path-simple-array', { value: ['a', 'b,c'] }, '/echo/path/simple/array/a,b%2Cc', ''],
    ['echo-path-simple-object', { value: COLOUR }, '/echo/path/simple/object/R,100,G,200', ''],
    [
      'echo-path-simple-exploded',
      { array: ['a', 'b'], object: COLOUR },
      '/echo/path/simple/exploded/a,b/R=100,G=200',
      '',
    ],
    ['echo-path-label', { value: 'a' }, '/echo/path/label/.a', ''],
    ['echo-path-label-array', { value: ['a', 'b'] }, '/echo/path/label/array/.a,b', ''],
    ['echo-path-label-object', { value: COLOUR }, '/echo/path/label/object/.R,100,G,200', ''],
    [
      'echo-path-label-exploded',
      { array: ['a', 'b'], object: COLOUR },
      '/echo/path/label/exploded/.a.b/.R=100.G=200',
      '',
    ],
    ['echo-path-matrix', { value: 'a' }, '/echo/path/matrix/;value=a', ''],
    ['echo-path-matrix-array', { value: ['a', 'b'] }, '/echo/path/matrix/array/;value=a,b', ''],
    ['echo-path-matrix-object', { value: COLOUR }, '/echo/path/matrix/object/;value=R,100,G,200', ''],
    [
      'echo-path-matrix-exploded',
      { array: ['a', 'b'], object: COLOUR },
      '/echo/path/matrix/exploded/;array=a;array=b/;R=100;G=200',
      '',
    ],
    ['echo-get', { text: 'a b&c=d', list: ['x', 'y'] }, '/echo', 'text=a%20b%26c%3Dd&list=x&list=y'],
  ];
  for (const [operation, args, path, rawQuery] of targets) {
    it(`${operation} arrives as documented`, async () => {
      const echo = await echoed(operation, args);
      assert.deepEqual([echo.path, echo.rawQuery], [path, rawQuery]);
    });
  }

  it('sets one name in path, query, header, cookie and body separately', async () => {
    const echo = await echoed('echo-same-name', {
      name: 'path',
      name_query: 'query',
      name_header: 'header',
      name_cookie: 'cookie',
      body: { name: 'body' },
    });
    assert.deepEqual(
      [echo.path, echo.rawQuery, echo.headers['name'], echo.headers['cookie'], echo.body],
      ['/echo/same-name/path', 'name=query', 'header', 'name=cookie', '{"name":"body"}'],
    );
  });

  const bodies: readonly (readonly [string, unknown, string, string])[] = [
    ['echo', 'text', 'application/json', '"text"'],
    ['echo', [1, 2], 'application/json', '[1,2]'],
    ['echo-put', [1], 'application/vnd.tollgate.sandbox+json; version=1', '[1]'],
    ['echo-patch', [{ op: 'remove', path: '/a' }], 'application/json-patch+json', '[{"op":"remove","path":"/a"}]'],
  ];
  for (const [operation, body, contentType, text] of bodies) {
    it(`${operation} carries ${text} with its exact content type`, async () => {
      const echo = await echoed(operation, { body });
      assert.deepEqual([echo.headers['content-type'], echo.body], [contentType, text]);
    });
  }

  it('carries a query with every style', async () => {
    const echo = await echoed('echo-query', {
      text: 'ü&=',
      number: 1e21,
      flag: false,
      empty: '',
      nullable: null,
      list: ['a', 'b'],
      joined: ['a', 'b,c'],
      colour: COLOUR,
      joined_colour: COLOUR,
      spaces: ['a', 'b'],
      pipes: ['a', 'b'],
      filter: { status: 'on', minimum: 2 },
      reserved: 'a/b:c@d&e',
      json: { depth: 1, names: ['x'] },
    });
    assert.deepEqual(
      new Set(echo.rawQuery.split('&')),
      new Set([
        'text=%C3%BC%26%3D',
        'number=1000000000000000000000',
        'flag=false',
        'empty=',
        'list=a',
        'list=b',
        'joined=a,b%2Cc',
        'R=100',
        'G=200',
        'joined_colour=R,100,G,200',
        'spaces=a%20b',
        'pipes=a%7Cb',
        'filter%5Bstatus%5D=on',
        'filter%5Bminimum%5D=2',
        'reserved=a/b:c@d%26e',
        'json=%7B%22depth%22%3A1%2C%22names%22%3A%5B%22x%22%5D%7D',
      ]),
    );
  });

  it('carries headers, and none that the specification says to ignore', async () => {
    const echo = await echoed('echo-headers', {
      'X-Text': 'a b',
      'X-List': ['a', 'b'],
      'X-Colour': COLOUR,
      'X-Colour-Exploded': COLOUR,
    });
    const { host, ...headers } = echo.headers;
    assert.equal(host, new URL(sandbox.url).host);
    assert.deepEqual(headers, {
      connection: 'keep-alive',
      accept: 'application/json, */*;q=0.1',
      'user-agent': 'tollgate/0.1.0',
      'x-text': 'a b',
      'x-list': 'a,b',
      'x-colour': 'R,100,G,200',
      'x-colour-exploded': 'R=100,G=200',
      'accept-encoding': 'gzip, deflate, br',
    });
  });

  it('carries all cookies in one header', async () => {
    const echo = await echoed('echo-cookies', { theme: 'dark; admin=1', visits: 3, colours: ['a', 'b'] });
    assert.equal(echo.headers['cookie'], 'theme=dark%3B%20admin=1; visits=3; colours=a,b');
  });

  const bytes = Buffer.from([0, 255, 13, 10, 45, 45]);
  const file = { size: 6, sha256: '130dc304d8fdace24354afb67a54aa92bdae48f056c6df8cd42faff6ce3f1452' };
  const received: readonly (readonly [string, Readonly<Record<string, unknown>>, string, unknown])[] = [
    [
      'submit-form',
      { body: { name: 'a b', colours: ['x', 'y'], sizes: [1, 2], address: { city: 'Z' }, settings: { a: 1 } } },
      'fields',
      [
        { name: 'name', value: 'a b' },
        { name: 'colours', value: 'x' },
        { name: 'colours', value: 'y' },
        { name: 'sizes', value: '1,2' },
        { name: 'address[city]', value: 'Z' },
        { name: 'settings', value: '{"a":1}' },
      ],
    ],
    [
      'submit-multipart',
      {
        body: {
          file: { data: bytes.toString('base64'), filename: 'a"b.png', contentType: 'image/png' },
          attachments: [bytes.toString('base64')],
        },
      },
      'parts',
      [
        { name: 'file', filename: 'a%22b.png', content_type: 'image/png', ...file },
        { name: 'attachments', filename: 'attachments', content_type: 'application/octet-stream', ...file },
      ],
    ],
    ['put-blob', { name: 'b', body: bytes.toString('base64') }, 'sha256', file.sha256],
    ['post-text', { body: 'naïve' }, 'text', 'naïve'],
    ['post-xml', { body: '<a>ü</a>' }, 'text', '<a>ü</a>'],
  ];
  for (const [operation, args, member, want] of received) {
    it(`${operation} is received as it was meant`, async () => {
      const content = readAnswer(await call(operation, args));
      assert.ok(content.kind === 'json');
      assert.deepEqual((content.value as Record<string, unknown>)[member], want);
    });
  }

  for (const operation of [
    'bearer',
    'header-key',
    'query-key',
    'cookie-key',
    'basic',
    'oauth',
    'both',
    'either',
    'inherited',
    'open',
  ]) {
    it(`secure-${operation} lets the gateway's credential in`, async () => {
      assert.equal((await call(`secure-${operation}`, {})).status, 200);
    });
  }

  for (const operation of ['bearer', 'header-key', 'query-key', 'cookie-key', 'basic', 'oauth', 'both']) {
    it(`a key that secure-${operation} echoes does not come through, in body or header`, async () => {
      const descriptor = endpoint(`secure-${operation}`);
      const credential = await vault.resolve(provider, descriptor);
      assert.ok(credential !== 'none-needed');
      const answer = await call(`secure-${operation}`, { echo_key: true });
      const echoedForms = 3;

      const body = redactBytes(answer.body, credential.secrets);
      const headers = redactHeaders(answer.headers, credential.secrets);
      assert.deepEqual([body.redactions, headers.redactions], [echoedForms, echoedForms]);
      const token = operation === 'oauth' ? 'sandbox-token' : 'canary';
      const left = Buffer.from(body.body).toString() + JSON.stringify(headers.value);
      assert.doesNotMatch(left, new RegExp(`${token}|${Buffer.from(token).toString('base64').slice(0, 6)}`));
      assert.equal(readAnswer({ ...answer, body: body.body }).kind, 'json');
    });
  }

  it('keeps the sandbox out of reach of a provider that may not call private addresses', async () => {
    const request = buildRequest(endpoint('echo-get'), {}, sandbox.url);
    const before = sandbox.requests;
    await assert.rejects(
      sender.send(request, { provider: 'acme', limits: provider.limits }),
      (error) => error instanceof UpstreamFailure && error.kind === 'address-refused',
    );
    assert.equal(sandbox.requests, before);
  });
});
