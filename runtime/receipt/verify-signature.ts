/** Whether a paper was signed by the key that it names, and whether that key was to be trusted at the time. */

import { getAddress, recoverAddress, Signature } from 'ethers';

export type Verdict = { readonly valid: true } | { readonly valid: false; readonly reason: string };

/** A key that was authorised to sign, from and to a second, both ends included. */
export interface TrustedSigner {
  readonly address: string;
  /** Seconds since the Unix epoch. */
  readonly validFrom: number;
  readonly validUntil?: number;
}

export interface Trust {
  readonly signers: readonly TrustedSigner[];
}

/** What a signer leaves under a digest. */
export interface Signed {
  /** 32 bytes in `0x` hex. */
  readonly digest: string;
  /** 65 bytes in `0x` hex: r, s, v. */
  readonly signature: string;
  /** With EIP-55 check-sum. */
  readonly signer: string;
}

/** What is wrong with the signature, or undefined where `signer` made it of `digest`. */
export function faultOfSignature({ digest, signature, signer }: Signed): string | undefined {
  let recovered: string;
  try {
    const parsed = Signature.from(signature);
    // One form only: v is 27 or 28, s in the lower half of the curve.
    if (parsed.serialized !== signature) return 'signature is not in its canonical form';
    recovered = recoverAddress(digest, parsed);
  } catch {
    // ethers throws where the bytes are no signature at all, or no key can have made it.
    return 'signature is not a signature of the digest';
  }
  return recovered === signer ? undefined : `signature was made by ${recovered}, and not by signer`;
}

/** Why the signer is not to be trusted, or undefined where its key was authorised at `issuedAt`, in seconds. */
export function faultOfSigner(signer: string, issuedAt: number, { signers }: Trust): string | undefined {
  const keys = signers.filter(({ address }) => sameAddress(address, signer));
  if (keys.length === 0) return `signer ${signer} is not a trusted key`;
  const authorised = keys.some(
    ({ validFrom, validUntil }) => issuedAt >= validFrom && (validUntil === undefined || issuedAt <= validUntil),
  );
  return authorised ? undefined : `signer ${signer} was not authorised at issuedAt ${issuedAt}`;
}

/** A list of keys may come from a file that writes addresses in lower case; one that is no address matches nothing. */
function sameAddress(address: string, signer: string): boolean {
  try {
    return getAddress(address) === signer;
  } catch {
    return false;
  }
}
