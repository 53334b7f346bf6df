/**
 * The time of an entry that statements show, a charge or a deposit: now, but never within a time that a statement of its
 * account has covered already. So a statement stays true, even where the clock is set back, or where the clocks of two
 * gateways on one database differ.
 */

import type { Account } from './ledger-state.js';

/** Epoch milliseconds. */
export function entryTimeMs({ statedUntilMs }: Account, nowMs: number): number {
  return Math.max(statedUntilMs, nowMs);
}
