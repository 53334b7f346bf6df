/** The address that stands for a key: the last 20 bytes of the Keccak-256 hash of its public key (Ethereum Yellow Paper, appendix F). */

import secp256k1 from 'secp256k1';

import type { Secret } from '../credential/secret.js';
import { keccak256 } from './keccak256.js';

/**
 * The address, with EIP-55 check-sum, of whoever has this key.
 * @param privateKey 32 bytes in `0x` hex, as `readReceiptKey` gives it.
 */
export function addressOfKey(privateKey: Secret): string {
  return addressOfPublicKey(secp256k1.publicKeyCreate(Buffer.from(privateKey.reveal().slice(2), 'hex'), false));
}

/** @param publicKey not compressed: 65 bytes, the first of which says so. */
export function addressOfPublicKey(publicKey: Uint8Array): string {
  return withCheckSum(Buffer.from(keccak256(publicKey.subarray(1))).toString('hex', 12));
}

/**
 * An address with its check-sum (EIP-55): a letter is upper case where the hash of all 40 digits has 8 or more at its place.
 * @param digits 40 in lower case.
 */
export function withCheckSum(digits: string): string {
  const hash = Buffer.from(keccak256(Buffer.from(digits))).toString('hex');
  return `0x${Array.from(digits, (digit, at) => (hash[at]! >= '8' ? digit.toUpperCase() : digit)).join('')}`;
}
