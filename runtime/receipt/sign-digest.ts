/** Signs one digest at a time: for papers that are seldom made, such as statements. */

import type { Secret } from '../credential/secret.js';
import { addressOfKey } from './address-of-key.js';
import { signDigests } from './sign-digests.js';
import type { Signed } from './verify-signature.js';

export type SignDigest = (digest: string) => Signed;

/** @param privateKey 32 bytes in `0x` hex, as `readReceiptKey` gives it. */
export function digestSigner(privateKey: Secret): SignDigest {
  const signer = addressOfKey(privateKey);
  return (digest) => {
    const signature = signDigests(bytesOf(digest), bytesOf(privateKey.reveal()));
    return { digest, signature: `0x${Buffer.from(signature).toString('hex')}`, signer };
  };
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex');
}
