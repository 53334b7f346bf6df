import type { ProviderDescriptor } from '../../generated/contract.js';
import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import { inSeconds } from '../in-seconds.js';
import type { PlannedScheme, Source } from './credential-plan.js';
import { KeyPool } from './key-pool.js';
import { Secret } from './secret.js';

/** A key that has its turn, with what it makes of its scheme. */
export interface TakenKey {
  readonly pool: KeyPool;
  readonly key: Secret;
  readonly source: Source;
}

/** The keys of every provider's schemes: a pool for each scheme, which all endpoints of the provider share. */
export class KeyPools {
  readonly #pools = new Map<string, KeyPool>();

  constructor(private readonly clock: Clock) {}

  /** Takes the keys that the scheme has now. */
  use(provider: ProviderDescriptor, scheme: PlannedScheme): void {
    this.#of(provider, scheme).use([...scheme.sources.keys()]);
  }

  /** @throws GatewayError PROVIDER_BUSY where every key rests. */
  take(provider: ProviderDescriptor, scheme: PlannedScheme): TakenKey {
    const pool = this.#of(provider, scheme);
    const key = pool.take(this.clock.nowMs());
    if (!(key instanceof Secret)) throw resting(provider, scheme, key.waitMs);
    return { pool, key, source: sourceFor(scheme, key) };
  }

  #of(provider: ProviderDescriptor, { name }: PlannedScheme): KeyPool {
    const key = JSON.stringify([provider.id, name]);
    let pool = this.#pools.get(key);
    if (pool === undefined) this.#pools.set(key, (pool = new KeyPool()));
    return pool;
  }
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
    `not charged; call again after ${inSeconds(seconds)}`,
    { details: { retry_after_seconds: seconds } },
  );
}
