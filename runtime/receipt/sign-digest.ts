/** Signs one digest at a time with ethers: for papers that are seldom made, such as statements. */

import type { Secret } from '../credential/secret.js';
import type { Signed } from './verify-signature.js';

export type SignDigest = (digest: string) => Promise<Signed>;

/** @param privateKey 32 bytes in `0x` hex, as `readReceiptKey` gives it. */
export function digestSigner(privateKey: Secret): SignDigest {
  return async (digest) => {
    // Loaded where there is something to sign: it takes long, and a gateway's start has no use for it.
    const { computeAddress, SigningKey } = await import('ethers');
    const key = new SigningKey(privateKey.reveal());
    return { digest, signature: key.sign(digest).serialized, signer: computeAddress(key) };
  };
}
