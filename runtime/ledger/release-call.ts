/**
 * Releases a call: the whole hold goes back to the buyer, and what the caller was told is kept. Where nothing was sent
 * upstream there is nothing to replay, and the idempotency key can be used again: also where it was to be sent, and that
 * was stored.
 */

import type { Decision, Outcomes, ReleaseCommand } from './command.js';
import { isOpen } from './is-open.js';
import { availableOf, type LedgerState } from './ledger-state.js';
import { resolveCall } from './resolve-call.js';

/** @throws RangeError where no call has the id. */
export function releaseCall(
  state: LedgerState,
  { release, nowMs, answerTtlMs }: ReleaseCommand,
): Decision<Outcomes['release']> {
  const { callId, reason, upstreamStatus, told } = release;
  const call = state.calls.get(callId);
  if (call === undefined) throw new RangeError(`there is no call ${callId} to release`);
  if (!isOpen(call)) return { outcome: { outcome: 'resolved-before', callId } };
  const resolved = resolveCall(call, {
    state: 'released',
    chargeMicroUsdc: 0n,
    reason,
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    freesKey: told === undefined,
    finishedAtMs: nowMs,
  });
  return {
    outcome: {
      outcome: 'released',
      availableMicroUsdc: availableOf(state.accounts.get(call.accountId)!) + call.heldMicroUsdc,
    },
    changes: {
      ...resolved,
      ...(told === undefined
        ? { call: { ...resolved.call, dispatchedAtMs: undefined } }
        : { answer: { callId, told, expiresAtMs: nowMs + answerTtlMs, freeFor: call.accountId } }),
    },
  };
}
