/**
 * Whether a paper was signed by the key that it names, and whether that key was to be trusted at the time.
 *
 * The key is recovered with libsecp256k1, some forty times as fast as ethers does it; where that is not built for the
 * machine, its package brings the same in JavaScript.
 */

import { LRUCache } from 'lru-cache';
import secp256k1 from 'secp256k1';

import { addressOfPublicKey, withCheckSum } from './address-of-key.js';

export type Verdict = { readonly valid: true } | { readonly valid: false; readonly reason: string };

/** A key that was authorised to sign, from and to a second, both ends included. */
export interface TrustedSigner {
  readonly address: string;
  /** Seconds since the Unix epoch. */
  readonly validFrom: number;
  /** Absent or null where it has no end. */
  readonly validUntil?: number | null;
}

export interface Trust {
  readonly signers: readonly TrustedSigner[];
}

/**
 * Looks at what a program trusts, before anything is judged by it: of a list that is malformed, no verdict would be true.
 * @throws TypeError that says what is wrong.
 */
export function assertTrust(trust: Trust): void {
  const { signers } = fieldsOf(trust, 'trust');
  if (!Array.isArray(signers)) throw new TypeError(`trust.signers must be a list, and is ${shown(signers)}`);
  for (const [index, signer] of signers.entries()) {
    const name = `trust.signers[${index}]`;
    const { address, validFrom, validUntil } = fieldsOf(signer, name);
    if (typeof address !== 'string') throw new TypeError(`${name}.address must be a text, and is ${shown(address)}`);
    if (!isSecond(validFrom)) throw new TypeError(`${name}.validFrom must be ${SECOND}, and is ${shown(validFrom)}`);
    if (validUntil === undefined || validUntil === null || isSecond(validUntil)) continue;
    throw new TypeError(`${name}.validUntil must be ${SECOND}, null or absent, and is ${shown(validUntil)}`);
  }
}

const SECOND = 'a number of seconds';

function isSecond(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(value);
}

function fieldsOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  throw new TypeError(`${name} must be an object, and is ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  return value === null || typeof value === 'number' ? String(value) : typeof value;
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

/** Half of the order of the curve, rounded down: the largest `s` of a canonical signature (EIP-2). */
const LARGEST_S = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';

/**
 * What is wrong with the signature, or undefined where `signer` made it of `digest`.
 * @param signed its fields have the forms `DIGEST`, `SIGNATURE` and `ADDRESS`.
 */
export function faultOfSignature({ digest, signature, signer }: Signed): string | undefined {
  const [s, v] = [signature.slice(66, 130), signature.slice(130)];
  // Every signature has a twin with the other v and s, and only one of the two is taken.
  if (s > LARGEST_S || (v !== '1b' && v !== '1c')) return 'signature is not in its canonical form';
  const recovered = signerOf(digest, signature.slice(2, 130), v === '1b' ? 0 : 1);
  if (recovered === undefined) return 'signature is not a signature of the digest';
  return recovered === signer ? undefined : `signature was made by ${recovered}, and not by signer`;
}

/** Of the latest signatures: receipts that share one mostly follow each other, and to recover it is most of their cost. */
const knownSigners = new LRUCache<string, string>({ max: 256 });

/** The address whose key made the signature; undefined where no key can have made it. */
function signerOf(digest: string, rs: string, recoveryId: 0 | 1): string | undefined {
  const signed = `${digest}${rs}${recoveryId}`;
  const known = knownSigners.get(signed);
  if (known !== undefined) return known;
  let publicKey: Uint8Array;
  try {
    publicKey = secp256k1.ecdsaRecover(Buffer.from(rs, 'hex'), recoveryId, Buffer.from(digest.slice(2), 'hex'), false);
  } catch {
    // It throws where r or s is no number of the curve, or r the abscissa of no point of it.
    return undefined;
  }
  const signer = addressOfPublicKey(publicKey);
  knownSigners.set(signed, signer);
  return signer;
}

/** Why the signer is not to be trusted, or undefined where its key was authorised at `issuedAt`, in seconds. */
export function faultOfSigner(signer: string, issuedAt: number, { signers }: Trust): string | undefined {
  const keys = signers.filter(({ address }) => sameAddress(address, signer));
  if (keys.length === 0) return `signer ${signer} is not a trusted key`;
  const authorised = keys.some(
    ({ validFrom, validUntil }) =>
      issuedAt >= validFrom && (validUntil === undefined || validUntil === null || issuedAt <= validUntil),
  );
  return authorised ? undefined : `signer ${signer} was not authorised at issuedAt ${issuedAt}`;
}

/**
 * A list of keys may come from a file that writes addresses in one case, without a check-sum; where there is one, it has
 * to be right.
 */
function sameAddress(address: string, signer: string): boolean {
  if (address === signer) return true;
  const digits = address.slice(2);
  const lower = digits.toLowerCase();
  if (`0x${lower}` !== signer.toLowerCase() || !address.startsWith('0x')) return false;
  return (digits === lower || digits === digits.toUpperCase()) && withCheckSum(lower) === signer;
}
