import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { ProviderDescriptor, SecurityAlternative, SecurityScheme } from '../../generated/contract.js';
import type { Clock } from '../../runtime/clock.js';
import type { Credential } from '../../runtime/credential/credential.js';
import { Secret } from '../../runtime/credential/secret.js';
import { createVault, type CredentialRefusal, type Vault, type VaultOptions } from '../../runtime/credential/vault.js';
import { GatewayError, type ErrorCode } from '../../runtime/gateway-error.js';
import { createSender, type Sender } from '../../runtime/upstream/send.js';
import { CERTIFICATES } from '../fixtures/test-certificates.js';
import { anAnswer } from '../upstream/an-answer.js';
import { endpointWith } from '../upstream/endpoint-with.js';
import { upstreamServer, type UpstreamServer } from '../upstream/upstream-server.js';
import { fixedValues } from './fixed-values.js';

const SCHEMES: Readonly<Record<string, SecurityScheme>> = {
  header: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
  query: { type: 'apiKey', in: 'query', name: 'api_key' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'session' },
  basic: { type: 'http', scheme: 'basic' },
  bearer: { type: 'http', scheme: 'bearer' },
  digest: { type: 'http', scheme: 'digest' },
  other: { type: 'http', scheme: 'other' },
  aws: { type: 'awsSigV4', service: 'cases' },
  gateway: { type: 'awsSigV4' },
  'my-oauth.2': { type: 'oauth2', tokenUrl: '/oauth/token' },
  implicit: { type: 'oauth2' },
  openid: { type: 'openIdConnect', url: '/.well-known/openid-configuration' },
  tls: { type: 'mutualTLS' },
  'other-tls': { type: 'mutualTLS' },
};

function provider(differences: Partial<ProviderDescriptor> = {}): ProviderDescriptor {
  return {
    id: 'acme',
    title: 'Acme',
    summary: 'Acme.',
    version: '1',
    categories: [],
    seller: { id: 'acme', name: 'Acme' },
    securitySchemes: SCHEMES,
    credentials: {},
    limits: { timeoutMs: 1000, maxResponseBytes: 1000, concurrency: 1 },
    ...differences,
  };
}

interface TestClock extends Clock {
  nowMsValue: number;
}

function testClock(): TestClock {
  return {
    nowMsValue: 0,
    nowMs() {
      return this.nowMsValue;
    },
    randomBytes: (count) => new Uint8Array(count),
  };
}

function vaultWith(variables: Readonly<Record<string, string>>, differences: Partial<VaultOptions> = {}): Vault {
  return createVault({
    values: fixedValues(new Map(Object.entries(variables).map(([name, value]) => [name, new Secret(value)]))),
    clock: testClock(),
    send: () => assert.fail('nothing is to be sent'),
    ...differences,
  });
}

/** What the credential puts where, in the clear. */
function revealed(credential: Credential | 'none-needed'): readonly string[] | 'none-needed' {
  if (credential === 'none-needed') return credential;
  return credential.parts.map((part) => `${part.in} ${part.name}: ${part.value.reveal()}`);
}

async function refuses(answer: Promise<unknown>, code: ErrorCode): Promise<GatewayError> {
  try {
    await answer;
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    assert.equal(error.code, code);
    return error;
  }
  return assert.fail('it was not refused');
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await setImmediate();
}

describe('the vault', () => {
  const V = 'TOLLGATE_CREDENTIAL_ACME_';

  const schemes: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['header', 'HEADER', 'key', ['header X-Api-Key: key']],
    ['query', 'QUERY', 'key', ['query api_key: key']],
    ['cookie', 'COOKIE', 'key', ['cookie session: key']],
    ['basic', 'BASIC', 'user:password', ['header authorization: Basic dXNlcjpwYXNzd29yZA==']],
    ['basic', 'BASIC', 'user:', ['header authorization: Basic dXNlcjo=']],
    ['basic', 'BASIC', 'user:pass:word', ['header authorization: Basic dXNlcjpwYXNzOndvcmQ=']],
    ['bearer', 'BEARER', 'token', ['header authorization: Bearer token']],
    ['other', 'OTHER', 'value', ['header authorization: Other value']],
    ['my-oauth.2', 'MY_OAUTH_2', 'ready-token', ['header authorization: Bearer ready-token']],
    ['implicit', 'IMPLICIT', 'ready-token', ['header authorization: Bearer ready-token']],
    ['openid', 'OPENID', 'ready-token', ['header authorization: Bearer ready-token']],
  ];
  for (const [scheme, suffix, value, want] of schemes) {
    it(`applies ${scheme} from ${V}${suffix} = ${value}`, async () => {
      const endpoint = endpointWith({ security: [{ [scheme]: [] }] });
      const vault = vaultWith({ [V + suffix]: value });
      assert.deepEqual(vault.availability(provider(), endpoint), { available: true });
      assert.deepEqual(revealed(await vault.resolve(provider(), endpoint)), want);
    });
  }

  const choices: readonly (readonly [
    string,
    readonly SecurityAlternative[],
    readonly string[],
    readonly string[] | 'none-needed',
  ])[] = [
    ['nothing where no security is documented', [], ['BEARER'], 'none-needed'],
    ['nothing where nothing is needed and nothing configured', [{ bearer: [] }, {}], [], 'none-needed'],
    [
      'a configured credential over none, before it',
      [{ bearer: [] }, {}],
      ['BEARER'],
      ['header authorization: Bearer v'],
    ],
    [
      'a configured credential over none, behind it',
      [{}, { bearer: [] }],
      ['BEARER'],
      ['header authorization: Bearer v'],
    ],
    [
      'the first alternative of two that are configured',
      [{ query: [] }, { bearer: [] }],
      ['BEARER', 'QUERY'],
      ['query api_key: v'],
    ],
    [
      'the alternative that is configured',
      [{ query: [] }, { bearer: [] }],
      ['BEARER'],
      ['header authorization: Bearer v'],
    ],
    [
      'all of a combination',
      [{ header: [], query: [] }],
      ['HEADER', 'QUERY'],
      ['header X-Api-Key: v', 'query api_key: v'],
    ],
    [
      'another alternative over half of a combination',
      [{ header: [], query: [] }, { cookie: [] }],
      ['HEADER', 'COOKIE'],
      ['cookie session: v'],
    ],
    [
      'another alternative over a client certificate that cannot be used',
      [{ tls: [] }, { header: [] }],
      ['HEADER', 'TLS'],
      ['header X-Api-Key: v'],
    ],
  ];
  for (const [name, security, configured, want] of choices) {
    it(`chooses ${name}`, async () => {
      const vault = vaultWith(Object.fromEntries(configured.map((suffix) => [V + suffix, 'v'])));
      assert.deepEqual(revealed(await vault.resolve(provider(), endpointWith({ security }))), want);
    });
  }

  const remedies: readonly (readonly [
    string,
    readonly SecurityAlternative[],
    Readonly<Record<string, string>>,
    string,
  ])[] = [
    ['no value', [{ bearer: [] }], {}, 'the operator can set TOLLGATE_CREDENTIAL_ACME_BEARER to a bearer token'],
    [
      'an empty value',
      [{ header: [] }],
      { [`${V}HEADER`]: '' },
      'the operator can set TOLLGATE_CREDENTIAL_ACME_HEADER to its key',
    ],
    [
      'half of a combination, and an alternative',
      [{ header: [], query: [] }, { basic: [] }],
      { [`${V}HEADER`]: 'v' },
      'the operator can set TOLLGATE_CREDENTIAL_ACME_QUERY to its key, or set TOLLGATE_CREDENTIAL_ACME_BASIC to "user:password"',
    ],
    [
      'Basic without a colon',
      [{ basic: [] }],
      { [`${V}BASIC`]: 'user' },
      'the operator can set TOLLGATE_CREDENTIAL_ACME_BASIC to "user:password"',
    ],
    [
      'a client where the document has no token url',
      [{ implicit: [] }],
      { [`${V}IMPLICIT`]: 'id:secret' },
      'the operator can set TOLLGATE_CREDENTIAL_ACME_IMPLICIT to a bearer token',
    ],
    [
      'no client certificate',
      [{ tls: [] }],
      {},
      'the operator can set TOLLGATE_CREDENTIAL_ACME_TLS to a client certificate and its private key, in PEM',
    ],
    [
      'a client certificate that cannot be used',
      [{ tls: [] }],
      { [`${V}TLS`]: 'v' },
      'the operator can set TOLLGATE_CREDENTIAL_ACME_TLS to a client certificate and its private key, in PEM: it has no block of PEM that is whole',
    ],
    [
      'half of a combination with a client certificate',
      [{ header: [], tls: [] }],
      { [`${V}TLS`]: CERTIFICATES.ada },
      'the operator can set TOLLGATE_CREDENTIAL_ACME_HEADER to its key',
    ],
    [
      'two client certificates at once',
      [{ tls: [], 'other-tls': [] }],
      { [`${V}TLS`]: CERTIFICATES.ada, [`${V}OTHER_TLS`]: CERTIFICATES.grace },
      'the operator can call the api directly: "tls" and "other-tls" are client certificates, of which a call shows one',
    ],
    [
      'Digest without a colon',
      [{ digest: [] }],
      { [`${V}DIGEST`]: 'user' },
      'the operator can set TOLLGATE_CREDENTIAL_ACME_DIGEST to "user:password"',
    ],
    [
      'AWS keys without a secret',
      [{ aws: [] }],
      { [`${V}AWS`]: 'AKIDEXAMPLE' },
      'the operator can set TOLLGATE_CREDENTIAL_ACME_AWS to "accessKeyId:secretAccessKey", with ":sessionToken" behind it if there is one',
    ],
    [
      'a signature of a host that is none of AWS, and no region',
      [{ gateway: [] }],
      { [`${V}GATEWAY`]: 'AKID:secret' },
      'the operator can name the AWS region of acme in provider.yaml, as credentials.gateway.region',
    ],
    [
      'a scheme that is not described',
      [{ gone: [] }],
      {},
      'the operator can describe the security scheme "gone" in the document',
    ],
    [
      'a scheme of an object prototype',
      [{ constructor: [] }],
      {},
      'the operator can describe the security scheme "constructor" in the document',
    ],
    [
      'a value with a line break',
      [{ header: [] }],
      { [`${V}HEADER`]: 'v\r\nx-admin: 1' },
      'the operator can take the control characters out of TOLLGATE_CREDENTIAL_ACME_HEADER',
    ],
    [
      'a value that no header can hold',
      [{ header: [] }],
      { [`${V}HEADER`]: 'zwölf€' },
      'the operator can take the characters out of TOLLGATE_CREDENTIAL_ACME_HEADER that no header can hold: it is not ASCII',
    ],
  ];
  for (const [name, security, variables, remedy] of remedies) {
    it(`is unavailable, and says what to do: ${name}`, async () => {
      const vault = vaultWith(variables);
      const endpoint = endpointWith({ security });
      assert.deepEqual(vault.availability(provider(), endpoint), { available: false, remedy });
      assert.equal((await refuses(vault.resolve(provider(), endpoint), 'ENDPOINT_UNAVAILABLE')).remedy, remedy);
    });
  }

  it('takes the variable that provider.yaml names, after its own', async () => {
    const named = provider({ credentials: { bearer: { env: 'ACME_TOKEN' } } });
    const endpoint = endpointWith({ security: [{ bearer: [] }] });
    const both = vaultWith({ ACME_TOKEN: 'theirs', [`${V}BEARER`]: 'own' });
    assert.deepEqual(revealed(await both.resolve(named, endpoint)), ['header authorization: Bearer own']);
    const one = vaultWith({ ACME_TOKEN: 'theirs' });
    assert.deepEqual(revealed(await one.resolve(named, endpoint)), ['header authorization: Bearer theirs']);
    assert.deepEqual(vaultWith({}).availability(named, endpoint), {
      available: false,
      remedy: 'the operator can set TOLLGATE_CREDENTIAL_ACME_BEARER or ACME_TOKEN to a bearer token',
    });
  });

  for (const scheme of ['basic', 'digest']) {
    it(`does not count a user name as a secret, unless it is the key: ${scheme}`, async () => {
      const endpoint = endpointWith({ security: [{ [scheme]: [] }] });
      const secretsOf = async (value: string): Promise<string[]> => {
        const credential = await vaultWith({ [V + scheme.toUpperCase()]: value }).resolve(provider(), endpoint);
        assert.ok(credential !== 'none-needed');
        return credential.secrets.map((secret) => secret.reveal());
      };
      assert.deepEqual(await secretsOf('AC123:password'), ['AC123:password', 'password']);
      assert.deepEqual(await secretsOf('sk_live:'), ['sk_live:', 'sk_live']);
    });
  }

  it('has Digest proved request by request, also with a password that no header could hold', async () => {
    const vault = vaultWith({ [`${V}DIGEST`]: 'Jäsøn:zwölf€' });
    const endpoint = endpointWith({ security: [{ digest: [] }] });
    assert.deepEqual(vault.availability(provider(), endpoint), { available: true });
    const credential = await vault.resolve(provider(), endpoint);
    assert.ok(credential !== 'none-needed');
    assert.deepEqual([credential.parts, typeof credential.exchange], [[], 'function']);
  });

  const SHOWN: readonly (readonly [name: string, security: SecurityAlternative, parts: readonly string[]])[] = [
    ['alone', { tls: [] }, []],
    ['beside what stands in the request', { header: [], tls: [] }, ['header X-Api-Key: v']],
  ];
  for (const [name, security, parts] of SHOWN) {
    it(`has a client certificate shown ${name}, and counts its key as a secret`, async () => {
      const vault = vaultWith({ [`${V}TLS`]: CERTIFICATES.ada, [`${V}HEADER`]: 'v' });
      const endpoint = endpointWith({ security: [security], server: 'https://api.acme.test' });
      assert.deepEqual(vault.availability(provider(), endpoint), { available: true });
      const credential = await vault.resolve(provider(), endpoint);
      assert.ok(credential !== 'none-needed');
      assert.deepEqual(revealed(credential), parts);
      assert.match(credential.certificate!.chain, /^-----BEGIN CERTIFICATE-----/);
      const [line = ''] = /^MIGH.*$/m.exec(CERTIFICATES.ada) ?? [];
      assert.ok(credential.secrets.some((secret) => secret.reveal() === line));
    });
  }

  it('shows no client certificate where there is no TLS, and says what to set', () => {
    const vault = (upstream?: string) =>
      vaultWith({ [`${V}TLS`]: CERTIFICATES.ada }, upstream === undefined ? {} : { upstream: () => upstream });
    const endpoint = (server: string) => endpointWith({ security: [{ tls: [] }], server });
    const told = (setting: string) => ({
      available: false,
      remedy: `the operator can set ${setting} to an https url: "tls" is a client certificate, which is shown over TLS alone`,
    });
    const of = (server: string) => vault().availability(provider(), endpoint(server));
    assert.deepEqual(of('http://api.acme.test'), told('server in provider.yaml'));
    assert.deepEqual(of('https://api.acme.test'), { available: true });
    assert.deepEqual(of(''), { available: true });
    const moved = (base: string, server: string) => vault(base).availability(provider(), endpoint(server));
    assert.deepEqual(moved('http://own.test', 'https://api.acme.test'), told('TOLLGATE_UPSTREAM_ACME'));
    assert.deepEqual(moved('https://own.test', 'http://api.acme.test'), { available: true });
  });

  it('says of a value that was refused that another try makes no sense', async () => {
    const credential = await vaultWith({ [`${V}BEARER`]: 'v' }).resolve(
      provider(),
      endpointWith({ security: [{ bearer: [] }] }),
    );
    assert.ok(credential !== 'none-needed');
    assert.equal(credential.refused(401), false);
  });

  it('prints no secret, however it is printed', async () => {
    const vault = vaultWith({ [`${V}BASIC`]: 'user:canary-1' });
    const credential = await vault.resolve(provider(), endpointWith({ security: [{ basic: [] }] }));
    const printed = inspect([vault, credential], { depth: 10, showHidden: true }) + JSON.stringify([vault, credential]);
    assert.doesNotMatch(printed, /canary|Y2FuYXJ5|dXNlcjpjYW5hcnkt/);
  });
});

describe('the vault, with several keys for a scheme', () => {
  const security = [{ header: [] }];
  const endpoint = endpointWith({ security });
  const acme = provider();
  let clock: TestClock;
  let refusals: CredentialRefusal[];
  let keys: Secret[];
  let version: number;
  let vault: Vault;

  beforeEach(() => {
    clock = testClock();
    refusals = [];
    version = 0;
    keys = ['one', 'two', 'three'].map((text) => new Secret(text));
    vault = vaultWith(
      {},
      {
        clock,
        values: {
          get version() {
            return version;
          },
          get: () => keys,
        },
        onRefused: (refusal) => refusals.push(refusal),
      },
    );
  });

  const resolve = async (): Promise<Credential> => {
    const credential = await vault.resolve(acme, endpoint);
    assert.ok(credential !== 'none-needed');
    return credential;
  };
  const turn = async () => (await resolve()).parts[0]!.value.reveal();
  const turns = async (count: number) => {
    const taken: string[] = [];
    for (let index = 0; index < count; index += 1) taken.push(await turn());
    return taken;
  };

  it('takes them in turns, also for different endpoints', async () => {
    assert.deepEqual(await turns(4), ['one', 'two', 'three', 'one']);
    const other = await vault.resolve(acme, endpointWith({ security }));
    assert.deepEqual(revealed(other), ['header X-Api-Key: two']);
  });

  it('leaves one that is limited alone for as long as the upstream says, or half a minute', async () => {
    assert.equal((await resolve()).refused(429, 5_000), true);
    assert.equal((await resolve()).refused(429), true);
    assert.deepEqual(await turns(2), ['three', 'three']);
    clock.nowMsValue = 5_000;
    assert.deepEqual(await turns(2), ['one', 'three']);
    clock.nowMsValue = 30_000;
    assert.deepEqual(await turns(3), ['one', 'two', 'three']);
  });

  it('says how long to wait when all are limited', async () => {
    for (const waitMs of [9_000, 4_500]) assert.equal((await resolve()).refused(429, waitMs), true);
    assert.equal((await resolve()).refused(429), false);
    const error = await refuses(vault.resolve(acme, endpoint), 'PROVIDER_BUSY');
    assert.equal(error.message, 'acme has limited every key that this gateway has for "header"');
    assert.deepEqual([error.retryable, error.details.retry_after_seconds], [true, 5]);
    assert.equal(error.remedy, 'not charged; call again after 5 seconds');
    clock.nowMsValue = 3_500;
    const later = await refuses(vault.resolve(acme, endpoint), 'PROVIDER_BUSY');
    assert.equal(later.remedy, 'not charged; call again after 1 second');
    clock.nowMsValue = 4_500;
    assert.equal(await turn(), 'two');
  });

  it('doubts a certificate that TLS refused, and none of the keys that would have been sent over it', async () => {
    const pems = [CERTIFICATES.ada, CERTIFICATES.grace].map((pem) => new Secret(pem));
    const values = { version: 0, get: (variable: string) => (variable.endsWith('_TLS') ? pems : keys) };
    const combined = vaultWith({}, { clock, values });
    const both = endpointWith({ security: [{ header: [], tls: [] }], server: 'https://api.acme.test' });
    const next = async (): Promise<readonly [string, boolean, Credential]> => {
      const credential = await combined.resolve(acme, both);
      assert.ok(credential !== 'none-needed');
      const [{ value } = assert.fail()] = credential.parts;
      return [value.reveal(), pems[0]!.reveal().includes(credential.certificate!.chain), credential];
    };
    const [first, isAda, credential] = await next();
    assert.deepEqual([first, isAda, credential.refused('tls')], ['one', true, true]);
    const taken = [await next(), await next(), await next()].map(([key, ada]) => [key, ada]);
    assert.deepEqual(taken, [
      ['two', false],
      ['three', false],
      ['one', false],
    ]);
  });

  it('takes those that rest again where the clock is set back', async () => {
    (await resolve()).refused(401);
    for (let key = 0; key < 2; key += 1) (await resolve()).refused(429);
    clock.nowMsValue = -1;
    assert.deepEqual(await turns(3), ['one', 'two', 'three']);
  });

  it('does not trust an upstream that says to wait for ever', async () => {
    for (let key = 0; key < 3; key += 1) (await resolve()).refused(429, Infinity);
    clock.nowMsValue = 3_600_000;
    assert.equal(await turn(), 'one');
  });

  for (const status of [401, 403] as const) {
    it(`takes one that was refused with ${status} only where there is no other`, async () => {
      assert.equal((await resolve()).refused(status), true);
      assert.deepEqual(await turns(3), ['two', 'three', 'two']);
      assert.equal((await resolve()).refused(status), true);
      assert.equal((await resolve()).refused(status), false);
      assert.deepEqual(new Set(await turns(3)), new Set(['one', 'two', 'three']));
      clock.nowMsValue = 30_000;
      assert.deepEqual(new Set(await turns(3)), new Set(['one', 'two', 'three']));
    });
  }

  it('takes a refused one rather than a limited one', async () => {
    (await resolve()).refused(401);
    (await resolve()).refused(429);
    (await resolve()).refused(429);
    assert.equal(await turn(), 'one');
  });

  it('never leaves a key alone that is the only one', async () => {
    keys = [new Secret('one')];
    const credential = await resolve();
    assert.equal(credential.hasOthers, false);
    assert.equal(credential.refused(429), false);
    assert.equal(await turn(), 'one');
  });

  it('takes other keys when there are others, and still knows what was said of those that stay', async () => {
    (await resolve()).refused(429);
    (await resolve()).refused(401);
    keys = [new Secret('one'), new Secret('two'), new Secret('four')];
    version += 1;
    assert.deepEqual(await turns(2), ['four', 'four']);
  });

  it('tells of each refusal', async () => {
    (await resolve()).refused(429);
    assert.deepEqual(refusals, [{ provider: 'acme', schemes: ['header'], status: 429 }]);
  });
});

describe('the variable of a credential, where one provider’s id begins another’s', () => {
  const variables = { TOLLGATE_CREDENTIAL_OPEN_WEATHER_KEY: 'of open-weather', OPEN_KEY: 'of open' };
  const scheme: SecurityScheme = { type: 'apiKey', in: 'query', name: 'k' };
  const named = (...ids: readonly string[]) => new Map(ids.map((id) => [id, {}]));
  const all = named('open', 'open-weather', 'other');
  const providers = () => all;
  const weatherKey = endpointWith({ security: [{ weather_key: [] }] });
  const open = { id: 'open', securitySchemes: { weather_key: scheme } };

  it('belongs to the one with the longer id', async () => {
    const weather = provider({ id: 'open-weather', securitySchemes: { key: scheme } });
    const credential = await vaultWith(variables, { providers }).resolve(
      weather,
      endpointWith({ security: [{ key: [] }] }),
    );
    assert.deepEqual(revealed(credential), ['query k: of open-weather']);
  });

  it('is not given to the other, whatever its document calls a scheme', () => {
    assert.deepEqual(vaultWith(variables, { providers }).availability(provider(open), weatherKey), {
      available: false,
      remedy:
        'the operator can name a variable for "weather_key" in provider.yaml: TOLLGATE_CREDENTIAL_OPEN_WEATHER_KEY is another provider\'s',
    });
  });

  it('leaves the other the variable that its operator names', async () => {
    const settled = provider({ ...open, credentials: { weather_key: { env: 'OPEN_KEY' } } });
    assert.deepEqual(revealed(await vaultWith(variables, { providers }).resolve(settled, weatherKey)), [
      'query k: of open',
    ]);
  });

  it('is its own where there is no such provider', async () => {
    const few = named('open', 'other');
    const alone = vaultWith(variables, { providers: () => few });
    assert.deepEqual(revealed(await alone.resolve(provider(open), weatherKey)), ['query k: of open-weather']);
  });

  it('is taken from it when such a provider comes, and given back when it goes', () => {
    let now = named('open');
    const vault = vaultWith(variables, { providers: () => now });
    const available = () => vault.availability(provider(open), weatherKey).available;
    const before = available();
    now = all;
    const during = available();
    now = named('open');
    assert.deepEqual([before, during, available()], [true, false, true]);
  });
});

describe('the vault, with a token server', () => {
  interface TokenCall {
    readonly authorization: string | undefined;
    readonly body: string;
    readonly path: string | undefined;
  }

  let server: UpstreamServer;
  let calls: TokenCall[];
  let clock: TestClock;
  /** What the server waits for before it answers. */
  let wait: () => Promise<void>;
  /** What the server answers; may be changed by a test. */
  let answer: (call: TokenCall) => { status: number; json: unknown };
  const sender = createSender({
    allowPrivate: (id) => id === 'acme',
    clock: { nowMs: Date.now, randomBytes: () => new Uint8Array() },
  });

  beforeEach(async () => {
    calls = [];
    clock = testClock();
    wait = () => Promise.resolve();
    answer = () => ({
      status: 200,
      json: { access_token: `token-${calls.length}`, token_type: 'Bearer', expires_in: 3600 },
    });
    server = await upstreamServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const call = { authorization: request.headers.authorization, body, path: request.url };
        calls.push(call);
        const { status, json } = answer(call);
        void wait().then(() => {
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
        });
      });
    });
  });

  afterEach(() => server.close());
  after(() => sender.close());

  const OAUTH = 'TOLLGATE_CREDENTIAL_ACME_MY_OAUTH_2';
  const oauth = (...scopes: string[]) => endpointWith({ security: [{ 'my-oauth.2': scopes }] });

  function vault(value = 'id:s/cret'): Vault {
    return vaultWith(
      { [OAUTH]: value, TOLLGATE_CREDENTIAL_ACME_OPENID: value },
      { clock, send: (request, options) => sender.send(request, options), upstream: () => `${server.origin}/v2` },
    );
  }

  it('asks for a token as the client, with the scopes of the operation, and keeps it', async () => {
    const tokens = vault();
    const want = ['header authorization: Bearer token-1'];
    assert.deepEqual(revealed(await tokens.resolve(provider(), oauth('read', 'write'))), want);
    assert.deepEqual(revealed(await tokens.resolve(provider(), oauth('write', 'read'))), want);
    assert.deepEqual(calls, [
      {
        authorization: `Basic ${Buffer.from('id:s%2Fcret').toString('base64')}`,
        body: 'grant_type=client_credentials&scope=read%20write',
        path: '/oauth/token',
      },
    ]);
  });

  it('asks once, however many calls need the token at the same moment', async () => {
    const tokens = vault();
    const credentials = await Promise.all(Array.from({ length: 20 }, () => tokens.resolve(provider(), oauth())));
    assert.deepEqual(
      new Set(credentials.map((credential) => String(revealed(credential)))),
      new Set(['header authorization: Bearer token-1']),
    );
    clock.nowMsValue = 3_600_000;
    await Promise.all(Array.from({ length: 20 }, () => tokens.resolve(provider(), oauth())));
    assert.equal(calls.length, 2);
  });

  it('keeps tokens of other scopes apart', async () => {
    const tokens = vault();
    await tokens.resolve(provider(), oauth('read'));
    await tokens.resolve(provider(), oauth('write'));
    assert.deepEqual(
      calls.map(({ body }) => body),
      ['grant_type=client_credentials&scope=read', 'grant_type=client_credentials&scope=write'],
    );
  });

  for (const [name, expiresIn, renewFromMs, unusableFromMs] of [
    ['an hour', 3600, 3_540_000, 3_590_000],
    ['half a minute', 30, 27_000, 29_500],
    ['a time that it does not say', undefined, 270_000, 295_000],
  ] as const) {
    describe(`with a token that lives for ${name}`, () => {
      let tokens: Vault;
      const bearer = async () => revealed(await tokens.resolve(provider(), oauth()))[0];

      beforeEach(async () => {
        answer = () => ({ status: 200, json: { access_token: `token-${calls.length}`, expires_in: expiresIn } });
        tokens = vault();
        await tokens.resolve(provider(), oauth());
      });

      it('asks for the next one shortly before its end, and goes on with it until that has come', async () => {
        clock.nowMsValue = renewFromMs - 1;
        assert.equal(await bearer(), 'header authorization: Bearer token-1');
        assert.equal(calls.length, 1);
        clock.nowMsValue = renewFromMs;
        assert.equal(await bearer(), 'header authorization: Bearer token-1');
        assert.equal(await bearer(), 'header authorization: Bearer token-1');
        await until(async () => (await bearer()) === 'header authorization: Bearer token-2');
        assert.equal(calls.length, 2);
      });

      it('waits for the next one where it is at its end', async () => {
        clock.nowMsValue = unusableFromMs;
        assert.equal(await bearer(), 'header authorization: Bearer token-2');
      });
    });
  }

  it('goes on with a token that is still good while the token server fails, and does not flood it', async () => {
    const tokens = vault();
    await tokens.resolve(provider(), oauth());
    answer = () => ({ status: 503, json: {} });
    clock.nowMsValue = 3_540_000;
    const want = ['header authorization: Bearer token-1'];
    assert.deepEqual(revealed(await tokens.resolve(provider(), oauth())), want);
    await until(() => calls.length === 2);
    for (let call = 0; call < 10; call += 1) {
      assert.deepEqual(revealed(await tokens.resolve(provider(), oauth())), want);
    }
    assert.equal(calls.length, 2);
    clock.nowMsValue = 3_590_000;
    await refuses(tokens.resolve(provider(), oauth()), 'CREDENTIAL_REFUSED');
  });

  it('holds up nobody who has a good token while the token server is slow', async () => {
    const tokens = vault();
    await tokens.resolve(provider(), oauth());
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    wait = () => held;
    clock.nowMsValue = 3_540_000;
    const want = ['header authorization: Bearer token-1'];
    for (let call = 0; call < 3; call += 1) {
      assert.deepEqual(revealed(await tokens.resolve(provider(), oauth())), want);
    }
    release();
    await until(
      async () =>
        String(revealed(await tokens.resolve(provider(), oauth()))) === 'header authorization: Bearer token-2',
    );
  });

  it('asks for the audience and the scopes that the operator settled', async () => {
    const settled = provider({
      credentials: { 'my-oauth.2': { env: 'UNSET', audience: 'https://api.acme.test/', scopes: ['all'] } },
    });
    await vault().resolve(settled, oauth('read'));
    assert.equal(calls[0]!.body, 'grant_type=client_credentials&scope=all&audience=https%3A%2F%2Fapi.acme.test%2F');
  });

  it('gets a fresh token after one was refused, but keeps one that is fresh already', async () => {
    const tokens = vault();
    const first = await tokens.resolve(provider(), oauth());
    assert.ok(first !== 'none-needed');
    assert.equal(first.refused(401), true);
    assert.deepEqual(revealed(await tokens.resolve(provider(), oauth())), ['header authorization: Bearer token-2']);
    assert.equal(first.refused(401), true);
    assert.deepEqual(revealed(await tokens.resolve(provider(), oauth())), ['header authorization: Bearer token-2']);
  });

  it('counts the token, the token that took its place, and the client secret as secrets', async () => {
    const tokens = vault();
    const first = await tokens.resolve(provider(), oauth());
    assert.ok(first !== 'none-needed');
    first.refused(401);
    await tokens.resolve(provider(), oauth());
    assert.deepEqual(
      first.secrets.map((secret) => secret.reveal()),
      ['token-1', 's/cret', 'id:s/cret', 'token-2'],
    );
  });

  it('sends the client in the body where the server does not take it in the header, and remembers that', async () => {
    answer = ({ authorization }) =>
      authorization === undefined
        ? { status: 200, json: { access_token: 'token', expires_in: 10 } }
        : { status: 400, json: { error: 'invalid_client' } };
    const tokens = vault();
    await tokens.resolve(provider(), oauth());
    clock.nowMsValue = 10_000;
    await tokens.resolve(provider(), oauth());
    const inBody = 'grant_type=client_credentials&client_id=id&client_secret=s%2Fcret';
    assert.deepEqual(
      calls.map(({ body }) => body),
      ['grant_type=client_credentials', inBody, inBody],
    );
  });

  it('finds the token server of OpenID Connect in its configuration, once', async () => {
    answer = ({ path }) =>
      path === '/.well-known/openid-configuration'
        ? { status: 200, json: { token_endpoint: `${server.origin}/t` } }
        : { status: 200, json: { access_token: 'token', expires_in: 10 } };
    const tokens = vault();
    const endpoint = endpointWith({ security: [{ openid: [] }] });
    assert.deepEqual(revealed(await tokens.resolve(provider(), endpoint)), ['header authorization: Bearer token']);
    clock.nowMsValue = 10_000;
    await tokens.resolve(provider(), endpoint);
    assert.deepEqual(
      calls.map(({ path }) => path),
      ['/.well-known/openid-configuration', '/t', '/t'],
    );
  });

  for (const [status, json] of [
    [200, {}],
    [200, { token_endpoint: 'no url' }],
    [404, { token_endpoint: 'https://id.acme.test/t' }],
  ] as const) {
    it(`says so where that configuration is ${JSON.stringify(json)} with ${status}`, async () => {
      answer = () => ({ status, json });
      const error = await refuses(
        vault().resolve(provider(), endpointWith({ security: [{ openid: [] }] })),
        'CREDENTIAL_REFUSED',
      );
      const want = `the token server of acme answered ${status} and names no usable token_endpoint`;
      assert.equal(error.message, want);
    });
  }

  it('sends its secret to no token server without TLS that a configuration document names which came over TLS', async () => {
    const asked: string[] = [];
    const send: Sender['send'] = ({ method, url }) => {
      asked.push(`${method} ${url.href}`);
      return Promise.resolve(anAnswer('{"token_endpoint":"http://id.acme.test/t"}'));
    };
    const tokens = vaultWith({ TOLLGATE_CREDENTIAL_ACME_OPENID: 'id:secret' }, { clock, send });
    const url = 'https://id.acme.test/.well-known/openid-configuration';
    const acme = provider({ securitySchemes: { openid: { type: 'openIdConnect', url } } });
    await refuses(tokens.resolve(acme, endpointWith({ security: [{ openid: [] }] })), 'CREDENTIAL_REFUSED');
    assert.deepEqual(asked, [`GET ${url}`]);
  });

  const faults: readonly (readonly [string, number, unknown])[] = [
    ['refuses the client', 401, { error: 'invalid_client' }],
    ['refuses the scope', 400, { error: 'invalid_scope' }],
    ['repeats the secret as its error', 400, { error: 's/cret' }],
    ['repeats the client as its error', 400, { error: `x ${Buffer.from('id:s/cret').toString('base64')}` }],
    ['answers without a token', 200, { token_type: 'Bearer' }],
    ['answers with a token that would add a header', 200, { access_token: 'a\r\nx-admin: 1' }],
    ['answers with something else', 200, 'token'],
    ['answers with a token that no header can hold', 200, { access_token: 'a'.repeat(8_193) }],
    ['redirects', 302, {}],
    ['fails', 500, {}],
  ];
  for (const [name, status, json] of faults) {
    it(`says so where the token server ${name}, and asks again the next time`, async () => {
      answer = () => ({ status, json });
      const tokens = vault();
      const error = await refuses(tokens.resolve(provider(), oauth()), 'CREDENTIAL_REFUSED');
      assert.doesNotMatch(error.message, /s\/cret|s%2Fcret|aWQ6cy9jcmV0/);
      answer = () => ({ status: 200, json: { access_token: 'token' } });
      assert.deepEqual(revealed(await tokens.resolve(provider(), oauth())), ['header authorization: Bearer token']);
    });
  }

  it('says that the upstream cannot be reached where the token server gives no answer', async () => {
    const tokens = vault();
    await server.close();
    const error = await refuses(tokens.resolve(provider(), oauth()), 'UPSTREAM_UNREACHABLE');
    assert.match(error.message, /^the token server of acme gave no answer: /);
  });

  it('asks no token server at a private address unless the operator allows it', async () => {
    const tokens = vaultWith(
      { TOLLGATE_CREDENTIAL_OTHER_MY_OAUTH_2: 'id:secret' },
      { clock, send: (request, options) => sender.send(request, options), upstream: () => server.origin },
    );
    await refuses(tokens.resolve(provider({ id: 'other' }), oauth()), 'UPSTREAM_ADDRESS_REFUSED');
    assert.equal(calls.length, 0);
  });

  it("moves a token url of the document's own server to the operator's upstream, and no other", async () => {
    const own = provider({
      securitySchemes: { 'my-oauth.2': { type: 'oauth2', tokenUrl: 'https://api.example.com/a/token?b=c' } },
    });
    await vault().resolve(own, oauth());
    assert.deepEqual(
      calls.map(({ path }) => path),
      ['/a/token?b=c'],
    );
  });

  it("asks a token server of another origin where the document says, whatever the provider's upstream is", async () => {
    const absolute = provider({
      securitySchemes: { 'my-oauth.2': { type: 'oauth2', tokenUrl: `${server.origin}/absolute` } },
    });
    const tokens = vaultWith(
      { [OAUTH]: 'id:secret' },
      { clock, send: (request, options) => sender.send(request, options), upstream: () => 'http://127.0.0.1:9/v1' },
    );
    await tokens.resolve(absolute, oauth());
    assert.deepEqual(
      calls.map(({ path }) => path),
      ['/absolute'],
    );
  });
});
