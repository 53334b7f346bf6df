/**
 * What a call without an idempotency key finds of those like it whose answers were never delivered: the same account,
 * the same endpoint, the same arguments, within ten minutes. Whoever has got an answer and calls again is not answered
 * from the store, for nothing is noted of a call whose answer was delivered.
 *
 * - A call that was charged: its answer, once. So was one whose outcome is unknown: it may have changed something
 *   upstream, and is not made again without a word.
 * - One that failed without a charge: nothing where the error says that it may be tried again, which this is; else the
 *   error, once.
 * - One that still runs: the caller is asked to wait for it.
 */

import { isOpen } from './is-open.js';
import type { CallId, OpenCall } from './ledger.js';
import { requestKey, type LedgerState } from './ledger-state.js';

export interface AnsweredFor {
  /** The call whose answer is to be told, or waited for. */
  readonly found?: { readonly outcome: 'undelivered' | 'undelivered-running'; readonly callId: CallId };
  /** Those whose notes have served: the one that is told, and failures that the new call makes good. */
  readonly delivered: readonly CallId[];
}

const NOTHING: AnsweredFor = { delivered: [] };

export function answeredFor(state: LedgerState, open: OpenCall, nowMs: number): AnsweredFor {
  if (open.idempotencyDigest !== undefined || open.fresh === true) return NOTHING;
  const notes = state.undelivered.get(requestKey(open.accountId, open.requestDigest));
  if (notes === undefined) return NOTHING;
  const valid = notes.filter(({ expiresAtMs }) => expiresAtMs > nowMs).map(({ callId }) => callId);
  const told = valid.find((callId) => isTold(state, callId));
  if (told !== undefined) return { found: { outcome: 'undelivered', callId: told }, delivered: [told] };
  const running = valid.find((callId) => isOpen(state.calls.get(callId)!));
  if (running !== undefined) return { found: { outcome: 'undelivered-running', callId: running }, delivered: [] };
  return { delivered: valid };
}

function isTold(state: LedgerState, callId: CallId): boolean {
  const call = state.calls.get(callId)!;
  if (isOpen(call)) return false;
  if (call.state !== 'released') return true;
  if (call.dispatchedAtMs === undefined) return false;
  const told = state.told.get(callId);
  return !(told !== undefined && 'error' in told && told.error['retryable'] === true);
}
