/**
 * The environment, read once, checked, frozen. This is the only reader of `process.env`: what a room needs is handed
 * to it. A wrong value stops the start with the variable's name, what is wrong with the value, and an example; a
 * `TOLLGATE_…` variable that nothing here reads is most likely misspelt, and is told.
 */

import { isIP } from 'node:net';
import { join, resolve } from 'node:path';

import { Secret } from './credential/secret.js';
import { MAX_FEE_BPS } from './ledger/platform-fee.js';
import { nearestName } from './nearest-name.js';
import { PACKAGE_ROOT } from './package-root.js';
import { PROVIDER_ID } from './provider-id.js';
import { CREDENTIAL_PREFIX, UPSTREAM_PREFIX, upstreamVariable } from './provider-variable.js';
import { parseDatabaseUrl } from './store/database-url.js';

/** From the most talkative on: at `info` there is a line for each operation. */
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly dataDir: string;
  /** `sqlite:<path>` or `postgres://…`. */
  readonly databaseUrl: string;
  readonly catalogueDir: string;
  /** The address that clients use, without a trailing slash, where it differs from `http://HOST:PORT`. */
  readonly publicUrl?: string;
  /** Calls a second for each API key; absent where there is no limit. */
  readonly callsPerSecond?: number;
  /** Requests a second, without an API key or with a wrong one, for each client's address; absent where there is no limit. */
  readonly requestsPerSecondByAddress?: number;
  /** Proxies in front of the gateway that add to X-Forwarded-For; 0 where the header is not believed. */
  readonly trustedProxies: number;
  /** Connections of clients at a time. */
  readonly maxConnections: number;
  /** What the answers that are under way may take of memory together. */
  readonly answerMemoryBytes: number;
  /** What is stored for each account of the answers that it did not pay for. */
  readonly freeAnswerBytes: number;
  readonly logLevel: LogLevel;
  /** Where traces go; nothing is traced without it. */
  readonly otlpEndpoint?: string;
  readonly receiptKey?: Secret;
  /** The platform's part of each charge, in hundredths of a percent. */
  readonly platformFeeBps: number;
  /** Whether this provider's upstream may have a private address. */
  readonly allowsPrivateUpstream: (provider: string) => boolean;
  /** The providers, by id, of which the operator said so; `*` for all. */
  readonly privateUpstreams: readonly string[];
  /** The base URL that replaces this provider's server, if the operator set one. */
  readonly upstreamFor: (provider: string) => string | undefined;
  /** Names of the variables that begin with `TOLLGATE_UPSTREAM_` and are not empty. */
  readonly upstreamVariables: readonly string[];
  /** The value of a variable that names a credential, such as `TOLLGATE_CREDENTIAL_GITHUB_BEARER`. */
  readonly credential: (variable: string) => Secret | undefined;
  /** Names of the variables that begin with `TOLLGATE_CREDENTIAL_` and are not empty. */
  readonly credentialVariables: readonly string[];
  /** The key of the credential store; else it is kept in a file. */
  readonly vaultKey?: Secret;
  /** The key that the store is re-encrypted with, or was a moment ago, while a rotation is under way. */
  readonly nextVaultKey?: Secret;
  readonly vaultKeyFile: string;
  /** What is not wrong enough to stop the start: variables that nothing reads. Each a line for the operator. */
  readonly warnings: readonly string[];
}

/** A variable of the environment is wrong. The message says which, why, and what would be right. */
export class ConfigError extends Error {
  constructor(variable: string, fault: string, example: string) {
    super(`${variable} ${fault}; example: ${variable}=${example}`);
    this.name = 'ConfigError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Set for the agents of this machine, not for the gateway. */
const OF_CLIENTS = 'TOLLGATE_AUTHORIZATION';

/**
 * Reads and checks the environment.
 * @param overrides variables that a command's flags set.
 * @throws ConfigError at the first variable that is wrong.
 */
export function readConfig(overrides: Environment = {}, environment: Environment = process.env): Config {
  const read = new Set<string>();
  const env = recording({ ...environment, ...overrides }, read);
  const dataDir = resolve(value(env, 'TOLLGATE_DATA_DIR') ?? 'data');
  const allowed = readList(env, 'TOLLGATE_ALLOW_PRIVATE_UPSTREAMS');
  const upstreams = new Map(
    Object.keys(env)
      .filter((name) => name.startsWith(UPSTREAM_PREFIX) && value(env, name) !== undefined)
      .map((name) => [name, readUrl(env, name, 'https://api.example.com/v1')!]),
  );
  /** By provider: each of its calls asks. */
  const variables = new Map<string, string>();
  const variableOf = (provider: string): string => {
    const variable = variables.get(provider) ?? upstreamVariable(provider);
    variables.set(provider, variable);
    return variable;
  };
  const config: Config = {
    host: readHost(env),
    port: readPort(env),
    dataDir,
    databaseUrl: readDatabaseUrl(env, dataDir),
    catalogueDir: resolve(value(env, 'TOLLGATE_CATALOGUE') ?? join(PACKAGE_ROOT, 'generated')),
    publicUrl: readUrl(env, 'TOLLGATE_PUBLIC_URL', 'https://tollgate.example.com'),
    callsPerSecond: readRateLimit(env, 'TOLLGATE_RATE_LIMIT', 'off'),
    requestsPerSecondByAddress: readRateLimit(env, 'TOLLGATE_RATE_LIMIT_BY_ADDRESS', '100'),
    trustedProxies: readCount(env, 'TOLLGATE_TRUSTED_PROXIES', { least: 0, most: 16, otherwise: 0 }),
    maxConnections: readCount(env, 'TOLLGATE_MAX_CONNECTIONS', { least: 1, most: 1_000_000, otherwise: 8_192 }),
    answerMemoryBytes: readCount(env, 'TOLLGATE_ANSWER_MEMORY_MB', { least: 1, most: 1_000_000, otherwise: 512 }) * 1e6,
    freeAnswerBytes: readCount(env, 'TOLLGATE_FREE_ANSWERS_MB', { least: 1, most: 1_000_000, otherwise: 256 }) * 1e6,
    logLevel: readLogLevel(env),
    otlpEndpoint: readUrl(env, 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:4318'),
    receiptKey: readHexKey(env, 'TOLLGATE_RECEIPT_KEY'),
    vaultKey: readHexKey(env, 'TOLLGATE_VAULT_KEY'),
    nextVaultKey: readHexKey(env, 'TOLLGATE_VAULT_KEY_NEXT'),
    vaultKeyFile: resolve(value(env, 'TOLLGATE_VAULT_KEY_FILE') ?? join(dataDir, 'vault.key')),
    platformFeeBps: readPlatformFee(env),
    allowsPrivateUpstream: (provider) => allowed.includes('*') || allowed.includes(provider),
    privateUpstreams: allowed,
    upstreamFor: (provider) => upstreams.get(variableOf(provider)),
    upstreamVariables: [...upstreams.keys()],
    credential: (variable) => {
      const text = env[variable];
      return text === undefined || text === '' ? undefined : new Secret(text);
    },
    credentialVariables: Object.keys(env).filter(
      (name) => name.startsWith(CREDENTIAL_PREFIX) && value(env, name) !== undefined,
    ),
    warnings: unreadVariables(Object.keys(env), read),
  };
  return Object.freeze(config);
}

/** An empty variable counts as absent, as shells and container files often leave them so. */
function value(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

/** The same variables; adds the name of each that is looked at to `read`. */
function recording(env: Environment, read: Set<string>): Environment {
  return new Proxy(env, {
    get: (variables, name: string) => {
      read.add(name);
      return variables[name];
    },
  });
}

/** A line for each `TOLLGATE_…` variable that is set and that nothing has asked for. Which exist is told by what was read. */
function unreadVariables(names: readonly string[], read: ReadonlySet<string>): readonly string[] {
  const known = [...read].filter((name) => name.startsWith('TOLLGATE_'));
  return names
    .filter((name) => name.startsWith('TOLLGATE_') && !known.includes(name) && name !== OF_CLIENTS)
    .filter((name) => !name.startsWith(UPSTREAM_PREFIX) && !name.startsWith(CREDENTIAL_PREFIX))
    .map((name) => {
      const meant = nearestName(name, known) ?? nearestFamily(name);
      const rest = meant === undefined ? 'see the README for those that there are' : `did you mean ${meant}?`;
      return `nothing reads the variable ${name}: ${rest}`;
    });
}

/** For a variable whose name goes on with a provider's. */
function nearestFamily(name: string): string | undefined {
  const prefix = `${name.split('_', 2).join('_')}_`;
  const family = nearestName(prefix, [UPSTREAM_PREFIX, CREDENTIAL_PREFIX]);
  return family === undefined ? undefined : family + name.slice(prefix.length);
}

function readPort(env: Environment): number {
  const text = value(env, 'PORT') ?? '8402';
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535) {
    throw new ConfigError('PORT', `is "${text}", not a port from 0 to 65535`, '8402');
  }
  return port;
}

function readHost(env: Environment): string {
  const text = value(env, 'HOST') ?? '127.0.0.1';
  if (isIP(text) === 0 && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)) {
    throw new ConfigError('HOST', `is "${text}", neither an address nor a host name`, '127.0.0.1');
  }
  return text;
}

function readDatabaseUrl(env: Environment, dataDir: string): string {
  const text = value(env, 'DATABASE_URL') ?? `sqlite:${join(dataDir, 'tollgate.db')}`;
  const parsed = parseDatabaseUrl(text);
  if ('fault' in parsed) throw new ConfigError('DATABASE_URL', parsed.fault, 'sqlite:data/tollgate.db');
  return parsed.dialect === 'sqlite' ? `sqlite:${parsed.location}` : parsed.location;
}

function readUrl(env: Environment, name: string, example: string): string | undefined {
  const text = value(env, name);
  if (text === undefined) return undefined;
  // A URL may hold a password or a key; the message must not.
  const shown = /[@?]/.test(text) ? 'a text that is not shown, as it may hold a secret' : `"${text}"`;
  if (!URL.canParse(text)) throw new ConfigError(name, `is ${shown}, not a URL`, example);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ConfigError(name, `has the scheme "${url.protocol}", not http or https`, example);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigError(name, 'carries a user or a password: set a credential in place of it', example);
  }
  if (/[?#]/.test(text)) throw new ConfigError(name, 'has a query or a fragment', example);
  return text.replace(/\/+$/, '');
}

function readList(env: Environment, name: string): readonly string[] {
  const items = (value(env, name) ?? '').split(',').map((item) => item.trim());
  const wrong = items.find((item) => item !== '' && item !== '*' && !PROVIDER_ID.test(item));
  if (wrong !== undefined) throw new ConfigError(name, `names "${wrong}", which is no provider's id`, 'sandbox,my-api');
  return items.filter((item) => item !== '');
}

function readRateLimit(env: Environment, name: string, otherwise: string): number | undefined {
  const text = value(env, name) ?? otherwise;
  if (text === 'off') return undefined;
  const limit = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || limit <= 0) {
    throw new ConfigError(
      name,
      `is "${text}", neither "off" nor calls a second above 0`,
      otherwise === 'off' ? '50' : otherwise,
    );
  }
  return limit;
}

function readCount(
  env: Environment,
  name: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  const text = value(env, name) ?? String(otherwise);
  const count = Number(text);
  if (/^\d{1,7}$/.test(text) && count >= least && count <= most) return count;
  throw new ConfigError(name, `is "${text}", not a number from ${least} to ${most}`, String(Math.max(1, otherwise)));
}

function readLogLevel(env: Environment): LogLevel {
  const text = value(env, 'TOLLGATE_LOG_LEVEL') ?? 'info';
  const level = LOG_LEVELS.find((known) => known === text);
  if (level !== undefined) return level;
  throw new ConfigError('TOLLGATE_LOG_LEVEL', `is "${text}", none of ${LOG_LEVELS.join(', ')}`, 'warn');
}

function readPlatformFee(env: Environment): number {
  const text = value(env, 'TOLLGATE_PLATFORM_FEE_BPS') ?? '0';
  const bps = Number(text);
  if (!/^\d{1,5}$/.test(text) || bps > MAX_FEE_BPS) {
    throw new ConfigError(
      'TOLLGATE_PLATFORM_FEE_BPS',
      `is "${text}", not hundredths of a percent from 0 to ${MAX_FEE_BPS}`,
      '250',
    );
  }
  return bps;
}

/** 32 bytes in hex; leading and trailing spaces do not count. */
function readHexKey(env: Environment, name: string): Secret | undefined {
  const text = value(env, name);
  if (text === undefined) return undefined;
  if (!/^(0x)?[0-9a-f]{64}$/i.test(text)) {
    throw new ConfigError(name, 'is not 32 bytes in hex (its value is not shown)', '0x<64 hex digits>');
  }
  return new Secret(`0x${text.replace(/^0x/i, '').toLowerCase()}`);
}
