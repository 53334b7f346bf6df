/**
 * Captures a call also where the connection to the database breaks while that is being committed. Whether the charge
 * stands is not known then; but a call is captured at most once, so that to ask for the same capture again tells.
 */

import { GatewayError } from '../gateway-error.js';
import { UncertainCommit } from '../store/store-fault.js';
import { askForCertain, type Pause } from './ask-for-certain.js';
import type { CallId, CaptureResult, Ledger } from './ledger.js';

/**
 * @param capture of the one who alone captures this call, so that a call that is found captured was by this.
 * @throws GatewayError as `capture` does; where it stays unknown whether the call was charged, it says that.
 */
export async function captureForCertain(
  callId: CallId,
  capture: () => Promise<CaptureResult>,
  balance: Ledger['balance'],
  pause: Pause,
): Promise<CaptureResult> {
  try {
    return await askForCertain(capture, async () => captured(await capture(), balance), pause);
  } catch (error) {
    if (!(error instanceof UncertainCommit)) throw error;
    throw chargeNotKnown(callId, error);
  }
}

/** What was committed and not answered is answered now. */
async function captured(result: CaptureResult, balance: Ledger['balance']): Promise<CaptureResult> {
  if (result.outcome === 'captured' || result.call.receipt === undefined) return result;
  const { accountId, receipt } = result.call;
  const { availableMicroUsdc } = await balance(accountId);
  return { outcome: 'captured', receipt, availableMicroUsdc };
}

function chargeNotKnown(callId: CallId, cause: UncertainCommit): GatewayError {
  return new GatewayError(
    'STORE_UNAVAILABLE',
    `the database of this gateway was lost while request ${callId} was stored: whether it was charged is not known yet`,
    'call again with the same idempotency key: it is charged at most once; without one, ask get_usage for this request_id ' +
      'first, which gives the answer free where it was charged',
    { retryable: false, charged: null, cause, details: { request_id: callId, retry_after_seconds: 5 } },
  );
}
