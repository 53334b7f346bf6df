/**
 * Captures a call: the charge, the receipt and the stored answer, all or nothing. So a receipt exists if and only if a
 * capture does, and the account's chain of receipts has neither gap nor fork: its end is read and advanced while no
 * other writer runs.
 */

import type { Receipt } from '../receipt/receipt.js';
import { NO_DIGEST } from '../receipt/receipt-type.js';
import type { ReceiptSigner } from '../receipt/sign-receipt.js';
import { integer, text } from '../store/column.js';
import type { Sql } from '../store/sql.js';
import { idsOf } from './call-ids.js';
import { selectCall } from './call-record.js';
import type { AccountId, CaptureCall, CaptureResult } from './ledger.js';
import { resolveCall, type ResolvedCall } from './resolve-call.js';
import { storeAnswer } from './store-answer.js';

export interface CaptureContext {
  readonly signer: ReceiptSigner;
  readonly nowMs: number;
  readonly answerTtlMs: number;
}

/** @throws RangeError where the charge is above the hold, or no call has the id; nothing moves then. */
export async function captureCall(
  sql: Sql,
  capture: CaptureCall,
  { signer, nowMs, answerTtlMs }: CaptureContext,
): Promise<CaptureResult> {
  const { callId, chargeMicroUsdc } = capture;
  if (chargeMicroUsdc < 0n) throw new RangeError(`the charge of ${callId} is negative: ${chargeMicroUsdc} micro-usdc`);
  const resolved = await resolveCall(sql, callId, {
    state: 'captured',
    chargeMicroUsdc,
    upstreamStatus: capture.answer.status,
    freesKey: false,
    finishedAtMs: nowMs,
  });
  if (resolved === undefined) {
    const call = await selectCall(sql, callId, nowMs);
    if (call === undefined) throw new RangeError(`there is no call ${callId} to capture`);
    if (call.finishedAtMs === undefined) {
      throw new RangeError(
        `the charge of ${callId}, ${chargeMicroUsdc} micro-usdc, is above its hold of ${call.maxChargeMicroUsdc}`,
      );
    }
    return { outcome: 'resolved-before', call };
  }
  const receipt = await appendReceipt(sql, capture, resolved, signer, nowMs);
  await storeAnswer(sql, callId, capture.answer, nowMs + answerTtlMs);
  return { outcome: 'captured', receipt, availableMicroUsdc: resolved.availableMicroUsdc };
}

async function appendReceipt(
  sql: Sql,
  capture: CaptureCall,
  call: ResolvedCall,
  signer: ReceiptSigner,
  nowMs: number,
): Promise<Receipt> {
  const last = await chainEnd(sql, call.accountId);
  const receipt = signer.sign({
    receiptId: idsOf(capture.callId).receiptId,
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
    issuedAt: Math.floor(nowMs / 1000),
    number: last.number + 1,
    previousDigest: last.digest,
  });
  await sql.rows(
    `INSERT INTO receipts (id, account_id, number, call_id, message, digest, signature, signer)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      receipt.message.receiptId,
      call.accountId,
      receipt.message.number,
      capture.callId,
      JSON.stringify(receipt.message),
      receipt.digest,
      receipt.signature,
      receipt.signer,
    ],
  );
  return receipt;
}

async function chainEnd(sql: Sql, accountId: AccountId): Promise<{ readonly number: number; readonly digest: string }> {
  const [row] = await sql.rows(
    'SELECT number, digest FROM receipts WHERE account_id = ? ORDER BY number DESC LIMIT 1',
    [accountId],
  );
  return row === undefined
    ? { number: 0, digest: NO_DIGEST }
    : { number: integer(row, 'number'), digest: text(row, 'digest') };
}
