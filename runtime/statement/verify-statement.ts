/**
 * Verifies statements offline: no store, no network, no clock. It recomputes every sum and every link from the deposits
 * and receipts that the statement carries, and takes nothing of its message on trust. Whatever is handed in, the answer
 * is a verdict and never an exception.
 *
 * What it cannot see: a deposit that the operator never wrote down. The buyer compares the list with the payments made.
 */

import { verifyChain, type ChainLink } from '../receipt/verify-receipt.js';
import { assertTrust, faultOfSignature, faultOfSigner, type Trust, type Verdict } from '../receipt/verify-signature.js';
import {
  ADDRESS,
  AMOUNT,
  DIGEST,
  faultOfForm,
  integer,
  LIST,
  OBJECT,
  SECONDS,
  SIGNATURE,
  TEXT,
  type WireForm,
} from '../receipt/wire-form.js';
import { NO_DIGEST } from '../receipt/receipt-type.js';
import { depositsDigest } from './deposits-digest.js';
import { statementDigest, type StatedDeposit, type Statement, type StatementMessage } from './statement.js';

const COUNT = integer(0, Number.MAX_SAFE_INTEGER, 'a number from 0');

const MESSAGE_FORMS: Readonly<Record<keyof StatementMessage, WireForm>> = {
  account: TEXT,
  since: SECONDS,
  until: SECONDS,
  openingMicroUsdc: AMOUNT,
  depositedMicroUsdc: AMOUNT,
  chargedMicroUsdc: AMOUNT,
  closingMicroUsdc: AMOUNT,
  depositsDigest: DIGEST,
  openingNumber: COUNT,
  openingDigest: DIGEST,
  closingNumber: COUNT,
  closingDigest: DIGEST,
  issuedAt: SECONDS,
};

const DEPOSIT_FORMS: Readonly<Record<keyof StatedDeposit, WireForm>> = {
  id: TEXT,
  reference: TEXT,
  amountMicroUsdc: AMOUNT,
  creditedAt: SECONDS,
};

const STATEMENT_FORMS: Readonly<Record<keyof Statement, WireForm>> = {
  message: OBJECT,
  deposits: LIST,
  receipts: LIST,
  digest: DIGEST,
  signature: SIGNATURE,
  signer: ADDRESS,
};

/**
 * Whether the statement was signed by a key that was authorised at the time, opening balance plus deposits less charges
 * is its closing balance, and its receipts are the whole of the chain from one to the other.
 * @throws TypeError where `trust` is malformed, which says what is wrong.
 */
export function verifyStatement(given: unknown, trust: Trust): Verdict {
  assertTrust(trust);
  const fault = faultOfStatementForm(given) ?? faultOfStatement(given as Statement, trust);
  return fault === undefined ? { valid: true } : { valid: false, reason: fault };
}

/**
 * The same of several, and that each begins where the one before it ended: in time, in money and in the chain.
 * @throws TypeError where `trust` is malformed.
 */
export function verifyStatements(given: readonly unknown[], trust: Trust): Verdict {
  assertTrust(trust);
  if (!Array.isArray(given)) return { valid: false, reason: 'the statements are no list' };
  let before: StatementMessage | undefined;
  for (const [index, statement] of given.entries()) {
    const verdict = verifyStatement(statement, trust);
    const of = given.length === 1 ? '' : `statement ${index + 1}: `;
    if (!verdict.valid) return { valid: false, reason: `${of}${verdict.reason}` };
    const { message } = statement as Statement;
    const fault = before === undefined ? undefined : faultOfContinuation(before, message);
    if (fault !== undefined) return { valid: false, reason: `${of}${fault}` };
    before = message;
  }
  return { valid: true };
}

function faultOfStatementForm(given: unknown): string | undefined {
  const fault = faultOfForm(given, STATEMENT_FORMS, 'statement');
  if (fault !== undefined) return fault;
  const { message, deposits } = given as Statement;
  return (
    faultOfForm(message, MESSAGE_FORMS, 'message') ??
    deposits
      .map((deposit, index) => faultOfForm(deposit, DEPOSIT_FORMS, `deposits[${index}]`))
      .find((reason) => reason !== undefined)
  );
}

function faultOfStatement(statement: Statement, trust: Trust): string | undefined {
  const { message, signer, digest } = statement;
  if (statementDigest(message) !== digest) return 'digest is not that of the message: a field was changed';
  return (
    faultOfSignature(statement) ??
    faultOfSigner(signer, message.issuedAt, trust) ??
    faultOfTime(message) ??
    faultOfBeginning(message) ??
    faultOfDeposits(statement) ??
    faultOfReceipts(statement, trust) ??
    faultOfBalance(message)
  );
}

function faultOfTime({ since, until, issuedAt }: StatementMessage): string | undefined {
  if (since > until) return `since ${since} is after until ${until}`;
  return until > issuedAt ? `until ${until} is after issuedAt ${issuedAt}: it was not over` : undefined;
}

/** Of the account, where the statement has no beginning of its own. */
function faultOfBeginning({ since, openingMicroUsdc, openingNumber }: StatementMessage): string | undefined {
  if (since > 0 || (openingMicroUsdc === '0' && openingNumber === 0)) return undefined;
  return `since is 0, and nothing can come before it: openingMicroUsdc is ${openingMicroUsdc}, openingNumber is ${openingNumber}`;
}

function faultOfDeposits({ message, deposits }: Statement): string | undefined {
  if (depositsDigest(deposits) !== message.depositsDigest) return 'depositsDigest is not that of the deposits';
  const early = deposits.find(({ creditedAt }) => creditedAt < message.since || creditedAt >= message.until);
  if (early !== undefined) return `deposit ${early.id} of ${early.creditedAt} does not belong to its time`;
  const references = new Set(deposits.map(({ reference }) => reference));
  if (references.size < deposits.length) return 'a reference stands twice: one payment was credited two times';
  return faultOfSum('depositedMicroUsdc', message.depositedMicroUsdc, deposits);
}

function faultOfReceipts({ message, receipts }: Statement, trust: Trust): string | undefined {
  const { account, openingNumber, openingDigest, closingNumber, closingDigest } = message;
  if (openingNumber === 0 && openingDigest !== NO_DIGEST) return 'openingDigest names a receipt before the first';
  const opening: ChainLink = { account, number: openingNumber, digest: openingDigest };
  const chain = verifyChain(receipts, trust, opening);
  if (!chain.valid) return chain.reason;
  const last = receipts.at(-1);
  const end = last === undefined ? opening : { number: last.message.number, digest: last.digest };
  if (end.number !== closingNumber) {
    return `the receipts end with number ${end.number}, and not with ${closingNumber} as the statement says`;
  }
  if (end.digest !== closingDigest) return `closingDigest is not the digest of receipt ${closingNumber}`;
  const charges = receipts.map((receipt) => receipt.message);
  const { since, until } = message;
  // Where the clock was set back, one between two others may be of an earlier time; the first never is, nor one of a later.
  const stray = charges.find(({ issuedAt }, index) => issuedAt >= until || (index === 0 && issuedAt < since));
  if (stray !== undefined) return `receipt ${stray.number} of ${stray.issuedAt} does not belong to its time`;
  return faultOfSum('chargedMicroUsdc', message.chargedMicroUsdc, charges);
}

function faultOfBalance(message: StatementMessage): string | undefined {
  const [opening, deposited, charged, closing] = [
    BigInt(message.openingMicroUsdc),
    BigInt(message.depositedMicroUsdc),
    BigInt(message.chargedMicroUsdc),
    BigInt(message.closingMicroUsdc),
  ];
  if (opening + deposited - charged === closing) return undefined;
  return `${opening} + ${deposited} - ${charged} is not the closing balance of ${closing} micro-usdc`;
}

function faultOfSum(
  field: string,
  stated: string,
  entries: readonly { readonly amountMicroUsdc: string }[],
): string | undefined {
  const sum = entries.reduce((total, { amountMicroUsdc }) => total + BigInt(amountMicroUsdc), 0n);
  return sum === BigInt(stated) ? undefined : `${field} is ${stated}, and its entries come to ${sum} micro-usdc`;
}

function faultOfContinuation(before: StatementMessage, message: StatementMessage): string | undefined {
  if (message.account !== before.account) {
    return `account is ${message.account}, and the statement before is of ${before.account}`;
  }
  if (message.since !== before.until)
    return `since is ${message.since}, and the statement before ends at ${before.until}`;
  if (message.openingMicroUsdc !== before.closingMicroUsdc) {
    return `openingMicroUsdc is ${message.openingMicroUsdc}, and the statement before closes with ${before.closingMicroUsdc}`;
  }
  if (message.openingNumber !== before.closingNumber) {
    return `it begins after receipt ${message.openingNumber}, and the statement before ends with ${before.closingNumber}`;
  }
  return message.openingDigest === before.closingDigest
    ? undefined
    : 'openingDigest is not the closingDigest of the statement before';
}
