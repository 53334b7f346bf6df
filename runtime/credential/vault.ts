/**
 * Finds the provider's credential for an endpoint: by the plan of `credential-plan.ts`, with tokens that are fresh and a
 * key whose turn it is. Plans are made once and kept until a value, or the set of the providers, is another one.
 *
 * Values come from the operator alone; a caller's argument is never one. The vault neither sends a credential nor puts
 * it into a request, but for asking a token server.
 */

import type { EndpointDescriptor, ProviderAccess, ProviderDescriptor } from '../../generated/contract.js';
import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import type { Sender } from '../upstream/send.js';
import type { ClientCertificate } from './client-certificate.js';
import type { Unplanned } from './credential-plan.js';
import type { CredentialValues } from './credential-values.js';
import type { Credential, RefusalStatus } from './credential.js';
import { DigestSessions } from './digest-sessions.js';
import { certificateOf, grantOf, type Grant } from './grant.js';
import { KeptPlans, remedyOf } from './kept-plans.js';
import { KeyPools, type TakenKey } from './key-pools.js';
import { TokenSource } from './token-source.js';

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
  const { values, clock, send, upstream, providers, onRefused } = options;
  const grantors = { tokens: new TokenSource(send, clock), digests: new DigestSessions(clock), clock };
  const pools = new KeyPools(clock);
  const plans = new KeptPlans({
    values,
    upstream,
    providers,
    onMade: (provider, plan) => {
      if (typeof plan === 'object' && 'schemes' in plan) {
        for (const scheme of plan.schemes) pools.use(provider, scheme);
      }
    },
  });

  return {
    async resolve(provider, endpoint) {
      const plan = plans.of(provider, endpoint);
      if (plan === 'none-needed') return plan;
      if ('remedy' in plan) throw unavailable(endpoint, plan);
      const taken = plan.schemes.map((scheme) => pools.take(provider, scheme));
      const certificate = taken.map(({ source }) => certificateOf(source)).find((each) => each !== undefined);
      const grants = await Promise.all(taken.map(({ source }) => grantOf(source, certificate, grantors)));
      const schemes = plan.schemes.map(({ name }) => name);
      return credentialOf(grants, taken, certificate, (status, waitMs) => {
        onRefused?.({ provider: provider.id, schemes, status });
        return mayGiveAnother(grants, taken, { status, waitMs, nowMs: clock.nowMs() });
      });
    },
    mayWait(provider, endpoint) {
      const plan = plans.of(provider, endpoint);
      if (plan === 'none-needed' || 'remedy' in plan) return false;
      return plan.schemes.some(({ sources }) => [...sources.values()].some(({ kind }) => kind === 'token'));
    },
    availability(provider, endpoint) {
      const remedy = remedyOf(plans.of(provider, endpoint));
      return remedy === undefined ? { available: true } : { available: false, remedy };
    },
    accessRemedy: (providerId, access, need) => plans.remedy(providerId, access, need),
  };
}

function unavailable({ id }: EndpointDescriptor, { unusable, remedy }: Unplanned): GatewayError {
  return new GatewayError(
    'ENDPOINT_UNAVAILABLE',
    unusable === undefined
      ? `no credential for ${id} is configured`
      : `the credential for ${id} cannot be used: ${unusable}`,
    remedy,
  );
}

/** All that the keys of one alternative give, as one credential. */
function credentialOf(
  grants: readonly Grant[],
  taken: readonly TakenKey[],
  certificate: ClientCertificate | undefined,
  refused: Credential['refused'],
): Credential {
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
    refused,
  };
}

/**
 * Forgets the tokens and rests the keys that were refused.
 * @returns whether that leaves another one to try.
 */
function mayGiveAnother(
  grants: readonly Grant[],
  taken: readonly TakenKey[],
  { status, waitMs, nowMs }: { readonly status: RefusalStatus; readonly waitMs?: number; readonly nowMs: number },
): boolean {
  const renewable = status === 401 ? grants.filter(({ forget }) => forget !== undefined) : [];
  for (const { forget } of renewable) forget?.();
  // TLS says nothing of what would have been sent over it.
  const meant = status === 'tls' ? taken.filter(({ source }) => source.kind === 'certificate') : taken;
  const others = meant.map(({ pool, key }) => pool.refused(key, status, nowMs, waitMs));
  return renewable.length > 0 || others.includes(true);
}
