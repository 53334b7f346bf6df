/**
 * Ratings and observations of all endpoints and sellers, for sorting and listing: read from the store at most once in
 * a few seconds, however often agents browse.
 */

import type { Ratings } from '../account/ratings.js';
import type { Clock } from '../clock.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Reputation } from './browse.js';

const MAX_AGE_MS = 5_000;

export class Reputations {
  #current: Promise<Reputation> | undefined;
  #readAtMs = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly ratings: Ratings,
    private readonly clock: Clock,
  ) {}

  current(): Promise<Reputation> {
    const nowMs = this.clock.nowMs();
    if (this.#current === undefined || nowMs - this.#readAtMs > MAX_AGE_MS) {
      this.#readAtMs = nowMs;
      this.#current = this.#read();
      // A failed reading is not kept.
      this.#current.catch(() => this.forget());
    }
    return this.#current;
  }

  /** The next reader sees what has changed. */
  forget(): void {
    this.#current = undefined;
  }

  async #read(): Promise<Reputation> {
    const [observed, ratings] = await Promise.all([this.ledger.observedAll(), this.ratings.ratingsOfSellers()]);
    return {
      observed: (endpoint) => observed.get(endpoint),
      rating: (seller) => ratings.get(seller),
    };
  }
}
