/**
 * Gives the undelivered answer to an earlier call without a key to one like it that is refused, as `openCall` does to one
 * that is not. A failure that may be tried again stays noted: a refused call is no try.
 */

import { answeredFor } from './answered-for.js';
import type { CollectCommand, Decision, Outcomes } from './command.js';
import type { LedgerState } from './ledger-state.js';

export function collectAnswer(state: LedgerState, command: CollectCommand): Decision<Outcomes['collect']> {
  const { found, delivered } = answeredFor(state, command, command.nowMs);
  if (found === undefined) return { outcome: { outcome: 'nothing-owed' } };
  return { outcome: found, ...(delivered.length === 0 ? {} : { changes: { delivered } }) };
}
