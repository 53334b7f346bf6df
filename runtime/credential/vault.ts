/**
 * Finds the provider's credential for an endpoint: the first alternative of the endpoint's security that the operator's
 * configuration can satisfy, in the document's order. An alternative that needs nothing is taken only where none that
 * needs a credential is configured, since a call with one gets more.
 *
 * Values come from the operator alone, as `TOLLGATE_CREDENTIAL_<PROVIDER>_<SCHEME>` or under the variable that
 * `provider.yaml` names; a caller's argument is never one. The vault neither sends a credential nor puts it into a
 * request, but for asking a token server.
 */

import type {
  EndpointDescriptor,
  ProviderDescriptor,
  SecurityAlternative,
  SecurityScheme,
} from '../../generated/contract.js';
import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import type { Sender } from '../upstream/send.js';
import { credentialVariable, variablePart } from './credential-variable.js';
import type { Credential, CredentialPart } from './credential.js';
import { Secret } from './secret.js';
import { TokenSource, type TokenRequest } from './token-source.js';

export type { Credential } from './credential.js';

export interface VaultOptions {
  /** The operator's values by the name of their variable. */
  readonly secrets: { get(variable: string): Secret | undefined };
  readonly clock: Clock;
  readonly send: Sender['send'];
  /** `TOLLGATE_UPSTREAM_<PROVIDER>`, which replaces the document's server. */
  readonly upstream?: (provider: string) => string | undefined;
  /** All providers now, by id, to tell whose a variable is. */
  readonly providers?: () => ReadonlyMap<string, unknown>;
}

export type Availability = { readonly available: true } | { readonly available: false; readonly remedy: string };

export interface Vault {
  /**
   * The credential to inject, with fresh tokens.
   *
   * @throws GatewayError ENDPOINT_UNAVAILABLE where no alternative is configured, CREDENTIAL_REFUSED and UPSTREAM_…
   *   where a token is needed and the token server gives none.
   */
  resolve(provider: ProviderDescriptor, endpoint: EndpointDescriptor): Promise<Credential | 'none-needed'>;
  /** Whether `resolve` could succeed as far as configuration goes. Asks nobody. */
  availability(provider: ProviderDescriptor, endpoint: EndpointDescriptor): Availability;
}

export function createVault(options: VaultOptions): Vault {
  const tokens = new TokenSource(options.send, options.clock);
  const owners = ownersOf(options.providers ?? (() => NO_PROVIDERS));

  return {
    async resolve(provider, endpoint) {
      const plan = planFor(options, owners(), provider, endpoint);
      if (plan === 'none-needed') return plan;
      if ('remedy' in plan) {
        throw new GatewayError('ENDPOINT_UNAVAILABLE', `no credential for ${endpoint.id} is configured`, plan.remedy);
      }
      const grants = await Promise.all(plan.sources.map((source) => grantOf(source, tokens)));
      return {
        parts: grants.flatMap(({ parts }) => parts),
        get secrets() {
          return grants.flatMap(({ secrets, renewed }) => [...secrets, ...(renewed?.() ?? [])]);
        },
        invalidate: () => {
          const renewable = grants.filter(({ forget }) => forget !== undefined);
          for (const { forget } of renewable) forget?.();
          return renewable.length > 0;
        },
      };
    },
    availability(provider, endpoint) {
      const plan = planFor(options, owners(), provider, endpoint);
      return plan !== 'none-needed' && 'remedy' in plan
        ? { available: false, remedy: plan.remedy }
        : { available: true };
    },
  };
}

// ---------------------------------------------------------------------------------------------------------------------
// Choosing

/** A configured scheme: what it puts into requests, or the token that has to be asked for first. */
type Source =
  | { readonly kind: 'ready'; readonly parts: readonly CredentialPart[]; readonly secrets: readonly Secret[] }
  | { readonly kind: 'token'; readonly request: TokenRequest };

type Plan = { readonly sources: readonly Source[] } | { readonly remedy: string } | 'none-needed';

/** The providers' ids, as they stand in the names of variables. */
type Owners = ReadonlySet<string>;

const NO_PROVIDERS: ReadonlyMap<string, unknown> = new Map();

/** Those of the providers now; made anew when there are others. */
function ownersOf(providers: () => ReadonlyMap<string, unknown>): () => Owners {
  let of: ReadonlyMap<string, unknown> = NO_PROVIDERS;
  let owners: Owners = new Set();
  return () => {
    const now = providers();
    if (now !== of) {
      owners = new Set([...now.keys()].map(variablePart));
      of = now;
    }
    return owners;
  };
}

function planFor(
  options: VaultOptions,
  owners: Owners,
  provider: ProviderDescriptor,
  endpoint: EndpointDescriptor,
): Plan {
  const needs: string[] = [];
  for (const alternative of endpoint.security) {
    if (Object.keys(alternative).length === 0) continue;
    const sources = sourcesOf(options, owners, provider, endpoint, alternative);
    const missing = sources.flatMap((source) => ('need' in source ? [source.need] : []));
    if (missing.length === 0) return { sources: sources.filter((source): source is Source => !('need' in source)) };
    needs.push(missing.join(' and '));
  }
  const optional = endpoint.security.some((alternative) => Object.keys(alternative).length === 0);
  if (endpoint.security.length === 0 || optional) return 'none-needed';
  return { remedy: `the operator can ${[...new Set(needs)].join(', or ')}` };
}

function sourcesOf(
  options: VaultOptions,
  owners: Owners,
  provider: ProviderDescriptor,
  endpoint: EndpointDescriptor,
  alternative: SecurityAlternative,
): (Source | { readonly need: string })[] {
  return Object.entries(alternative).map(([name, scopes]) => {
    const scheme = Object.hasOwn(provider.securitySchemes, name) ? provider.securitySchemes[name] : undefined;
    if (scheme === undefined) return { need: `describe the security scheme ${JSON.stringify(name)} in the document` };
    if (scheme.type === 'mutualTLS') {
      return {
        need: `call the api directly: ${JSON.stringify(name)} needs a client certificate, which is not supported`,
      };
    }

    const named = Object.hasOwn(provider.credentials, name) ? provider.credentials[name]?.env : undefined;
    const own = isOwn(provider.id, name, owners) ? [credentialVariable(provider.id, name)] : [];
    const variables = [...own, ...(named === undefined ? [] : [named])];
    if (variables.length === 0) {
      const variable = credentialVariable(provider.id, name);
      return {
        need: `name a variable for ${JSON.stringify(name)} in provider.yaml: ${variable} is another provider's`,
      };
    }
    const found = variables.find((variable) => (options.secrets.get(variable)?.reveal() ?? '') !== '');
    const secret = found === undefined ? undefined : options.secrets.get(found);
    if (found === undefined || secret === undefined)
      return { need: `set ${variables.join(' or ')} to ${FORMS[formOf(scheme)]}` };
    // eslint-disable-next-line no-control-regex -- control characters are what is being refused
    if (/[\u0000-\u001f\u007f]/.test(secret.reveal())) return { need: `take the control characters out of ${found}` };
    if (standsAsItIs(scheme, secret) && !/^[ -~]*$/.test(secret.reveal())) {
      return { need: `take the characters out of ${found} that no header can hold: it is not ASCII` };
    }
    return (
      sourceOf(options, provider, endpoint, scheme, scopes, secret) ?? {
        need: `set ${found} to ${FORMS[formOf(scheme)]}`,
      }
    );
  });
}

/**
 * Names of schemes come from documents: a scheme `weather_key` of `open` would be given the variable of `open-weather`
 * and its `key`. A variable belongs to the provider with the longest id that it can begin with.
 */
function isOwn(providerId: string, scheme: string, owners: Owners): boolean {
  let part = variablePart(providerId);
  for (const word of variablePart(scheme).split('_')) {
    part += `_${word}`;
    if (owners.has(part)) return false;
  }
  return true;
}

/** What a value looks like, for the remedy. */
const FORMS = {
  key: 'its key',
  basic: '"user:password"',
  token: 'a bearer token',
  client: '"id:secret" of an oauth client, or to a bearer token',
} as const;

function formOf(scheme: SecurityScheme): keyof typeof FORMS {
  if (scheme.type === 'openIdConnect') return 'client';
  if (scheme.type === 'oauth2') return scheme.tokenUrl === undefined ? 'token' : 'client';
  if (scheme.type === 'http' && scheme.scheme === 'basic') return 'basic';
  return scheme.type === 'http' && scheme.scheme === 'bearer' ? 'token' : 'key';
}

/** Whether the value goes into a header or a cookie without being encoded. */
function standsAsItIs(scheme: Exclude<SecurityScheme, { type: 'mutualTLS' }>, secret: Secret): boolean {
  if (scheme.type === 'apiKey') return scheme.in !== 'query';
  return scheme.type === 'http' ? scheme.scheme !== 'basic' : !secret.reveal().includes(':');
}

/** Undefined where the value does not have the form that the scheme needs. */
function sourceOf(
  options: VaultOptions,
  provider: ProviderDescriptor,
  endpoint: EndpointDescriptor,
  scheme: Exclude<SecurityScheme, { type: 'mutualTLS' }>,
  scopes: readonly string[],
  secret: Secret,
): Source | undefined {
  const value = secret.reveal();
  const colon = value.indexOf(':');
  switch (scheme.type) {
    case 'apiKey':
      return { kind: 'ready', parts: [{ in: scheme.in, name: scheme.name, value: secret }], secrets: [secret] };
    case 'http': {
      if (scheme.scheme === 'bearer') return authorization('Bearer', secret, [secret]);
      if (scheme.scheme !== 'basic') return authorization(capitalised(scheme.scheme), secret, [secret]);
      if (colon < 0) return undefined;
      // RFC 7617 section 2: the first colon separates. Where the password is empty, the user name is the key.
      const own = new Secret(value.slice(colon + 1) || value.slice(0, colon));
      const encoded = new Secret(Buffer.from(value, 'utf8').toString('base64'));
      return authorization('Basic', encoded, [secret, own]);
    }
    case 'oauth2':
    case 'openIdConnect': {
      if (colon < 0) return authorization('Bearer', secret, [secret]);
      const url = tokenEndpoint(options, provider, endpoint, scheme);
      if (url === undefined) return undefined;
      const request = {
        provider: provider.id,
        clientId: value.slice(0, colon),
        clientSecret: new Secret(value.slice(colon + 1)),
        scopes,
        endpoint: url,
      };
      return { kind: 'token', request };
    }
  }
}

function authorization(scheme: string, value: Secret, secrets: readonly Secret[]): Source {
  const header = new Secret(`${scheme} ${value.reveal()}`);
  return { kind: 'ready', parts: [{ in: 'header', name: 'authorization', value: header }], secrets };
}

/** The registered spelling of most schemes; they are compared without regard to case (RFC 9110 section 11.1). */
function capitalised(scheme: string): string {
  return scheme.charAt(0).toUpperCase() + scheme.slice(1);
}

/**
 * The token or discovery URL of a scheme. Where the operator replaces the provider's upstream, a URL of the document's
 * own server moves there too: a client of a self-hosted API is known to that API, and its secret is nobody else's.
 */
function tokenEndpoint(
  options: VaultOptions,
  provider: ProviderDescriptor,
  endpoint: EndpointDescriptor,
  scheme: Extract<SecurityScheme, { type: 'oauth2' | 'openIdConnect' }>,
): TokenRequest['endpoint'] | undefined {
  const text = scheme.type === 'oauth2' ? scheme.tokenUrl : scheme.url;
  if (text === undefined) return undefined;
  const server = parseUrl(endpoint.server);
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

// ---------------------------------------------------------------------------------------------------------------------
// Granting

interface Grant {
  readonly parts: readonly CredentialPart[];
  readonly secrets: readonly Secret[];
  /** Forgets the token, where there is one. */
  readonly forget?: () => void;
  /** The token that is kept now. */
  readonly renewed?: () => readonly Secret[];
}

async function grantOf(source: Source, tokens: TokenSource): Promise<Grant> {
  if (source.kind === 'ready') return source;
  const { request } = source;
  const token = await tokens.token(request);
  return {
    parts: [{ in: 'header', name: 'authorization', value: new Secret(`Bearer ${token.reveal()}`) }],
    secrets: [token, request.clientSecret, new Secret(`${request.clientId}:${request.clientSecret.reveal()}`)],
    forget: () => tokens.forget(request, token),
    renewed: () => tokens.kept(request),
  };
}
