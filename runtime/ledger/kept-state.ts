/**
 * What a batch of commands leaves to the next one, which is likely to touch the same rows: the state of accounts, days,
 * chains and open calls as their rows will have it when the batch is written. It may be used only where the batch was
 * written, and nothing else since.
 */

import { isOpen } from './is-open.js';
import { emptyState, type LedgerState } from './ledger-state.js';

/** Above this, all is dropped: so many accounts, days and calls under way are more than one batch touches. */
const MOST_KEPT = 4_000;

/**
 * Takes the state over, without what the next batch has to look up for itself: deposits; the accounts that are owed
 * undelivered answers, which are looked up with the account; and claims, which the database checks.
 */
export function keptOf({ accounts, owed, calls, reserved, chainEnds }: LedgerState): LedgerState {
  if (accounts.size + calls.size + reserved.size + chainEnds.size > MOST_KEPT) return emptyState();
  for (const accountId of owed) accounts.delete(accountId);
  for (const [callId, call] of calls) if (!isOpen(call)) calls.delete(callId);
  return { ...emptyState(), accounts, calls, reserved, chainEnds };
}
