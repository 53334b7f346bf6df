/**
 * Captures a call: the charge, the receipt and the stored answer, all or nothing. So a receipt exists if and only if a
 * capture does, and the account's chain of receipts has neither gap nor fork: its end is read and advanced while no
 * other writer runs.
 */

import type { ReceiptMessage } from '../receipt/receipt.js';
import { NO_DIGEST, receiptDigest } from '../receipt/receipt-type.js';
import { idsOf } from './call-ids.js';
import type { CaptureCommand, Decision, Outcomes } from './command.js';
import { entryTimeMs } from './entry-time.js';
import { isOpen } from './is-open.js';
import type { CaptureCall } from './ledger.js';
import { availableOf, type Call, type ChainEnd, type LedgerState } from './ledger-state.js';
import { resolveCall } from './resolve-call.js';

const NO_RECEIPT_YET: ChainEnd = { number: 0, digest: NO_DIGEST };

/** @throws RangeError where the charge is below zero or above the hold, or no call has the id. */
export function captureCall(state: LedgerState, command: CaptureCommand): Decision<Outcomes['capture']> {
  const { capture, nowMs, answerTtlMs, keyBeginsAtMs = 0, keyEndsAtMs = Infinity } = command;
  const { callId, chargeMicroUsdc, answer } = capture;
  if (chargeMicroUsdc < 0n) throw new RangeError(`the charge of ${callId} is negative: ${chargeMicroUsdc} micro-usdc`);
  const call = state.calls.get(callId);
  if (call === undefined) throw new RangeError(`there is no call ${callId} to capture`);
  if (!isOpen(call)) return { outcome: { outcome: 'resolved-before', callId } };
  if (chargeMicroUsdc > call.heldMicroUsdc) {
    throw new RangeError(
      `the charge of ${callId}, ${chargeMicroUsdc} micro-usdc, is above its hold of ${call.heldMicroUsdc}`,
    );
  }
  const account = state.accounts.get(call.accountId)!;
  // If the clock was set, the receipt must still not be dated before its key began to sign, nor after its end.
  const capturedAtMs = Math.min(Math.max(entryTimeMs(account, nowMs), keyBeginsAtMs), keyEndsAtMs);
  const message = receiptOf(call, capture, capturedAtMs, state.chainEnds.get(call.accountId) ?? NO_RECEIPT_YET);
  const receipt = { callId, message, digest: receiptDigest(message) };
  const rest = call.heldMicroUsdc - chargeMicroUsdc;
  const resolved = resolveCall(call, {
    state: 'captured',
    chargeMicroUsdc,
    upstreamStatus: answer.status,
    freesKey: false,
    finishedAtMs: capturedAtMs,
  });
  return {
    outcome: {
      outcome: 'captured',
      receipt,
      availableMicroUsdc: availableOf(account) + rest,
    },
    changes: {
      seller: undefined,
      transfers: resolved.transfers,
      call: resolved.call,
      reserved: resolved.reserved,
      receipt,
      answer: {
        callId,
        told: answer,
        expiresAtMs: nowMs + answerTtlMs,
        freeFor: chargeMicroUsdc === 0n ? call.accountId : undefined,
      },
      undelivered: undefined,
      delivered: undefined,
    },
  };
}

function receiptOf(call: Call, capture: CaptureCall, capturedAtMs: number, last: ChainEnd): ReceiptMessage {
  return {
    receiptId: idsOf(call.callId).receiptId,
    account: call.accountId,
    seller: call.sellerId,
    endpoint: call.endpoint,
    catalogueDigest: `0x${capture.catalogueDigest}`,
    requestDigest: `0x${call.requestDigest}`,
    answerDigest: `0x${capture.answerDigest}`,
    upstreamStatus: capture.answer.status,
    amountMicroUsdc: capture.chargeMicroUsdc.toString(),
    unitPrice: capture.unitPrice,
    units: capture.units,
    idempotencyDigest: call.idempotencyDigest === undefined ? NO_DIGEST : `0x${call.idempotencyDigest}`,
    issuedAt: Math.floor(capturedAtMs / 1000),
    number: last.number + 1,
    previousDigest: last.digest,
  };
}
