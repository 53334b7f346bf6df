/**
 * The end of a call's hold: the one way by which money leaves the state "held". The caller has checked that the call is
 * open. A hold can have only one transfer that resolves it, so the database would refuse a second one.
 */

import { idsOf, sellerAccountId } from './call-ids.js';
import type { Call, Changes, Transfer } from './ledger-state.js';
import { platformFee } from './platform-fee.js';
import type { MicroUsdc } from './micro-usdc.js';

export interface Resolution {
  readonly state: 'captured' | 'released' | 'unknown';
  readonly chargeMicroUsdc: MicroUsdc;
  readonly reason?: string | undefined;
  readonly upstreamStatus?: number | undefined;
  /** Whether the idempotency key can be used again. */
  readonly freesKey: boolean;
  /** Epoch milliseconds at which the answer had ended. */
  readonly finishedAtMs: number;
}

/** Posts the charge, voids the rest of the hold, and gives the platform its part of what the seller got. */
export function resolveCall(
  call: Call,
  resolution: Resolution,
): Required<Pick<Changes, 'transfers' | 'call' | 'reserved'>> {
  const { state, chargeMicroUsdc, reason, upstreamStatus, finishedAtMs, freesKey } = resolution;
  return {
    transfers: transfersOf(call, resolution),
    call: {
      ...call,
      idempotencyDigest: freesKey ? undefined : call.idempotencyDigest,
      state,
      chargeMicroUsdc,
      reason,
      upstreamStatus,
      finishedAtMs,
    },
    reserved: { keyId: call.keyId, day: call.day, changeMicroUsdc: chargeMicroUsdc - call.heldMicroUsdc },
  };
}

function transfersOf(call: Call, { state, chargeMicroUsdc, finishedAtMs }: Resolution): readonly Transfer[] {
  const { callId, accountId, heldMicroUsdc } = call;
  const { holdId, resolutionId, feeId } = idsOf(callId);
  const sellerAccount = sellerAccountId(call.sellerId);
  const fee = platformFee(chargeMicroUsdc, call.feeBps);
  const resolved: Transfer = {
    id: resolutionId,
    kind: state === 'captured' ? 'post' : 'void',
    debitAccount: accountId,
    creditAccount: sellerAccount,
    amountMicroUsdc: chargeMicroUsdc,
    pendingId: holdId,
    heldMicroUsdc,
    callId,
    createdAtMs: finishedAtMs,
  };
  if (fee === 0n) return [resolved];
  return [
    resolved,
    {
      id: feeId,
      kind: 'direct',
      debitAccount: sellerAccount,
      creditAccount: 'platform',
      amountMicroUsdc: fee,
      callId,
      createdAtMs: finishedAtMs,
    },
  ];
}
