/**
 * Ends a call that is past its deadline. One that was never dispatched is released; one that was becomes `unknown`,
 * which costs the buyer nothing either, and keeps its idempotency key claimed, for it may have changed something
 * upstream. A call that was resolved, or got a later deadline, is left alone.
 */

import type { Decision, ExpireCommand, Outcomes } from './command.js';
import { isOpen } from './is-open.js';
import type { LedgerState } from './ledger-state.js';
import { resolveCall } from './resolve-call.js';

const NEVER_DISPATCHED = 'never_dispatched';
const OUTCOME_UNKNOWN = 'outcome_unknown';

export function expireCall(
  state: LedgerState,
  { callId, isStranded, nowMs }: ExpireCommand,
): Decision<Outcomes['expire']> {
  const call = state.calls.get(callId);
  if (call === undefined || !isOpen(call) || (call.deadlineMs > nowMs && !isStranded)) {
    return { outcome: { outcome: 'not-due' } };
  }
  const ended = call.state === 'held' ? 'released' : 'unknown';
  return {
    outcome: { outcome: ended },
    changes: resolveCall(call, {
      state: ended,
      chargeMicroUsdc: 0n,
      reason: ended === 'released' ? NEVER_DISPATCHED : OUTCOME_UNKNOWN,
      freesKey: ended === 'released',
      finishedAtMs: nowMs,
    }),
  };
}
