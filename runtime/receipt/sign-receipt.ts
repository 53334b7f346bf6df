/**
 * Signs receipts. Signatures are deterministic (RFC 6979): the same message gives the same receipt, to the byte.
 */

import { computeAddress, SigningKey } from 'ethers';

import type { Secret } from '../credential/secret.js';
import type { Receipt, ReceiptMessage } from './receipt.js';
import { receiptDigest } from './receipt-type.js';

export interface ReceiptSigner {
  /** With EIP-55 check-sum. */
  readonly address: string;
  sign(message: ReceiptMessage): Receipt;
}

/** @param privateKey 32 bytes in `0x` hex, as `readReceiptKey` gives it. */
export function createReceiptSigner(privateKey: Secret): ReceiptSigner {
  const key = new SigningKey(privateKey.reveal());
  const address = computeAddress(key);
  return {
    address,
    sign(message) {
      const digest = receiptDigest(message);
      return { message, digest, signature: key.sign(digest).serialized, signer: address };
    },
  };
}
