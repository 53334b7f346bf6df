import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';

import { ConfigError, readConfig } from '../runtime/config.js';
import { PACKAGE_ROOT } from '../runtime/package-root.js';

type Environment = Readonly<Record<string, string>>;

const read = (environment: Environment) => readConfig({}, environment);
const KEY = 'Ab'.repeat(32);

describe('config', () => {
  it('has a default for everything, so that an empty environment starts a gateway', () => {
    const config = read({});
    assert.equal(config.host, '127.0.0.1');
    assert.equal(config.port, 8402);
    assert.equal(config.dataDir, resolve('data'));
    assert.equal(config.databaseUrl, `sqlite:${resolve('data', 'tollgate.db')}`);
    assert.equal(config.catalogueDir, join(PACKAGE_ROOT, 'generated'));
    assert.equal(config.publicUrl, undefined);
    assert.equal(config.callsPerSecond, undefined);
    assert.equal(config.receiptKey, undefined);
    assert.equal(config.allowsPrivateUpstream('sandbox'), false);
    assert.equal(config.upstreamFor('sandbox'), undefined);
    assert.equal(config.credential('TOLLGATE_CREDENTIAL_GITHUB_BEARER'), undefined);
  });

  it('cannot be changed once it is read', () => {
    assert.ok(Object.isFrozen(read({})));
  });

  const GOOD: readonly (readonly [name: string, given: Environment, field: string, want: unknown])[] = [
    ['a port', { PORT: '80' }, 'port', 80],
    ['any free port', { PORT: '0' }, 'port', 0],
    ['spaces around a value', { PORT: ' 81 ' }, 'port', 81],
    ['an IPv6 address', { HOST: '::1' }, 'host', '::1'],
    ['a host name', { HOST: 'gateway.internal' }, 'host', 'gateway.internal'],
    ['a data directory', { TOLLGATE_DATA_DIR: '/var/lib/tollgate' }, 'dataDir', '/var/lib/tollgate'],
    [
      'the database in the data directory',
      { TOLLGATE_DATA_DIR: '/var/lib/tollgate' },
      'databaseUrl',
      'sqlite:/var/lib/tollgate/tollgate.db',
    ],
    ['an absolute SQLite path', { DATABASE_URL: 'sqlite:/a/b.db' }, 'databaseUrl', 'sqlite:/a/b.db'],
    ['SQLite as a URL with slashes', { DATABASE_URL: 'sqlite:///a/b.db' }, 'databaseUrl', 'sqlite:/a/b.db'],
    ['a relative SQLite path', { DATABASE_URL: 'sqlite:b.db' }, 'databaseUrl', `sqlite:${resolve('b.db')}`],
    ['PostgreSQL', { DATABASE_URL: 'postgres://u:p@h/d' }, 'databaseUrl', 'postgres://u:p@h/d'],
    ['PostgreSQL by its long name', { DATABASE_URL: 'postgresql://h/d' }, 'databaseUrl', 'postgresql://h/d'],
    ['a catalogue', { TOLLGATE_CATALOGUE: '/srv/generated' }, 'catalogueDir', '/srv/generated'],
    ['a public URL', { TOLLGATE_PUBLIC_URL: 'https://t.example/' }, 'publicUrl', 'https://t.example'],
    ['a platform fee', { TOLLGATE_PLATFORM_FEE_BPS: '250' }, 'platformFeeBps', 250],
    ['no platform fee', {}, 'platformFeeBps', 0],
    ['no rate limit', { TOLLGATE_RATE_LIMIT: 'off' }, 'callsPerSecond', undefined],
    ['a rate limit', { TOLLGATE_RATE_LIMIT: '50' }, 'callsPerSecond', 50],
    ['a rate limit below one a second', { TOLLGATE_RATE_LIMIT: '0.5' }, 'callsPerSecond', 0.5],
    ['no rate limit by address', { TOLLGATE_RATE_LIMIT_BY_ADDRESS: 'off' }, 'requestsPerSecondByAddress', undefined],
    ['a rate limit by address', {}, 'requestsPerSecondByAddress', 100],
    ['no proxy to believe', {}, 'trustedProxies', 0],
    ['a proxy to believe', { TOLLGATE_TRUSTED_PROXIES: '1' }, 'trustedProxies', 1],
    ['connections at a time', { TOLLGATE_MAX_CONNECTIONS: '100' }, 'maxConnections', 100],
    ['room for free answers', { TOLLGATE_FREE_ANSWERS_MB: '64' }, 'freeAnswerBytes', 64_000_000],
    ['the room that there is for free answers', {}, 'freeAnswerBytes', 256_000_000],
    ['memory for answers', { TOLLGATE_ANSWER_MEMORY_MB: '64' }, 'answerMemoryBytes', 64_000_000],
    ['a log level', { TOLLGATE_LOG_LEVEL: 'warn' }, 'logLevel', 'warn'],
    ['a line for each operation', {}, 'logLevel', 'info'],
    ['no traces', {}, 'otlpEndpoint', undefined],
    ['a receiver of traces', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://o:4318/' }, 'otlpEndpoint', 'http://o:4318'],
    ['an empty variable as an absent one', { PORT: '', HOST: ' ', TOLLGATE_RECEIPT_KEY: '' }, 'port', 8402],
  ];
  for (const [name, given, field, want] of GOOD) {
    it(`reads ${name}`, () => {
      assert.equal((read(given) as unknown as Record<string, unknown>)[field], want);
    });
  }

  for (const prefix of ['', '0x', '0X']) {
    it(`reads a receipt key written as "${prefix}<64 hex digits>" in one form, and never prints it`, () => {
      const { receiptKey } = read({ TOLLGATE_RECEIPT_KEY: prefix + KEY });
      assert.equal(receiptKey!.reveal(), `0x${'ab'.repeat(32)}`);
      assert.equal(inspect(receiptKey).includes('ab'), false);
    });
  }

  it('reads the upstream of a provider whose id has a dash or a dot', () => {
    const config = read({ TOLLGATE_UPSTREAM_OPEN_METEO: 'http://127.0.0.1:9/v1/' });
    assert.equal(config.upstreamFor('open-meteo'), 'http://127.0.0.1:9/v1');
    assert.equal(config.upstreamFor('open.meteo'), 'http://127.0.0.1:9/v1');
    assert.equal(config.upstreamFor('other'), undefined);
  });

  it('allows private upstreams to the named providers alone', () => {
    const config = read({ TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox, my-api' });
    assert.deepEqual(
      ['sandbox', 'my-api', 'github'].map((id) => config.allowsPrivateUpstream(id)),
      [true, true, false],
    );
    assert.equal(read({ TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: '*' }).allowsPrivateUpstream('github'), true);
  });

  it('hands out a credential as a secret that does not print', () => {
    const config = read({ GITHUB_TOKEN: 'canary-4711', EMPTY: '' });
    const token = config.credential('GITHUB_TOKEN')!;
    assert.equal(token.reveal(), 'canary-4711');
    assert.equal(`${String(token)}${JSON.stringify(token)}${inspect(token)}${inspect(config)}`.includes('4711'), false);
    assert.equal(config.credential('EMPTY'), undefined);
  });

  it('lets a command flag win over the environment, and an empty one unset it', () => {
    const environment = { PORT: '1', TOLLGATE_PUBLIC_URL: 'https://t.example' };
    const config = readConfig({ PORT: '2', TOLLGATE_PUBLIC_URL: '' }, environment);
    assert.equal(config.port, 2);
    assert.equal(config.publicUrl, undefined);
  });

  const HIDDEN = 'a text that is not shown, as it may hold a secret';
  const BAD: readonly (readonly [name: string, given: Environment, want: string])[] = [
    ['a port in words', { PORT: 'http' }, 'PORT is "http", not a port from 0 to 65535; example: PORT=8402'],
    ['a port too high', { PORT: '65536' }, 'PORT is "65536", not a port from 0 to 65535; example: PORT=8402'],
    [
      'a number of proxies in words',
      { TOLLGATE_TRUSTED_PROXIES: 'all' },
      'TOLLGATE_TRUSTED_PROXIES is "all", not a number from 0 to 16; example: TOLLGATE_TRUSTED_PROXIES=1',
    ],
    [
      'no connections',
      { TOLLGATE_MAX_CONNECTIONS: '0' },
      'TOLLGATE_MAX_CONNECTIONS is "0", not a number from 1 to 1000000; example: TOLLGATE_MAX_CONNECTIONS=8192',
    ],
    [
      'a log level that does not exist',
      { TOLLGATE_LOG_LEVEL: 'loud' },
      'TOLLGATE_LOG_LEVEL is "loud", none of debug, info, warn, error, silent; example: TOLLGATE_LOG_LEVEL=warn',
    ],
    [
      'a rate of nothing by address',
      { TOLLGATE_RATE_LIMIT_BY_ADDRESS: '0' },
      'TOLLGATE_RATE_LIMIT_BY_ADDRESS is "0", neither "off" nor calls a second above 0; example: TOLLGATE_RATE_LIMIT_BY_ADDRESS=100',
    ],
    ['a negative port', { PORT: '-1' }, 'PORT is "-1", not a port from 0 to 65535; example: PORT=8402'],
    ['a port with an exponent', { PORT: '1e3' }, 'PORT is "1e3", not a port from 0 to 65535; example: PORT=8402'],
    [
      'a host with a scheme',
      { HOST: 'http://localhost' },
      'HOST is "http://localhost", neither an address nor a host name; example: HOST=127.0.0.1',
    ],
    [
      'a database of another kind',
      { DATABASE_URL: 'mysql://root:canary@h/d' },
      'DATABASE_URL starts with neither "sqlite:" nor "postgres://"; example: DATABASE_URL=sqlite:data/tollgate.db',
    ],
    [
      'a database without a path',
      { DATABASE_URL: 'sqlite:' },
      'DATABASE_URL names no file: money is kept on disk alone; example: DATABASE_URL=sqlite:data/tollgate.db',
    ],
    [
      'a database in memory',
      { DATABASE_URL: 'sqlite::memory:' },
      'DATABASE_URL names no file: money is kept on disk alone; example: DATABASE_URL=sqlite:data/tollgate.db',
    ],
    [
      'a SQLite URI',
      { DATABASE_URL: 'sqlite:file:books.db?mode=memory' },
      'DATABASE_URL names no file: money is kept on disk alone; example: DATABASE_URL=sqlite:data/tollgate.db',
    ],
    [
      'a public URL without a scheme',
      { TOLLGATE_PUBLIC_URL: 'tollgate' },
      'TOLLGATE_PUBLIC_URL is "tollgate", not a URL; example: TOLLGATE_PUBLIC_URL=https://tollgate.example.com',
    ],
    [
      'a public URL of another scheme',
      { TOLLGATE_PUBLIC_URL: 'ftp://t.example' },
      'TOLLGATE_PUBLIC_URL has the scheme "ftp:", not http or https; example: TOLLGATE_PUBLIC_URL=https://tollgate.example.com',
    ],
    [
      'an upstream that is no URL',
      { TOLLGATE_UPSTREAM_GITHUB: 'localhost' },
      'TOLLGATE_UPSTREAM_GITHUB is "localhost", not a URL; example: TOLLGATE_UPSTREAM_GITHUB=https://api.example.com/v1',
    ],
    [
      'an upstream that is no URL and may hold a password',
      { TOLLGATE_UPSTREAM_GITHUB: 'https://me:canary@bad host' },
      `TOLLGATE_UPSTREAM_GITHUB is ${HIDDEN}, not a URL; example: TOLLGATE_UPSTREAM_GITHUB=https://api.example.com/v1`,
    ],
    [
      'an upstream with a password',
      { TOLLGATE_UPSTREAM_GITHUB: 'https://me:canary@h' },
      'TOLLGATE_UPSTREAM_GITHUB carries a user or a password: set a credential in place of it; example: TOLLGATE_UPSTREAM_GITHUB=https://api.example.com/v1',
    ],
    [
      'an upstream with a query',
      { TOLLGATE_UPSTREAM_GITHUB: 'https://h/v1?key=canary' },
      'TOLLGATE_UPSTREAM_GITHUB has a query or a fragment; example: TOLLGATE_UPSTREAM_GITHUB=https://api.example.com/v1',
    ],
    [
      'an upstream with an empty fragment',
      { TOLLGATE_UPSTREAM_GITHUB: 'https://h/v1#' },
      'TOLLGATE_UPSTREAM_GITHUB has a query or a fragment; example: TOLLGATE_UPSTREAM_GITHUB=https://api.example.com/v1',
    ],
    [
      'a provider with an upper-case letter',
      { TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox,GitHub' },
      'TOLLGATE_ALLOW_PRIVATE_UPSTREAMS names "GitHub", which is no provider\'s id; example: TOLLGATE_ALLOW_PRIVATE_UPSTREAMS=sandbox,my-api',
    ],
    [
      'a platform fee above all of it',
      { TOLLGATE_PLATFORM_FEE_BPS: '10001' },
      'TOLLGATE_PLATFORM_FEE_BPS is "10001", not hundredths of a percent from 0 to 10000; example: TOLLGATE_PLATFORM_FEE_BPS=250',
    ],
    [
      'a platform fee in percent',
      { TOLLGATE_PLATFORM_FEE_BPS: '2.5%' },
      'TOLLGATE_PLATFORM_FEE_BPS is "2.5%", not hundredths of a percent from 0 to 10000; example: TOLLGATE_PLATFORM_FEE_BPS=250',
    ],
    [
      'a rate limit of nothing',
      { TOLLGATE_RATE_LIMIT: '0' },
      'TOLLGATE_RATE_LIMIT is "0", neither "off" nor calls a second above 0; example: TOLLGATE_RATE_LIMIT=50',
    ],
    [
      'a rate limit in words',
      { TOLLGATE_RATE_LIMIT: '5/s' },
      'TOLLGATE_RATE_LIMIT is "5/s", neither "off" nor calls a second above 0; example: TOLLGATE_RATE_LIMIT=50',
    ],
    [
      'a receipt key that is too short',
      { TOLLGATE_RECEIPT_KEY: 'canary' },
      'TOLLGATE_RECEIPT_KEY is not 32 bytes in hex (its value is not shown); example: TOLLGATE_RECEIPT_KEY=0x<64 hex digits>',
    ],
    [
      'a receipt key with two prefixes',
      { TOLLGATE_RECEIPT_KEY: `0x0x${'1'.repeat(62)}` },
      'TOLLGATE_RECEIPT_KEY is not 32 bytes in hex (its value is not shown); example: TOLLGATE_RECEIPT_KEY=0x<64 hex digits>',
    ],
  ];
  for (const [name, given, want] of BAD) {
    it(`refuses ${name}, with the variable, the fault and an example, and shows no secret`, () => {
      assert.throws(
        () => read(given),
        (error: unknown) => {
          assert.ok(error instanceof ConfigError);
          assert.equal(error.message, want);
          assert.equal(error.message.includes('canary'), false);
          return true;
        },
      );
    });
  }

  const UNREAD: readonly (readonly [name: string, given: Environment, want: readonly string[]])[] = [
    [
      'nothing of those that exist',
      { TOLLGATE_DATA_DIR: 'd', TOLLGATE_UPSTREAM_X: 'http://h', TOLLGATE_VAULT_KEY: KEY },
      [],
    ],
    ['nothing of a credential, nor of other programs', { TOLLGATE_CREDENTIAL_X_Y: 'v', PROT: '1' }, []],
    ['nothing of what agents are given', { TOLLGATE_AUTHORIZATION: 'Bearer k' }, []],
    [
      'of a misspelt one, and the one that was meant',
      { TOLLGATE_RATE_LIMITS: '5' },
      ['nothing reads the variable TOLLGATE_RATE_LIMITS: did you mean TOLLGATE_RATE_LIMIT?'],
    ],
    [
      'of an empty misspelt one too',
      { TOLLGATE_PUBLC_URL: '' },
      ['nothing reads the variable TOLLGATE_PUBLC_URL: did you mean TOLLGATE_PUBLIC_URL?'],
    ],
    [
      'of a misspelt prefix, without its value',
      { TOLLGATE_CREDENTIALS_GITHUB_BEARER: 'canary' },
      [
        'nothing reads the variable TOLLGATE_CREDENTIALS_GITHUB_BEARER: did you mean TOLLGATE_CREDENTIAL_GITHUB_BEARER?',
      ],
    ],
    [
      'of one that is like no other',
      { TOLLGATE_X: '1' },
      ['nothing reads the variable TOLLGATE_X: see the README for those that there are'],
    ],
  ];
  for (const [name, given, want] of UNREAD) {
    it(`warns ${name}`, () => {
      assert.deepEqual(read(given).warnings, want);
    });
  }

  it('names the variables of credentials that are set', () => {
    const given = { TOLLGATE_CREDENTIAL_X_Y: 'v', TOLLGATE_CREDENTIAL_X_Z_FILE: '/f', TOLLGATE_CREDENTIAL_X_E: ' ' };
    assert.deepEqual(read(given).credentialVariables, ['TOLLGATE_CREDENTIAL_X_Y', 'TOLLGATE_CREDENTIAL_X_Z_FILE']);
  });

  it('reads the key of the credential store as a secret, and where else it lies', () => {
    const config = read({ TOLLGATE_VAULT_KEY: KEY, TOLLGATE_DATA_DIR: '/d' });
    assert.equal(config.vaultKey!.reveal(), `0x${'ab'.repeat(32)}`);
    assert.equal(config.nextVaultKey, undefined);
    assert.equal(config.vaultKeyFile, '/d/vault.key');
    assert.equal(read({ TOLLGATE_VAULT_KEY_FILE: '/k' }).vaultKeyFile, '/k');
  });
});
