/**
 * What the ledger answers to a call without an idempotency key if answers to earlier calls like it were never
 * delivered: same account, same endpoint, same arguments, within the last ten minutes. A call whose answer was
 * delivered leaves no note, so whoever has its answer and calls again makes a new call.
 *
 * - The earlier call was charged, or its outcome is unknown: its answer is told, once. An unknown outcome may have
 *   changed something upstream, so the call is not repeated in silence.
 * - It failed without a charge: if its error says that it may be tried again, the new call is that try. Otherwise the
 *   error is told, once.
 * - It still runs: the caller is asked to wait for it.
 */

import { isOpen } from './is-open.js';
import type { CallId, OpenCall } from './ledger.js';
import { requestKey, type LedgerState } from './ledger-state.js';

export interface AnsweredFor {
  /** The earlier call whose answer the caller gets, or waits for. */
  readonly found?: { readonly outcome: 'undelivered' | 'undelivered-running'; readonly callId: CallId };
  /** Earlier calls whose notes are used up: the one that is told, and failures that the new call tries again. */
  readonly delivered: readonly CallId[];
}

const NOTHING: AnsweredFor = { delivered: [] };

/** What is asked for again. */
type Asked = Pick<OpenCall, 'accountId' | 'requestDigest' | 'idempotencyDigest' | 'fresh'>;

export function answeredFor(state: LedgerState, asked: Asked, nowMs: number): AnsweredFor {
  if (asked.idempotencyDigest !== undefined || asked.fresh === true) return NOTHING;
  const notes = state.undelivered.get(requestKey(asked.accountId, asked.requestDigest));
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
