/**
 * Chooses how an endpoint's security is satisfied: by the first alternative, in the document's order, that the
 * operator's values can satisfy. An alternative that needs nothing is taken only where none that needs a credential is
 * configured, since a call with one gets more. Where there is none, it says what the operator can do.
 *
 * It asks nobody and puts nothing into a request.
 */

import type {
  CredentialSource,
  ProviderDescriptor,
  SecurityAlternative,
  SecurityScheme,
} from '../../generated/contract.js';
import { credentialVariable, upstreamVariable } from '../provider-variable.js';
import { readAwsKeys, scopeOfHost, type AwsKeys, type AwsScope } from './aws-scope.js';
import { readClientCertificate, type ClientCertificate } from './client-certificate.js';
import { configuredKeys, namedSource } from './configured-keys.js';
import { FORMS, formOf, isLogin } from './credential-form.js';
import type { CredentialPart } from './credential.js';
import type { CredentialValues } from './credential-values.js';
import type { DigestLogin } from './digest-answer.js';
import type { Owners } from './is-own-variable.js';
import { Secret } from './secret.js';
import type { TokenRequest } from './token-source.js';
import { wrongValue } from './wrong-value.js';

/** Of a provider, what its credentials depend on. */
export type SecuredProvider = Pick<ProviderDescriptor, 'id' | 'securitySchemes' | 'credentials'>;

/** By their ids; one that needs no credential has no `access`. */
export type SecuredProviders = ReadonlyMap<
  string,
  { readonly id: string; readonly access?: Omit<SecuredProvider, 'id'> }
>;

export interface Secured {
  readonly security: readonly SecurityAlternative[];
  /** The endpoint's server; left out where nobody knows it yet, and then taken to be one that will do. */
  readonly server?: string;
}

export interface PlanOptions {
  readonly values: CredentialValues;
  /** `TOLLGATE_UPSTREAM_<PROVIDER>`, which replaces the document's server. */
  readonly upstream?: (provider: string) => string | undefined;
}

/** What one key of a scheme puts into requests, or what has to be done first. */
export type Source =
  | { readonly kind: 'ready'; readonly parts: readonly CredentialPart[]; readonly secrets: readonly Secret[] }
  | { readonly kind: 'token'; readonly request: TokenRequest }
  | { readonly kind: 'digest'; readonly login: DigestLogin; readonly secrets: readonly Secret[] }
  | { readonly kind: 'aws'; readonly keys: AwsKeys; readonly scope: (host: string) => AwsScope }
  | { readonly kind: 'certificate'; readonly certificate: ClientCertificate };

/** A scheme that is configured, with what its keys make of it. */
export interface PlannedScheme {
  readonly name: string;
  readonly sources: ReadonlyMap<Secret, Source>;
}

export interface Unplanned {
  readonly remedy: string;
  /** What is wrong with the first value that is there and cannot be used. */
  readonly unusable?: string;
}

export type Plan = { readonly schemes: readonly PlannedScheme[] } | Unplanned | 'none-needed';

export function planFor(options: PlanOptions, owners: Owners, provider: SecuredProvider, secured: Secured): Plan {
  const needs: string[] = [];
  let unusable: string | undefined;
  for (const alternative of secured.security) {
    if (Object.keys(alternative).length === 0) continue;
    const planned = Object.entries(alternative).map(([name, scopes]) =>
      planScheme(options, owners, provider, secured, name, scopes),
    );
    const missing = [
      ...planned.flatMap((each) => ('need' in each ? [each.need] : [])),
      ...connectionNeeds(options, provider, secured, Object.keys(alternative)),
    ];
    if (missing.length === 0) return { schemes: planned.filter((each): each is PlannedScheme => !('need' in each)) };
    needs.push(missing.join(' and '));
    unusable ??= planned
      .map((each) => ('need' in each ? each.unusable : undefined))
      .find((fault) => fault !== undefined);
  }
  const optional = secured.security.some((alternative) => Object.keys(alternative).length === 0);
  if (secured.security.length === 0 || optional) return 'none-needed';
  const remedy = `the operator can ${[...new Set(needs)].join(', or ')}`;
  return unusable === undefined ? { remedy } : { remedy, unusable };
}

/** What client certificates need beside their values: TLS, and that each connection shows one. */
function connectionNeeds(
  options: PlanOptions,
  provider: SecuredProvider,
  { server }: Secured,
  names: readonly string[],
): readonly string[] {
  const { securitySchemes } = provider;
  const shown = names.filter(
    (name) => Object.hasOwn(securitySchemes, name) && securitySchemes[name]?.type === 'mutualTLS',
  );
  if (shown.length > 1) {
    return [
      `call the api directly: ${shown.map(quoted).join(' and ')} are client certificates, of which a call shows one`,
    ];
  }
  const upstream = options.upstream?.(provider.id);
  if (shown.length === 0 || !/^http:/i.test(upstream ?? server ?? '')) return [];
  const setting = upstream === undefined ? 'server in provider.yaml' : upstreamVariable(provider.id);
  return [
    `set ${setting} to an https url: ${quoted(shown[0]!)} is a client certificate, which is shown over TLS alone`,
  ];
}

function planScheme(
  options: PlanOptions,
  owners: Owners,
  provider: SecuredProvider,
  secured: Secured,
  name: string,
  scopes: readonly string[],
): PlannedScheme | { readonly need: string; readonly unusable?: string } {
  const scheme = Object.hasOwn(provider.securitySchemes, name) ? provider.securitySchemes[name] : undefined;
  if (scheme === undefined) return { need: `describe the security scheme ${quoted(name)} in the document` };
  const configured = namedSource(provider.credentials, name);
  const { variables, variable, keys } = configuredKeys(options.values, owners, provider, name);
  if (variables.length === 0) {
    const other = credentialVariable(provider.id, name);
    return { need: `name a variable for ${quoted(name)} in provider.yaml: ${other} is another provider's` };
  }
  if (variable === undefined) {
    return { need: `set ${[...new Set(variables)].join(' or ')} to ${FORMS[formOf(scheme)]}` };
  }
  const sources = new Map<Secret, Source>();
  const wrong = wrongValue(scheme, variable, keys);
  if (wrong !== undefined) return { need: wrong.remedy, unusable: wrong.line };
  for (const key of keys) {
    const source = sourceOf(options, provider, secured, { name, scheme, variable, scopes, configured }, key);
    if (typeof source === 'string') return { need: source };
    sources.set(key, source);
  }
  return { name, sources };
}

interface SchemeUse {
  readonly name: string;
  readonly scheme: SecurityScheme;
  /** Where its keys stand. */
  readonly variable: string;
  /** Those that the operation lists. */
  readonly scopes: readonly string[];
  readonly configured: CredentialSource | undefined;
}

/**
 * What the key makes of its scheme, or what the operator can do where that takes more than the key.
 * @param key in which `wrongValue` finds no fault.
 */
function sourceOf(
  options: PlanOptions,
  provider: SecuredProvider,
  secured: Secured,
  { name, scheme, variable, scopes, configured }: SchemeUse,
  key: Secret,
): Source | string {
  const value = key.reveal();
  const colon = value.indexOf(':');
  switch (scheme.type) {
    case 'apiKey':
      return { kind: 'ready', parts: [{ in: scheme.in, name: scheme.name, value: key }], secrets: [key] };
    case 'http': {
      if (!isLogin(scheme)) return authorization(capitalised(scheme.scheme), key, [key]);
      // RFC 7617 section 2: the first colon separates. Where the password is empty, the user name is the key.
      const [user, password] = [value.slice(0, colon), value.slice(colon + 1)];
      const own = new Secret(password || user);
      if (scheme.scheme === 'digest') {
        return { kind: 'digest', login: { pair: key, user, password: new Secret(password) }, secrets: [key, own] };
      }
      const encoded = new Secret(Buffer.from(value, 'utf8').toString('base64'));
      return authorization('Basic', encoded, [key, own]);
    }
    case 'awsSigV4': {
      const keys = readAwsKeys(value) ?? malformed(variable);
      return awsSource(provider, secured, keys, { name, ...scheme, ...configured });
    }
    case 'mutualTLS': {
      const certificate = readClientCertificate(key);
      return { kind: 'certificate', certificate: typeof certificate === 'string' ? malformed(variable) : certificate };
    }
    case 'oauth2':
    case 'openIdConnect': {
      if (colon < 0) return authorization('Bearer', key, [key]);
      const endpoint = tokenEndpoint(options, provider, secured, scheme);
      if (endpoint === undefined) return `set ${variable} to ${FORMS[formOf(scheme)]}`;
      const request = {
        provider: provider.id,
        clientId: value.slice(0, colon),
        clientSecret: new Secret(value.slice(colon + 1)),
        scopes: configured?.scopes ?? scopes,
        ...(configured?.audience === undefined ? {} : { audience: configured.audience }),
        endpoint,
      };
      return { kind: 'token', request };
    }
  }
}

function malformed(variable: string): never {
  throw new Error(`a value of ${variable} was taken for well-formed, and is not`);
}

function authorization(scheme: string, value: Secret, secrets: readonly Secret[]): Source {
  const header = new Secret(`${scheme} ${value.reveal()}`);
  return { kind: 'ready', parts: [{ in: 'header', name: 'authorization', value: header }], secrets };
}

/** The registered spelling of most schemes; they are compared without regard to case (RFC 9110 section 11.1). */
function capitalised(scheme: string): string {
  return scheme.charAt(0).toUpperCase() + scheme.slice(1);
}

/** Where API Gateway answers for a host of somebody's own. */
const OTHER_HOSTS_SERVICE = 'execute-api';
/** Where neither the host nor the operator says it, as behind `TOLLGATE_UPSTREAM_<PROVIDER>`. */
const FIRST_REGION = 'us-east-1';

/** What is settled wins, then what the host says that is called, then what the document's own would have said. */
function awsSource(
  provider: SecuredProvider,
  { server }: Secured,
  keys: AwsKeys,
  settled: { readonly name: string; readonly region?: string; readonly service?: string },
): Source | string {
  const documented = scopeOfHost(/^https?:\/\/([^/:]+)/.exec(server ?? '')?.[1] ?? '');
  const isOfAws = server === undefined || documented.service !== undefined;
  if (settled.region === undefined && !isOfAws) {
    return `name the AWS region of ${provider.id} in provider.yaml, as credentials.${settled.name}.region`;
  }
  const scope = (host: string): AwsScope => {
    const called = scopeOfHost(host);
    return {
      region: settled.region ?? called.region ?? documented.region ?? FIRST_REGION,
      service: settled.service ?? called.service ?? documented.service ?? OTHER_HOSTS_SERVICE,
    };
  };
  return { kind: 'aws', keys, scope };
}

/**
 * The token or discovery URL of a scheme. Where the operator replaces the provider's upstream, a URL of the document's
 * own server moves there too: a client of a self-hosted API is known to that API, and its secret is nobody else's.
 */
function tokenEndpoint(
  options: PlanOptions,
  provider: SecuredProvider,
  secured: Secured,
  scheme: Extract<SecurityScheme, { type: 'oauth2' | 'openIdConnect' }>,
): TokenRequest['endpoint'] | undefined {
  const text = scheme.type === 'oauth2' ? scheme.tokenUrl : scheme.url;
  if (text === undefined) return undefined;
  const server = parseUrl(secured.server);
  const documented = parseUrl(text, server);
  const base = parseUrl(options.upstream?.(provider.id));
  const moves = base !== undefined && (documented === undefined || documented.origin === server?.origin);
  const url = moves
    ? parseUrl(documented === undefined ? text : documented.pathname + documented.search, base)
    : documented;
  if (url === undefined) return undefined;
  return scheme.type === 'oauth2' ? { tokenUrl: url } : { discoveryUrl: url };
}

function parseUrl(text: string | undefined, base?: URL): URL | undefined {
  return text !== undefined && URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
