/**
 * Keccak-256 in WebAssembly, several times as fast as the JavaScript that ethers brings. ethers hashes with it too from
 * the moment this module is loaded, so that signer and verifier agree by construction.
 */

import { keccak256 as ethersKeccak256 } from 'ethers/crypto';
import { createKeccak } from 'hash-wasm';

const hasher = await createKeccak(256);

/** The 32 bytes of the hash. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest('binary');
}

ethersKeccak256.register(keccak256);
