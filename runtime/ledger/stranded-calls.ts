/**
 * Open calls whose deadline is further away than a call can last. Their gateway was killed while its clock was ahead, and
 * what they hold would stay held until then: for a year, if the clock was a year ahead. So they are timed by how long they
 * have been seen, on a clock that nobody sets. A call of a gateway whose clock is right, seen from one that is behind, is
 * gone before that.
 */

import type { CallId } from './ledger.js';

/** The longest that a provider may take, and a minute each to wait for a place and to be settled. */
export const LONGEST_CALL_MS = 12 * 60_000;

export class StrandedCalls {
  #seenAtMs: ReadonlyMap<CallId, number> = new Map();

  /**
   * Which of them have been seen for as long as a call can last.
   * @param calls all that there are now.
   * @param elapsedMs on a clock that is never set.
   */
  overdue(calls: readonly CallId[], elapsedMs: number): readonly CallId[] {
    this.#seenAtMs = new Map(calls.map((callId) => [callId, this.#seenAtMs.get(callId) ?? elapsedMs]));
    return calls.filter((callId) => elapsedMs - this.#seenAtMs.get(callId)! >= LONGEST_CALL_MS);
  }
}
