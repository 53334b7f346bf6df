/**
 * Notes that a call's answer did not reach its client, or that it did after all. The note is what lets a client without
 * an idempotency key ask again: see `answeredFor`.
 */

import type { Decision, DeliveryCommand, Outcomes } from './command.js';
import type { LedgerState } from './ledger-state.js';

/**
 * Does nothing for a call with an idempotency key, whose client asks again with the key, nor for one that was never
 * sent.
 */
export function noteDelivery(
  state: LedgerState,
  { callId, undeliveredUntilMs }: DeliveryCommand,
): Decision<Outcomes['delivery']> {
  if (undeliveredUntilMs === undefined) return { outcome: { outcome: 'noted' }, changes: { delivered: [callId] } };
  const call = state.calls.get(callId);
  const neverSent = call?.state === 'released' && call.dispatchedAtMs === undefined;
  if (call === undefined || call.idempotencyDigest !== undefined || neverSent) {
    return { outcome: { outcome: 'nothing-owed' } };
  }
  const { accountId, requestDigest } = call;
  return {
    outcome: { outcome: 'noted' },
    changes: { undelivered: { callId, accountId, requestDigest, expiresAtMs: undeliveredUntilMs } },
  };
}
