/**
 * Verifies receipts offline: no store, no network, no clock. Whatever is handed in, the answer is a verdict and never an
 * exception, since a receipt comes from outside.
 *
 * A field that is valid has one form only (lower-case hex, numbers without leading zeros), so that two receipts that
 * differ in a letter never both verify.
 */

import { createHash } from 'node:crypto';

import { getAddress, recoverAddress, Signature } from 'ethers';

import type { Receipt, ReceiptMessage } from './receipt.js';
import { NO_DIGEST, receiptDigest } from './receipt-type.js';
import { requestDigest } from './request-digest.js';

export type Verdict = { readonly valid: true } | { readonly valid: false; readonly reason: string };

/** A key that was authorised to sign, from and to a second, both ends included. */
export interface TrustedSigner {
  readonly address: string;
  /** Seconds since the Unix epoch. */
  readonly validFrom: number;
  readonly validUntil?: number;
}

export interface Trust {
  readonly signers: readonly TrustedSigner[];
}

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

type Form = (value: unknown) => boolean;

const MAX_TEXT = 1_000;
const MAX_UINT64 = 2n ** 64n - 1n;

const isText: Form = (value) =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT && value.isWellFormed();
const matches =
  (pattern: RegExp): Form =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const isDigest = matches(/^0x[0-9a-f]{64}$/);
const isInteger =
  (least: number, most: number): Form =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most && !Object.is(value, -0);

const MESSAGE_FORMS: Readonly<Record<keyof ReceiptMessage, readonly [form: Form, wanted: string]>> = {
  receiptId: [matches(/^rcpt_[0-9a-f]{32}$/), 'rcpt_ and 32 hex digits'],
  account: [isText, 'a text'],
  seller: [isText, 'a text'],
  endpoint: [isText, 'a text'],
  catalogueDigest: [isDigest, '32 bytes in lower-case 0x hex'],
  requestDigest: [isDigest, '32 bytes in lower-case 0x hex'],
  answerDigest: [isDigest, '32 bytes in lower-case 0x hex'],
  upstreamStatus: [isInteger(100, 999), 'an HTTP status'],
  amountMicroUsdc: [
    (value) => matches(/^(0|[1-9]\d{0,19})$/)(value) && BigInt(value as string) <= MAX_UINT64,
    'a whole number of micro-usdc as text',
  ],
  unitPrice: [isText, 'a text'],
  units: [matches(/^(0|[1-9]\d{0,40})(\.\d{1,40})?$/), 'a decimal number as text'],
  idempotencyDigest: [isDigest, '32 bytes in lower-case 0x hex'],
  issuedAt: [isInteger(0, Number.MAX_SAFE_INTEGER), 'seconds since 1970'],
  number: [isInteger(1, Number.MAX_SAFE_INTEGER), 'a number from 1'],
  previousDigest: [isDigest, '32 bytes in lower-case 0x hex'],
};

const RECEIPT_FORMS = {
  message: [(value: unknown) => typeof value === 'object' && value !== null, 'an object'],
  digest: [isDigest, '32 bytes in lower-case 0x hex'],
  signature: [matches(/^0x[0-9a-f]{130}$/), '65 bytes in lower-case 0x hex'],
  signer: [matches(/^0x[0-9a-fA-F]{40}$/), 'an address'],
} as const satisfies Readonly<Record<keyof Receipt, readonly [form: Form, wanted: string]>>;

/**
 * Whether the receipt is whole, was signed by its signer, by a key that was authorised when it was issued, and says what
 * the verifier can recompute.
 */
export function verifyReceipt(receipt: unknown, trust: Trust, recompute?: Recompute): Verdict {
  const fault =
    faultOfForm(receipt, RECEIPT_FORMS, 'receipt') ??
    faultOfForm((receipt as Receipt).message, MESSAGE_FORMS, 'message') ??
    faultOfSignature(receipt as Receipt) ??
    faultOfSigner(receipt as Receipt, trust) ??
    (recompute === undefined ? undefined : faultOfContent((receipt as Receipt).message, recompute));
  return fault === undefined ? { valid: true } : { valid: false, reason: fault };
}

/**
 * Whether the receipts are all that one account got, in their order, none left out between the first and the last.
 * @param before the receipt before the first; absent where the first is number 1.
 */
export function verifyChain(receipts: readonly unknown[], trust: Trust, before?: ChainLink): Verdict {
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

function faultOfForm(
  value: unknown,
  forms: Readonly<Record<string, readonly [form: Form, wanted: string]>>,
  name: string,
): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${name} is no object`;
  for (const [field, [form, wanted]] of Object.entries(forms)) {
    if (!Object.hasOwn(value, field)) return `${name}.${field} is missing`;
    if (!form((value as Readonly<Record<string, unknown>>)[field])) return `${name}.${field} is not ${wanted}`;
  }
  const extra = Object.keys(value).find((field) => !Object.hasOwn(forms, field));
  return extra === undefined ? undefined : `${name}.${extra.slice(0, 100)} is no field of a ${name}`;
}

function faultOfSignature({ message, digest, signature, signer }: Receipt): string | undefined {
  if (receiptDigest(message) !== digest) return 'digest is not that of the message: a field was changed';
  let recovered: string;
  try {
    const parsed = Signature.from(signature);
    // One form only: v is 27 or 28, s in the lower half of the curve.
    if (parsed.serialized !== signature) return 'signature is not in its canonical form';
    recovered = recoverAddress(digest, parsed);
  } catch {
    // ethers throws where the bytes are no signature at all, or no key can have made it.
    return 'signature is not a signature of the digest';
  }
  return recovered === signer ? undefined : `signature was made by ${recovered}, and not by signer`;
}

function faultOfSigner({ message, signer }: Receipt, { signers }: Trust): string | undefined {
  const keys = signers.filter(({ address }) => sameAddress(address, signer));
  if (keys.length === 0) return `signer ${signer} is not a trusted key`;
  const { issuedAt } = message;
  const authorised = keys.some(
    ({ validFrom, validUntil }) => issuedAt >= validFrom && (validUntil === undefined || issuedAt <= validUntil),
  );
  return authorised ? undefined : `signer ${signer} was not authorised at issuedAt ${issuedAt}`;
}

/** A list of keys may come from a file that writes addresses in lower case; one that is no address matches nothing. */
function sameAddress(address: string, signer: string): boolean {
  try {
    return getAddress(address) === signer;
  } catch {
    return false;
  }
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
