/**
 * Reads that are long, one at a time for each account: whoever sends many at once waits for their own, and holds one of
 * the database's few connections for them, not all.
 */

import { rateLimited } from '../rate-limited.js';
import type { AccountId } from './ledger.js';

/** How many of an account may wait. */
const MOST_WAITING = 16;

export class Turns {
  readonly #waiting = new Map<AccountId, (() => void)[]>();

  /**
   * Does the work when all that this account asked for before it is done.
   * @throws GatewayError `RATE_LIMITED` where too many wait already; else whatever the work throws.
   */
  async take<Result>(accountId: AccountId, work: () => Promise<Result>): Promise<Result> {
    await this.#turn(accountId);
    try {
      return await work();
    } finally {
      this.#next(accountId);
    }
  }

  async #turn(accountId: AccountId): Promise<void> {
    const waiting = this.#waiting.get(accountId);
    if (waiting === undefined) {
      this.#waiting.set(accountId, []);
      return;
    }
    if (waiting.length >= MOST_WAITING) {
      throw rateLimited(`${MOST_WAITING} such requests of this account are waiting for the one before them`, 1);
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  #next(accountId: AccountId): void {
    const next = this.#waiting.get(accountId)!.shift();
    if (next === undefined) this.#waiting.delete(accountId);
    else next();
  }
}
