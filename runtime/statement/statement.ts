/**
 * The statement of one account over a time: what it had, what came in, what was charged, what was left, with every
 * deposit and every receipt in between. Signed as EIP-712 by the key that signs receipts, so that an operator can be
 * held to it, and such that the end of one statement is the beginning of the next.
 *
 * A charge belongs to a statement by its receipt's number in the account's chain, a deposit by its time.
 */

import { keccak256 } from 'ethers/crypto';
import { TypedDataEncoder } from 'ethers/hash';
import { concat } from 'ethers/utils';

import { RECEIPT_DOMAIN } from '../receipt/receipt-type.js';
import type { Receipt } from '../receipt/receipt.js';
import type { Signed } from '../receipt/verify-signature.js';
import { STATEMENT_TYPES } from './statement-type.js';

/** The fields that are signed, as on the wire. Amounts are micro-USDC as decimal text, digests 32 bytes in `0x` hex. */
export interface StatementMessage {
  readonly account: string;
  /** Seconds since the Unix epoch; the first second that belongs to it. */
  readonly since: number;
  /** The first second that does not. */
  readonly until: number;
  readonly openingMicroUsdc: string;
  readonly depositedMicroUsdc: string;
  readonly chargedMicroUsdc: string;
  /** Opening balance, plus deposits, less charges. Holds of calls that are under way are part of it. */
  readonly closingMicroUsdc: string;
  /** SHA-256 of the canonical JSON (RFC 8785) of `deposits`. */
  readonly depositsDigest: string;
  /** Number and digest of the last receipt before this statement; 0 and 32 zero bytes where there is none. */
  readonly openingNumber: number;
  readonly openingDigest: string;
  /** Number and digest of its last receipt; the same as above where it has none. */
  readonly closingNumber: number;
  readonly closingDigest: string;
  readonly issuedAt: number;
}

export interface StatedDeposit {
  readonly id: string;
  /** What tells this payment from every other: an operator's words, or chain, transaction and log. */
  readonly reference: string;
  readonly amountMicroUsdc: string;
  /** Seconds since the Unix epoch. */
  readonly creditedAt: number;
}

export interface Statement extends Signed {
  readonly message: StatementMessage;
  readonly deposits: readonly StatedDeposit[];
  readonly receipts: readonly Receipt[];
}

const encoder = TypedDataEncoder.from({ Statement: [...STATEMENT_TYPES.Statement] });
const domainSeparator = TypedDataEncoder.hashDomain(RECEIPT_DOMAIN);

/** The digest that is signed: EIP-712, in the domain of the receipts. */
export function statementDigest(message: StatementMessage): string {
  return keccak256(concat(['0x1901', domainSeparator, encoder.hash(message)]));
}
