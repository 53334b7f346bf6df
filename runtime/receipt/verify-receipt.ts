/**
 * Verifies receipts offline: no store, no network, no clock. Whatever receipt is handed in, the answer is a verdict and
 * never an exception, since it comes from outside. What is trusted is the program's own: where that is malformed, no
 * verdict would be true, and it is refused.
 *
 * A field that is valid has one form only (lower-case hex, numbers without leading zeros), so that two receipts that
 * differ in a letter never both verify.
 */

import { createHash } from 'node:crypto';

import type { Receipt, ReceiptMessage } from './receipt.js';
import { RECEIPT_SIGNATURE, signedDigest } from './receipt-batch.js';
import { NO_DIGEST, receiptDigest } from './receipt-type.js';
import { requestDigest } from './request-digest.js';
import { assertTrust, faultOfSignature, faultOfSigner, type Trust, type Verdict } from './verify-signature.js';
import {
  ADDRESS,
  AMOUNT,
  DIGEST,
  faultOfForm,
  integer,
  OBJECT,
  pattern,
  SECONDS,
  TEXT,
  type WireForm,
} from './wire-form.js';

/** What the verifier knows of the call by itself. Only what is given is compared. */
export interface Recompute {
  readonly endpoint: string;
  readonly arguments?: unknown;
  /** The answer's body as received, after decompression. */
  readonly answerBody?: Uint8Array;
}

/** The end of a chain that was verified before. */
export interface ChainLink {
  readonly account: string;
  readonly number: number;
  readonly digest: string;
}

const MESSAGE_FORMS: Readonly<Record<keyof ReceiptMessage, WireForm>> = {
  receiptId: pattern(/^rcpt_([0-9a-f]{12})?[0-9a-f]{32}$/, 'rcpt_ and 44 hex digits, or 32'),
  account: TEXT,
  seller: TEXT,
  endpoint: TEXT,
  catalogueDigest: DIGEST,
  requestDigest: DIGEST,
  answerDigest: DIGEST,
  upstreamStatus: integer(100, 999, 'an HTTP status'),
  amountMicroUsdc: AMOUNT,
  unitPrice: TEXT,
  units: pattern(/^(0|[1-9]\d{0,40})(\.\d{1,40})?$/, 'a decimal number as text'),
  idempotencyDigest: DIGEST,
  issuedAt: SECONDS,
  number: integer(1, Number.MAX_SAFE_INTEGER, 'a number from 1'),
  previousDigest: DIGEST,
};

const RECEIPT_FORMS: Readonly<Record<keyof Receipt, WireForm>> = {
  message: OBJECT,
  digest: DIGEST,
  signature: pattern(RECEIPT_SIGNATURE, '65 bytes in lower-case 0x hex, or those with a proof behind them'),
  signer: ADDRESS,
};

/**
 * Whether the receipt is whole, was signed by its signer, by a key that was authorised when it was issued, and says what
 * the verifier can recompute.
 * @throws TypeError where `trust` is malformed, which says what is wrong.
 */
export function verifyReceipt(receipt: unknown, trust: Trust, recompute?: Recompute): Verdict {
  assertTrust(trust);
  const fault =
    faultOfForm(receipt, RECEIPT_FORMS, 'receipt') ??
    faultOfForm((receipt as Receipt).message, MESSAGE_FORMS, 'message') ??
    faultOfDigest(receipt as Receipt) ??
    faultOfReceiptSignature(receipt as Receipt) ??
    faultOfSigner((receipt as Receipt).signer, (receipt as Receipt).message.issuedAt, trust) ??
    (recompute === undefined ? undefined : faultOfContent((receipt as Receipt).message, recompute));
  return fault === undefined ? { valid: true } : { valid: false, reason: fault };
}

/**
 * Whether the receipts are all that one account got, in their order, none left out between the first and the last.
 * @param before the receipt before the first; absent where the first is number 1.
 * @throws TypeError where `trust` is malformed.
 */
export function verifyChain(receipts: readonly unknown[], trust: Trust, before?: ChainLink): Verdict {
  assertTrust(trust);
  if (!Array.isArray(receipts)) return { valid: false, reason: 'the receipts are no list' };
  let link = before;
  for (const [index, receipt] of receipts.entries()) {
    const verdict = verifyReceipt(receipt, trust);
    if (!verdict.valid) return { valid: false, reason: `receipt at ${index}: ${verdict.reason}` };
    const { message, digest } = receipt as Receipt;
    const fault = faultOfLink(message, link);
    if (fault !== undefined) return { valid: false, reason: `receipt at ${index}: ${fault}` };
    link = { account: message.account, number: message.number, digest };
  }
  return { valid: true };
}

function faultOfDigest({ message, digest }: Receipt): string | undefined {
  return receiptDigest(message) === digest ? undefined : 'digest is not that of the message: a field was changed';
}

function faultOfReceiptSignature({ digest, signature, signer }: Receipt): string | undefined {
  const signed = signedDigest(digest, signature);
  return signed === undefined
    ? 'signature names a place that its batch does not have'
    : faultOfSignature({ ...signed, signer });
}

function faultOfContent(message: ReceiptMessage, recompute: Recompute): string | undefined {
  if (message.endpoint !== recompute.endpoint) return `endpoint is ${message.endpoint}, and not ${recompute.endpoint}`;
  if (recompute.arguments !== undefined && message.requestDigest !== digestOfRequest(recompute)) {
    return 'requestDigest is not that of the endpoint and arguments';
  }
  if (recompute.answerBody !== undefined) {
    const digest = createHash('sha256').update(recompute.answerBody).digest('hex');
    if (message.answerDigest !== `0x${digest}`) return 'answerDigest is not that of the body';
  }
  return undefined;
}

function digestOfRequest(recompute: Recompute): string | undefined {
  try {
    return `0x${requestDigest(recompute.endpoint, recompute.arguments)}`;
  } catch {
    // Arguments that are not JSON were never sent, so they match no receipt.
    return undefined;
  }
}

function faultOfLink(message: ReceiptMessage, before: ChainLink | undefined): string | undefined {
  if (before !== undefined && message.account !== before.account) {
    return `account is ${message.account}, and the receipts before it are of ${before.account}`;
  }
  const number = (before?.number ?? 0) + 1;
  if (message.number !== number) return `number is ${message.number}, and ${number} comes next`;
  if (message.previousDigest !== (before?.digest ?? NO_DIGEST)) {
    return 'previousDigest is not the digest of the receipt before it';
  }
  return undefined;
}
