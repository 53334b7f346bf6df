/**
 * Finds the provider's credential for an endpoint: by the plan of `credential-plan.ts`, with tokens that are fresh and a
 * key whose turn it is. Plans are made once and kept until a value, or the set of the providers, is another one.
 *
 * Values come from the operator alone; a caller's argument is never one. The vault neither sends a credential nor puts
 * it into a request, but for asking a token server.
 */

import type {
  EndpointDescriptor,
  ProviderAccess,
  ProviderDescriptor,
  SecurityAlternative,
} from '../../generated/contract.js';
import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import { variablePart } from '../provider-variable.js';
import type { Sender } from '../upstream/send.js';
import type { ClientCertificate } from './client-certificate.js';
import { planFor, type Plan, type PlannedScheme, type Source } from './credential-plan.js';
import type { CredentialValues } from './credential-values.js';
import type { Credential, CredentialPart, RefusalStatus } from './credential.js';
import { DigestSessions } from './digest-sessions.js';
import type { Owners } from './is-own-variable.js';
import { KeyPool } from './key-pool.js';
import { Secret } from './secret.js';
import { TokenSource } from './token-source.js';

export type { Credential } from './credential.js';

export interface VaultOptions {
  readonly values: CredentialValues;
  readonly clock: Clock;
  readonly send: Sender['send'];
  /** `TOLLGATE_UPSTREAM_<PROVIDER>`, which replaces the document's server. */
  readonly upstream?: (provider: string) => string | undefined;
  /** All providers now, by id, to tell whose a variable is. */
  readonly providers?: () => ReadonlyMap<string, unknown>;
  /** Told each time that an upstream refuses what it was sent. */
  readonly onRefused?: (refusal: CredentialRefusal) => void;
}

export interface CredentialRefusal {
  readonly provider: string;
  /** The names of the schemes, as the document has them. */
  readonly schemes: readonly string[];
  readonly status: RefusalStatus;
}

export type Availability = { readonly available: true } | { readonly available: false; readonly remedy: string };

export interface Vault {
  /**
   * The credential to inject, with fresh tokens.
   *
   * @throws GatewayError ENDPOINT_UNAVAILABLE where no alternative is configured, PROVIDER_BUSY where every key of a
   *   scheme rests, CREDENTIAL_REFUSED and UPSTREAM_… where a token is needed and the token server gives none.
   */
  resolve(provider: ProviderDescriptor, endpoint: EndpointDescriptor): Promise<Credential | 'none-needed'>;
  /** Whether `resolve` may have to wait for a token server. */
  mayWait(provider: ProviderDescriptor, endpoint: EndpointDescriptor): boolean;
  /** Whether `resolve` could succeed as far as configuration goes. Asks nobody. */
  availability(provider: ProviderDescriptor, endpoint: EndpointDescriptor): Availability;
  /** The same for all endpoints of a provider that need the same, by what the catalogue says of them alone. */
  accessRemedy(providerId: string, access: ProviderAccess, need: number): string | undefined;
}

export function createVault(options: VaultOptions): Vault {
  const { values, clock } = options;
  const tokens = new TokenSource(options.send, clock);
  const digests = new DigestSessions(clock);
  const owners = ownersOf(options.providers ?? (() => NO_PROVIDERS));
  const pools = new Map<string, KeyPool>();
  const plans = new WeakMap<EndpointDescriptor, Kept<Plan>>();
  const remedies = new WeakMap<readonly SecurityAlternative[], Kept<string | undefined>>();

  function planOf(provider: ProviderDescriptor, endpoint: EndpointDescriptor): Plan {
    const kept = plans.get(endpoint);
    const { version } = values;
    const now = owners();
    if (kept?.version === version && kept.owners === now) return kept.value;
    const value = planFor(options, now, provider, endpoint);
    if (typeof value === 'object' && 'schemes' in value) {
      for (const scheme of value.schemes) poolOf(provider, scheme).use([...scheme.sources.keys()]);
    }
    plans.set(endpoint, { version, owners: now, value });
    return value;
  }

  function poolOf(provider: ProviderDescriptor, { name }: PlannedScheme): KeyPool {
    const key = JSON.stringify([provider.id, name]);
    let pool = pools.get(key);
    if (pool === undefined) pools.set(key, (pool = new KeyPool()));
    return pool;
  }

  /** Its turn's key, and what that key makes of the scheme. */
  function take(provider: ProviderDescriptor, scheme: PlannedScheme): Taken {
    const pool = poolOf(provider, scheme);
    const key = pool.take(clock.nowMs());
    if (!(key instanceof Secret)) throw resting(provider, scheme, key.waitMs);
    return { pool, key, source: sourceFor(scheme, key) };
  }

  return {
    async resolve(provider, endpoint) {
      const plan = planOf(provider, endpoint);
      if (plan === 'none-needed') return plan;
      if ('remedy' in plan) {
        throw new GatewayError(
          'ENDPOINT_UNAVAILABLE',
          plan.unusable === undefined
            ? `no credential for ${endpoint.id} is configured`
            : `the credential for ${endpoint.id} cannot be used: ${plan.unusable}`,
          plan.remedy,
        );
      }
      const taken = plan.schemes.map((scheme) => take(provider, scheme));
      const certificate = taken.map(({ source }) => certificateOf(source)).find((each) => each !== undefined);
      const grants = await Promise.all(
        taken.map(({ source }) => grantOf(source, certificate, { tokens, digests, clock })),
      );
      const signing = grants.find(({ sign }) => sign !== undefined);
      const exchanging = grants.find(({ exchange }) => exchange !== undefined);
      return {
        parts: grants.flatMap(({ parts }) => parts),
        get secrets() {
          return grants.flatMap(({ secrets, more }) => [...secrets, ...(more?.() ?? [])]);
        },
        hasOthers: taken.some(({ pool }) => pool.size > 1),
        ...(signing?.sign === undefined ? {} : { sign: signing.sign }),
        ...(exchanging?.exchange === undefined ? {} : { exchange: exchanging.exchange }),
        ...(certificate === undefined ? {} : { certificate }),
        refused: (status, waitMs) => {
          const { id } = provider;
          options.onRefused?.({ provider: id, schemes: plan.schemes.map(({ name }) => name), status });
          const renewable = status === 401 ? grants.filter(({ forget }) => forget !== undefined) : [];
          for (const { forget } of renewable) forget?.();
          const nowMs = clock.nowMs();
          // TLS says nothing of what would have been sent over it.
          const meant = status === 'tls' ? taken.filter(({ source }) => source.kind === 'certificate') : taken;
          const others = meant.map(({ pool, key }) => pool.refused(key, status, nowMs, waitMs));
          return renewable.length > 0 || others.includes(true);
        },
      };
    },
    mayWait(provider, endpoint) {
      const plan = planOf(provider, endpoint);
      if (plan === 'none-needed' || 'remedy' in plan) return false;
      return plan.schemes.some(({ sources }) => [...sources.values()].some(({ kind }) => kind === 'token'));
    },
    availability(provider, endpoint) {
      const plan = planOf(provider, endpoint);
      return plan !== 'none-needed' && 'remedy' in plan
        ? { available: false, remedy: plan.remedy }
        : { available: true };
    },
    accessRemedy(providerId, access, need) {
      const security = access.needs[need];
      if (security === undefined) return undefined;
      const kept = remedies.get(security);
      const { version } = values;
      const now = owners();
      if (kept?.version === version && kept.owners === now) return kept.value;
      const plan = planFor(options, now, { id: providerId, ...access }, { security });
      const value = plan !== 'none-needed' && 'remedy' in plan ? plan.remedy : undefined;
      remedies.set(security, { version, owners: now, value });
      return value;
    },
  };
}

/** What was worked out, and of which values and providers. */
interface Kept<Value> {
  readonly version: number;
  readonly owners: Owners;
  readonly value: Value;
}

interface Taken {
  readonly pool: KeyPool;
  readonly key: Secret;
  readonly source: Source;
}

/** The pool is shared by the plans of many endpoints, each of which has read the key for itself. */
function sourceFor({ sources }: PlannedScheme, key: Secret): Source {
  const same = sources.get(key) ?? [...sources].find(([other]) => other.reveal() === key.reveal())?.[1];
  if (same === undefined) throw new Error('a pool of keys has a key that no plan knows');
  return same;
}

function resting({ id }: ProviderDescriptor, { name }: PlannedScheme, waitMs: number): GatewayError {
  const seconds = Math.ceil(waitMs / 1000);
  return new GatewayError(
    'PROVIDER_BUSY',
    `${id} has limited every key that this gateway has for ${JSON.stringify(name)}`,
    `not charged; call again after ${seconds} seconds`,
    { details: { retry_after_seconds: seconds } },
  );
}

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

interface Grant {
  readonly parts: readonly CredentialPart[];
  readonly secrets: readonly Secret[];
  readonly sign?: Credential['sign'];
  readonly exchange?: Credential['exchange'];
  /** Forgets the token, where there is one. */
  readonly forget?: () => void;
  /** Secrets that came later: a token that is kept now, a signature, a digest. */
  readonly more?: () => readonly Secret[];
}

interface Grantors {
  readonly tokens: TokenSource;
  readonly digests: DigestSessions;
  readonly clock: Clock;
}

function certificateOf(source: Source): ClientCertificate | undefined {
  return source.kind === 'certificate' ? source.certificate : undefined;
}

/** @param certificate of the same alternative, where it has one: a token may be good over nothing else (RFC 8705). */
async function grantOf(
  source: Source,
  certificate: ClientCertificate | undefined,
  { tokens, digests, clock }: Grantors,
): Promise<Grant> {
  switch (source.kind) {
    case 'ready':
      return source;
    case 'certificate':
      return { parts: [], secrets: source.certificate.secrets };
    case 'token': {
      const request = certificate === undefined ? source.request : { ...source.request, certificate };
      const token = await tokens.token(request);
      return {
        parts: [{ in: 'header', name: 'authorization', value: new Secret(`Bearer ${token.reveal()}`) }],
        secrets: [token, request.clientSecret, new Secret(`${request.clientId}:${request.clientSecret.reveal()}`)],
        forget: () => tokens.forget(request, token),
        more: () => tokens.kept(request),
      };
    }
    case 'digest': {
      const { login, secrets } = source;
      const made = new Set<Secret>();
      return {
        parts: [],
        secrets,
        exchange: (request, send) => digests.exchange(login, request, send, made),
        more: () => [...made],
      };
    }
    case 'aws': {
      const { keys, scope } = source;
      const signatures: Secret[] = [];
      return {
        parts: [],
        secrets: [keys.secretAccessKey, ...(keys.sessionToken === undefined ? [] : [keys.sessionToken])],
        sign: async (request) => {
          // Loaded where there is something to sign.
          const { signForAws } = await import('./aws-signature.js');
          const signed = await signForAws(request, keys, scope(request.url.hostname), clock.nowMs());
          signatures.push(...signed.secrets);
          return signed.request;
        },
        more: () => signatures,
      };
    }
  }
}
