/**
 * The signer of now, whichever key that is: a rotation replaces it while calls are captured. Invariant: what `address` and
 * `signAll` say within one turn belongs to one key.
 */

import type { ReceiptSigner } from './sign-receipt.js';

export class CurrentSigner implements ReceiptSigner {
  #signer: ReceiptSigner;

  constructor(signer: ReceiptSigner) {
    this.#signer = signer;
  }

  get address(): string {
    return this.#signer.address;
  }

  signAll(digests: readonly string[]): readonly string[] {
    return this.#signer.signAll(digests);
  }

  /** Signs with another key from now on. */
  replace(signer: ReceiptSigner): void {
    this.#signer = signer;
  }
}
