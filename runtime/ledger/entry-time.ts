/**
 * When an entry is made of which statements tell, a charge or a deposit: now, but never in a time of which a statement of
 * its account was made. So a statement stays what it was, also where the clock is set back, and where the clocks of two
 * gateways on one database differ.
 */

import type { Account } from './ledger-state.js';

/** Epoch milliseconds. */
export function entryTimeMs({ statedUntilMs }: Account, nowMs: number): number {
  return Math.max(statedUntilMs, nowMs);
}
