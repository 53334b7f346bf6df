/**
 * Ratings and observations of endpoints and sellers, for sorting, listing and describing, read from the store at most
 * once in a few seconds, however often agents ask. Of endpoints only those are read again that were called since; and
 * no more of them at a time than the store can bear, those called last first. Until the others have their turn, what
 * was known of them before is shown.
 */

import { LRUCache } from 'lru-cache';

import type { Ratings } from '../account/ratings.js';
import type { Clock } from '../clock.js';
import type { Ledger, Observed } from '../ledger/ledger.js';
import type { Reputation } from './browse.js';

const MAX_AGE_MS = 5_000;
/** Endpoints that are read at a time: each is a look at up to a thousand calls. */
const MOST_READ = 200;
/** Endpoints that are remembered for who describes one. */
const MOST_DESCRIBED = 2_000;

interface Known {
  /** When its last call ended that is in here. */
  readonly lastMs: number;
  readonly observed: Observed;
}

export class Reputations {
  readonly #known = new Map<string, Known>();
  readonly #described = new LRUCache<string, { readonly readAtMs: number; readonly observed: Promise<Observed> }>({
    max: MOST_DESCRIBED,
  });
  #current: Promise<Reputation> | undefined;
  #readAtMs = 0;

  constructor(
    private readonly ledger: Pick<Ledger, 'lastCalled' | 'observed'>,
    private readonly ratings: Pick<Ratings, 'ratingsOfSellers'>,
    private readonly clock: Clock,
  ) {}

  current(): Promise<Reputation> {
    const nowMs = this.clock.nowMs();
    if (this.#current === undefined || !isRecent(this.#readAtMs, nowMs)) {
      this.#readAtMs = nowMs;
      const reading = this.#read();
      this.#current = reading;
      // A failed reading is not kept; by then there may be a later one.
      reading.catch(() => {
        if (this.#current === reading) this.forget();
      });
    }
    return this.#current;
  }

  /** What was observed of one endpoint, a few seconds ago at most. */
  observed(endpoint: string): Promise<Observed> {
    const nowMs = this.clock.nowMs();
    const known = this.#described.get(endpoint);
    if (known !== undefined && isRecent(known.readAtMs, nowMs)) return known.observed;
    const observed = this.ledger.observed(endpoint);
    this.#described.set(endpoint, { readAtMs: nowMs, observed });
    observed.catch(() => {
      if (this.#described.peek(endpoint)?.observed === observed) this.#described.delete(endpoint);
    });
    return observed;
  }

  /** The next reader sees what has changed. */
  forget(): void {
    this.#current = undefined;
  }

  async #read(): Promise<Reputation> {
    const [called, ratings] = await Promise.all([this.ledger.lastCalled(), this.ratings.ratingsOfSellers()]);
    for (const endpoint of this.#known.keys()) if (!called.has(endpoint)) this.#known.delete(endpoint);
    const changed = [...called].filter(([endpoint, lastMs]) => this.#known.get(endpoint)?.lastMs !== lastMs);
    changed.sort(([, one], [, other]) => other - one);
    // One after the other: others want to read as well.
    for (const [endpoint, lastMs] of changed.slice(0, MOST_READ)) {
      this.#known.set(endpoint, { lastMs, observed: await this.ledger.observed(endpoint) });
    }
    return {
      observed: (endpoint) => this.#known.get(endpoint)?.observed,
      rating: (seller) => ratings.get(seller),
    };
  }
}

/** What was read at a time that is yet to come was read before the clock was set back, nobody knows how long ago. */
function isRecent(readAtMs: number, nowMs: number): boolean {
  return readAtMs <= nowMs && nowMs - readAtMs <= MAX_AGE_MS;
}
