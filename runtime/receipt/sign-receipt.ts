/**
 * Signs receipts with libsecp256k1: the same bytes as ethers' signer gives (RFC 6979 nonces, `s` in the lower half of the
 * curve), in a seventh of its time. Where there are more than a few in one commit, they share a signature: it takes longer
 * than all the rest of a receipt, and would be the ceiling of a busy gateway.
 */

import secp256k1 from 'secp256k1';

import type { Secret } from '../credential/secret.js';
import { addressOfKey } from './address-of-key.js';
import { MAX_RECEIPTS, receiptBatch } from './receipt-batch.js';

export interface ReceiptSigner {
  /** With EIP-55 check-sum. */
  readonly address: string;
  /** The signatures of receipts with these digests, in their order; both in `0x` hex. */
  signAll(digests: readonly string[]): readonly string[];
}

/** This many are signed each by itself: then any EIP-712 tool verifies them, and to wait for it hurts nobody. */
const FEW = 3;

export interface SigningOptions {
  /** The most that are signed each by itself. */
  readonly few?: number;
}

/** @param privateKey 32 bytes in `0x` hex, as `readReceiptKey` gives it. */
export function createReceiptSigner(privateKey: Secret, { few = FEW }: SigningOptions = {}): ReceiptSigner {
  const address = addressOfKey(privateKey);
  const signatureOf = (digest: Uint8Array): string => {
    const { signature, recid } = secp256k1.ecdsaSign(digest, Buffer.from(privateKey.reveal().slice(2), 'hex'));
    return `0x${Buffer.from(signature).toString('hex')}${(27 + recid).toString(16)}`;
  };
  const signTogether = (digests: readonly string[]): readonly string[] => {
    if (digests.length <= few) return digests.map((digest) => signatureOf(Buffer.from(digest.slice(2), 'hex')));
    const { digest, proofs } = receiptBatch(digests);
    const signature = signatureOf(digest);
    return proofs.map((proof) => signature + proof);
  };
  return {
    address,
    signAll: (digests) => {
      const signatures: string[] = [];
      for (let from = 0; from < digests.length; from += MAX_RECEIPTS) {
        signatures.push(...signTogether(digests.slice(from, from + MAX_RECEIPTS)));
      }
      return signatures;
    },
  };
}
