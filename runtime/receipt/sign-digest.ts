/** Signs one digest at a time with ethers: for papers that are seldom made, such as statements. */

import { computeAddress, SigningKey } from 'ethers';

import type { Secret } from '../credential/secret.js';
import type { Signed } from './verify-signature.js';

export type SignDigest = (digest: string) => Signed;

/** @param privateKey 32 bytes in `0x` hex, as `readReceiptKey` gives it. */
export function digestSigner(privateKey: Secret): SignDigest {
  const key = new SigningKey(privateKey.reveal());
  const signer = computeAddress(key);
  return (digest) => ({ digest, signature: key.sign(digest).serialized, signer });
}
