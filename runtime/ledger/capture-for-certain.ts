/**
 * Captures a call even if the connection to the database breaks during the commit, or its disk fails. Then nobody knows
 * whether the charge stands; but a call is captured at most once, so asking for the same capture again tells.
 */

import { GatewayError } from '../gateway-error.js';
import { UncertainCommit } from '../store/store-fault.js';
import { askForCertain, type Pause } from './ask-for-certain.js';
import type { CallId, CaptureResult, Ledger } from './ledger.js';

/**
 * @param capture must be the only one that captures this call: then a call that is found captured was captured by it.
 * @throws GatewayError as `capture` does; if it stays unknown whether the call was charged, the error says so.
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

/** An earlier attempt was committed and its answer was lost: this is that answer. */
async function captured(result: CaptureResult, balance: Ledger['balance']): Promise<CaptureResult> {
  if (result.outcome === 'captured' || result.call.receipt === undefined) return result;
  const { accountId, receipt } = result.call;
  const { availableMicroUsdc } = await balance(accountId);
  return { outcome: 'captured', receipt, availableMicroUsdc };
}

function chargeNotKnown(callId: CallId, cause: UncertainCommit): GatewayError {
  return new GatewayError(
    'STORE_UNAVAILABLE',
    `the database of this gateway failed while request ${callId} was stored: whether it was charged is not known yet`,
    'call again with the same idempotency key: it is charged at most once; without one, ask get_usage for this request_id ' +
      'first, which gives the answer free where it was charged',
    { retryable: false, charged: null, cause, details: { request_id: callId, retry_after_seconds: 5 } },
  );
}
