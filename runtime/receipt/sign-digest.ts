/** Signs one digest at a time with ethers: for papers that are seldom made, such as statements. */

import { SigningKey } from 'ethers/crypto';

import type { Secret } from '../credential/secret.js';
import { addressOfKey } from './address-of-key.js';
import type { Signed } from './verify-signature.js';

export type SignDigest = (digest: string) => Signed;

/** @param privateKey 32 bytes in `0x` hex, as `readReceiptKey` gives it. */
export function digestSigner(privateKey: Secret): SignDigest {
  const key = new SigningKey(privateKey.reveal());
  const signer = addressOfKey(privateKey);
  return (digest) => ({ digest, signature: key.sign(digest).serialized, signer });
}
