/**
 * A call from its durable dispatch to its capture or release. What the upstream's answer means for money is decided here:
 * its charging rule, its exact charge, and what is stored and told.
 *
 * Invariant: however this ends, a bug of ours included, the call is captured or released; only a database that is gone
 * leaves it to the sweeper.
 */

import { hash } from 'node:crypto';

import type { Price } from '../../generated/contract.js';
import { GatewayError } from '../gateway-error.js';
import type { CallId, Ledger, StoredAnswer } from '../ledger/ledger.js';
import { formatUsdc } from '../ledger/micro-usdc.js';
import { exactly, expressible, readAnswer } from '../upstream/read-answer.js';
import { UpstreamFailure } from '../upstream/upstream-failure.js';
import { BugInCall } from './bug-in-call.js';
import { applyChargingRule } from './charging-rule.js';
import { errorBody } from './present-answer.js';
import { exactCharge } from './price.js';
import { SAFE_METHODS } from './safe-methods.js';
import { prepareSchemaCheck, schemaBreak } from './schema-break.js';
import { sendCall, type SendableCall, type SendDependencies, type SentCall } from './send-call.js';
import { delivered, type CallResult } from './stored-result.js';
import {
  ANSWER_INVALID,
  answerError,
  failureError,
  failureReason,
  invalidAnswer,
  notStored,
  outcomeUnknown,
} from './upstream-error.js';

export interface SettleDependencies extends SendDependencies {
  readonly ledger: Ledger;
}

/** A call whose hold is durable. */
export interface HeldCall extends SendableCall {
  readonly callId: CallId;
  readonly price: Price;
  readonly catalogueDigest: string;
}

/**
 * Sends a dispatched call, and captures or releases it as its upstream answers.
 * @throws GatewayError where the call failed as upstreams do; BugInCall where we did.
 */
export async function sendAndSettle(deps: SettleDependencies, call: HeldCall): Promise<CallResult> {
  try {
    return await settleAnswer(deps, call, await send(deps, call));
  } catch (error) {
    if (error instanceof GatewayError || error instanceof BugInCall) throw error;
    throw await settledBug(deps.ledger, call.callId, error);
  }
}

/** @throws GatewayError where no whole answer came, BugInCall for whatever else; then the call is released. */
async function send(deps: SettleDependencies, call: HeldCall): Promise<SentCall> {
  try {
    const sending = sendCall(deps, call);
    prepareSchemaCheck(call.endpoint);
    return await sending;
  } catch (error) {
    const { callId } = call;
    const { descriptor } = call.endpoint;
    // Also a GatewayError: nothing that is expected comes of sending but an answer or this.
    if (!(error instanceof UpstreamFailure)) throw await settledBug(deps.ledger, callId, error);
    const received = error.partial === undefined ? undefined : errorBody(readAnswer(error.partial));
    const told = failureError(error, { callId, endpoint: descriptor.id, method: descriptor.method, received });
    return settleFailure(deps.ledger, call, told, failureReason(error));
  }
}

async function settleAnswer(
  { ledger, clock }: SettleDependencies,
  call: HeldCall,
  { answer, warnings, attempts }: SentCall,
): Promise<CallResult> {
  const { callId } = call;
  const { descriptor } = call.endpoint;
  const { status, headers } = answer;
  const read = readAnswer(answer);
  const body = expressible(read);
  const verdict = applyChargingRule(descriptor.charge, status, body);
  if (!verdict.charged) {
    const { reason } = verdict;
    const failed = { callId, endpoint: descriptor.id, status, headers, ...errorBody(read), reason, attempts };
    const hadCredential = call.credential !== 'none-needed';
    const told = answerError({ ...failed, answeredAtMs: clock.nowMs(), charged: formatUsdc(0n), hadCredential });
    return settleFailure(ledger, call, told, reason, status);
  }
  if (read.kind === 'invalid-json') {
    const { id: endpoint, method } = descriptor;
    const told = invalidAnswer(read.message, { callId, endpoint, method, status, received: errorBody(read) });
    return settleFailure(ledger, call, told, ANSWER_INVALID, status);
  }

  const charge = exactCharge(call.price, body, exactly(read));
  const broken = schemaBreak(call.endpoint, status, read);
  const stored: StoredAnswer = {
    status,
    headers: shownHeaders(headers),
    contentType: answer.contentType,
    body: answer.body,
    warnings: [...warnings, charge.warning, broken].filter((warning) => warning !== undefined),
  };
  const captured = await ledger
    .capture({
      callId,
      chargeMicroUsdc: charge.amountMicroUsdc,
      answer: stored,
      unitPrice: charge.unitPrice,
      units: charge.units,
      answerDigest: hash('sha256', stored.body),
      catalogueDigest: call.catalogueDigest,
    })
    .catch((error: unknown) => failedToStore(call, error, false));
  if (captured.outcome === 'resolved-before') throw outcomeUnknown(callId);
  return delivered({
    kind: 'answered',
    requestId: callId,
    answer: stored,
    chargedMicroUsdc: charge.amountMicroUsdc,
    availableMicroUsdc: captured.availableMicroUsdc,
    receipt: captured.receipt,
    replayed: false,
  });
}

/** Releases the hold, stores what the caller is told, and tells it. */
async function settleFailure(
  ledger: Ledger,
  call: HeldCall,
  told: GatewayError,
  reason: string,
  upstreamStatus?: number,
): Promise<never> {
  const { callId } = call;
  const released = await ledger
    .release({ callId, reason, upstreamStatus, told: { error: { ...told.toBody() } } })
    .catch((error: unknown) => failedToStore(call, error, told.retryable));
  throw released.outcome === 'released' ? told : outcomeUnknown(callId);
}

/**
 * The upstream has seen the call, and the database did not take what came of it.
 * @param mayRepeat whether the caller may repeat it even if its method is not safe.
 */
function failedToStore({ callId, endpoint }: HeldCall, error: unknown, mayRepeat: boolean): never {
  // Where nobody knows whether it was charged, the error says so and more.
  if (!(error instanceof GatewayError) || error.charged === null) throw error;
  throw notStored(error, callId, mayRepeat || SAFE_METHODS.has(endpoint.descriptor.method));
}

/**
 * Nobody knows what the upstream has seen of the call, and the buyer should not have to wait for the sweeper.
 * @returns the bug with what the call cost: nothing, unless it was captured before; undefined where that cannot be told.
 */
async function settledBug(ledger: Ledger, callId: CallId, bug: unknown): Promise<BugInCall> {
  const told = outcomeUnknown(callId).toBody();
  try {
    const released = await ledger.release({ callId, reason: 'internal', told: { error: { ...told } } });
    return new BugInCall(callId, released.outcome === 'released' ? 0n : released.call.chargeMicroUsdc, bug);
  } catch {
    // The bug is what the operator has to hear of. A call that cannot be released now is the sweeper's.
    return new BugInCall(callId, undefined, bug);
  }
}

/** Of an upstream's headers, those that mean something to a caller; none that sets state or names the upstream. */
const SHOWN_HEADERS = [
  'content-disposition',
  'content-language',
  'etag',
  'last-modified',
  'link',
  'location',
  'retry-after',
];

function shownHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const shown: Record<string, string> = {};
  for (const name of SHOWN_HEADERS) {
    const value = headers[name];
    if (value !== undefined) shown[name] = value;
  }
  return shown;
}
