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
    throw noLongerKept(call);
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

/** What came of the call is told all the same: its receipt, or why it was not charged. */
function noLongerKept({ callId, chargeMicroUsdc, reason, receipt }: CallRecord): GatewayError {
  const kept =
    chargeMicroUsdc > 0n
      ? 'answers are kept for 24 hours'
      : 'it was free, and of those only the latest are kept, up to a bound in bytes, for at most 24 hours';
  return new GatewayError(
    'ANSWER_EXPIRED',
    `the answer of request ${callId} is no longer kept: ${kept}`,
    'make a new call, with a new idempotency key if you send one',
    {
      details: {
        request_id: callId,
        ...(reason === undefined ? {} : { reason }),
        ...(receipt === undefined ? {} : { receipt }),
      },
    },
  );
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
    // The same each time that it is told.
    answeredAtMs: receipt.message.issuedAt * 1000,
    ...errorBody(readAnswer(answer)),
    charged: formatUsdc(result.chargedMicroUsdc),
    reason: 'charged_by_rule',
    receipt,
    ...(result.replayed ? { replayed: true as const } : {}),
  });
}
