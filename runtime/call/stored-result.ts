/** What a call that is settled delivers: its answer or its error, the first time and again. */

import { GatewayError, type ErrorBody } from '../gateway-error.js';
import type { CallRecord, Ledger, StoredAnswer } from '../ledger/ledger.js';
import { formatUsdc, type MicroUsdc } from '../ledger/micro-usdc.js';
import type { Receipt } from '../receipt/receipt.js';
import { readAnswer } from '../upstream/read-answer.js';
import { errorBody } from './present-answer.js';
import { answerError, outcomeUnknown } from './upstream-error.js';

export interface CallResult {
  readonly kind: 'answered';
  readonly requestId: string;
  readonly answer: StoredAnswer;
  readonly chargedMicroUsdc: MicroUsdc;
  readonly availableMicroUsdc: MicroUsdc;
  readonly receipt: Receipt;
  readonly replayed: boolean;
}

/**
 * What a settled call delivered: the same answer or the same error again, free of charge.
 * @throws GatewayError as the call itself did; ANSWER_EXPIRED where the answer is no longer kept
 */
export async function storedResult(ledger: Ledger, call: CallRecord): Promise<CallResult> {
  if (call.state === 'unknown') throw outcomeUnknown(call.callId);
  if (call.told !== undefined && 'error' in call.told) {
    throw GatewayError.fromBody({ ...(call.told.error as unknown as ErrorBody), replayed: true });
  }
  if (call.told === undefined || call.receipt === undefined) {
    throw new GatewayError(
      'ANSWER_EXPIRED',
      `the answer of request ${call.callId} is no longer kept: answers are kept for 24 hours`,
      'make a new call with a new idempotency key',
      { details: { request_id: call.callId, ...(call.receipt === undefined ? {} : { receipt: call.receipt }) } },
    );
  }
  const { availableMicroUsdc } = await ledger.balance(call.accountId);
  return delivered({
    kind: 'answered',
    requestId: call.callId,
    answer: call.told,
    chargedMicroUsdc: call.chargeMicroUsdc,
    availableMicroUsdc,
    receipt: call.receipt,
    replayed: true,
  });
}

/** An answer with an error status is an error, also where the endpoint's rule charges for it. */
export function delivered(result: CallResult): CallResult {
  const { answer, receipt } = result;
  if (answer.status < 400) return result;
  throw answerError({
    callId: result.requestId,
    endpoint: receipt.message.endpoint,
    status: answer.status,
    headers: answer.headers,
    ...errorBody(readAnswer(answer)),
    charged: formatUsdc(result.chargedMicroUsdc),
    reason: 'charged_by_rule',
    receipt,
  });
}
