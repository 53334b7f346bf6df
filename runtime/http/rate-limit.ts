/** A token bucket for each API key: calls a second, with bursts of twice that. */

import { LRUCache } from 'lru-cache';

import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** Keys that were idle longest are forgotten first; by then their buckets are full again. */
const MOST_BUCKETS = 10_000;

export class RateLimit {
  readonly #buckets = new LRUCache<string, Bucket>({ max: MOST_BUCKETS });

  constructor(
    private readonly callsPerSecond: number,
    private readonly clock: Clock,
  ) {}

  /** @throws GatewayError RATE_LIMITED with the seconds to wait */
  take(key: string): void {
    const nowMs = this.clock.nowMs();
    const size = Math.max(1, this.callsPerSecond * 2);
    const bucket = this.#buckets.get(key) ?? { tokens: size, filledAtMs: nowMs };
    // A clock that was set back fills nothing, and takes nothing away.
    const seconds = Math.max(0, nowMs - bucket.filledAtMs) / 1000;
    bucket.tokens = Math.min(size, bucket.tokens + seconds * this.callsPerSecond);
    bucket.filledAtMs = nowMs;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) {
      const wait = Math.ceil((1 - bucket.tokens) / this.callsPerSecond);
      throw new GatewayError(
        'RATE_LIMITED',
        `this API key makes more than ${this.callsPerSecond} calls a second`,
        `wait ${wait} ${wait === 1 ? 'second' : 'seconds'} and call again; nothing was sent or charged`,
        { details: { retry_after_seconds: wait } },
      );
    }
    bucket.tokens -= 1;
  }
}
