/** Marks a held call as sent, before its first byte goes out. One that was resolved meanwhile must not be sent. */

import type { Decision, DispatchCommand, Outcomes } from './command.js';
import type { LedgerState } from './ledger-state.js';

export function dispatchCall(
  state: LedgerState,
  { callId, deadlineMs, nowMs }: DispatchCommand,
): Decision<Outcomes['dispatch']> {
  const call = state.calls.get(callId);
  if (call?.state !== 'held') return { outcome: { outcome: 'not-held' } };
  return {
    outcome: { outcome: 'dispatched' },
    changes: { call: { ...call, state: 'dispatched', deadlineMs, dispatchedAtMs: nowMs } },
  };
}
