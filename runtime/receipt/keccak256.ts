/** Keccak-256 in WebAssembly, several times as fast as the JavaScript that ethers brings. */

import { createKeccak } from 'hash-wasm';

const hasher = await createKeccak(256);

/** The 32 bytes of the hash. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest('binary');
}
