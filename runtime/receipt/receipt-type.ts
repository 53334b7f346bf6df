/**
 * The EIP-712 type that receipts are signed as. Pinned by a test: a change of one letter here would make every receipt
 * that was ever handed out unverifiable, so a new form is a new `version` beside this one.
 *
 * The domain names no chain and no contract (EIP-712 makes every field optional). A receipt proves what a gateway sold,
 * whichever chain its deposits come from, and must still verify when that changes; what ties it to one gateway is the
 * signer's address. No contract uses a type of this name, so a signature cannot be replayed on a chain as anything else.
 */

import { concat, keccak256, TypedDataEncoder, type TypedDataDomain, type TypedDataField } from 'ethers';

import type { ReceiptMessage } from './receipt.js';

export const RECEIPT_DOMAIN: TypedDataDomain = { name: 'Tollgate', version: '1' };

export const RECEIPT_TYPES: Readonly<Record<'Receipt', readonly (TypedDataField & { name: keyof ReceiptMessage })[]>> =
  {
    Receipt: [
      { name: 'receiptId', type: 'string' },
      { name: 'account', type: 'string' },
      { name: 'seller', type: 'string' },
      { name: 'endpoint', type: 'string' },
      { name: 'catalogueDigest', type: 'bytes32' },
      { name: 'requestDigest', type: 'bytes32' },
      { name: 'answerDigest', type: 'bytes32' },
      { name: 'upstreamStatus', type: 'uint16' },
      { name: 'amountMicroUsdc', type: 'uint64' },
      { name: 'unitPrice', type: 'string' },
      { name: 'units', type: 'string' },
      { name: 'idempotencyDigest', type: 'bytes32' },
      { name: 'issuedAt', type: 'uint64' },
      { name: 'number', type: 'uint64' },
      { name: 'previousDigest', type: 'bytes32' },
    ],
  };

/** 32 zero bytes: no idempotency key, or no receipt before this one. */
export const NO_DIGEST = `0x${'00'.repeat(32)}`;

const encoder = TypedDataEncoder.from({ Receipt: [...RECEIPT_TYPES.Receipt] });
const domainSeparator = TypedDataEncoder.hashDomain(RECEIPT_DOMAIN);

/** The digest that is signed: EIP-712, `keccak256("\x19\x01" ‖ domainSeparator ‖ hashStruct(message))`. */
export function receiptDigest(message: ReceiptMessage): string {
  return keccak256(concat(['0x1901', domainSeparator, encoder.hash(message)]));
}
