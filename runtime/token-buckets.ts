/**
 * Token buckets by name: so many a second, with bursts of two seconds' worth. A bucket that was idle longest is
 * forgotten first, when there are too many; by then it is full again.
 */

import { LRUCache } from 'lru-cache';

import type { Clock } from './clock.js';

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

const MOST_BUCKETS = 10_000;

export class TokenBuckets {
  readonly #buckets = new LRUCache<string, Bucket>({ max: MOST_BUCKETS });

  constructor(private readonly clock: Clock) {}

  /** Takes a token and returns 0, or takes none and returns the seconds, in whole ones, until there is one. */
  take(name: string, perSecond: number): number {
    const nowMs = this.clock.nowMs();
    const size = Math.max(1, perSecond * 2);
    const bucket = this.#buckets.get(name) ?? { tokens: size, filledAtMs: nowMs };
    // A clock that was set back fills nothing, and takes nothing away.
    const seconds = Math.max(0, nowMs - bucket.filledAtMs) / 1000;
    bucket.tokens = Math.min(size, bucket.tokens + seconds * perSecond);
    bucket.filledAtMs = nowMs;
    this.#buckets.set(name, bucket);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perSecond);
    bucket.tokens -= 1;
    return 0;
  }

  /** Puts a token back that was taken for what then did not happen. The next `take` caps what is too many. */
  giveBack(name: string): void {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) bucket.tokens += 1;
  }
}
