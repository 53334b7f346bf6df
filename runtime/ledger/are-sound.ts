import type { InvariantResult } from './ledger.js';

/** Whether every invariant that was checked holds. */
export function areSound(results: readonly InvariantResult[]): boolean {
  return results.every(({ violations }) => violations.length === 0);
}
