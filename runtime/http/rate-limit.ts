/** So many requests a second for each API key, or for each address: with bursts of twice that. */

import type { Clock } from '../clock.js';
import type { GatewayError } from '../gateway-error.js';
import { rateLimited } from '../rate-limited.js';
import { TokenBuckets } from '../token-buckets.js';

export class RateLimit {
  readonly #buckets: TokenBuckets;

  /** @param who is told that it is too fast, such as `this API key`. */
  constructor(
    private readonly perSecond: number,
    clock: Clock,
    private readonly who = 'this API key',
  ) {
    this.#buckets = new TokenBuckets(clock);
  }

  /** Counts a request; RATE_LIMITED with the seconds to wait where it is one too many. */
  refusal(name: string): GatewayError | undefined {
    const wait = this.#buckets.take(name, this.perSecond);
    return wait === 0 ? undefined : rateLimited(`${this.who} makes more than ${this.perSecond} calls a second`, wait);
  }

  /** @throws GatewayError RATE_LIMITED */
  take(name: string): void {
    const refused = this.refusal(name);
    if (refused !== undefined) throw refused;
  }
}
