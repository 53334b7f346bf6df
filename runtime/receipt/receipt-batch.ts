/**
 * One signature for the receipts that were captured together, in the way of Seaport's bulk orders: what is signed is an
 * EIP-712 message with all of their digests, `ReceiptBatch(bytes32[2]…[2] digests)`. Nested pairs hash as a Merkle tree,
 * so that each receipt needs the hashes beside its own way to the root alone, and not the others.
 *
 * The signature of such a receipt is r, s and v, then its place in the batch (3 bytes), then those hashes, from the leaf
 * up. There are as many as the type has pairs, so that no inner node can pass for a receipt. Places that are left over
 * hold zeros, which are the digest of no receipt.
 *
 * Pinned by a test: what was signed once must verify for good.
 */

import { keccak256 } from './keccak256.js';
import { typedDigest } from './receipt-type.js';
import type { Signed } from './verify-signature.js';

const HASH_BYTES = 32;
/** r, s and v in `0x` hex. */
const SIGNATURE_LENGTH = 2 + 2 * 65;
const PLACE_DIGITS = 2 * 3;

/** Of the largest batch, which is that of a commit with 128 captures. */
const MAX_HEIGHT = 7;
export const MAX_RECEIPTS = 2 ** MAX_HEIGHT;

/** What a receipt's signature looks like: of 65 bytes where it was signed alone. */
export const RECEIPT_SIGNATURE = /^0x[0-9a-f]{130}(?:[0-9a-f]{6}(?:[0-9a-f]{64}){1,7})?$/;

/** By height: the hash of a tree that holds nothing. */
const EMPTY: Buffer[] = [Buffer.alloc(HASH_BYTES)];
/** By height: the hash of the type. */
const TYPE_HASHES: Uint8Array[] = [];
/** Two hashes beside one another; reused, since a tree is reckoned without a pause. */
const PAIR = Buffer.alloc(2 * HASH_BYTES);
for (let height = 0; height <= MAX_HEIGHT; height += 1) {
  TYPE_HASHES.push(keccak256(Buffer.from(`ReceiptBatch(bytes32${'[2]'.repeat(height)} digests)`)));
  EMPTY.push(pairHash(EMPTY[height]!, EMPTY[height]!));
}

export interface ReceiptBatch {
  /** What is signed: 32 bytes. */
  readonly digest: Uint8Array;
  /** What stands behind the signature in each receipt, in hex. */
  readonly proofs: readonly string[];
}

/** @param digests of receipts, 32 bytes in `0x` hex each: at least two, and at most `MAX_RECEIPTS`. */
export function receiptBatch(digests: readonly string[]): ReceiptBatch {
  const height = Math.ceil(Math.log2(digests.length));
  let level: readonly Buffer[] = digests.map((digest) => Buffer.from(digest.slice(2), 'hex'));
  const proofs = digests.map((_, place) => place.toString(16).padStart(PLACE_DIGITS, '0'));
  for (let below = 0; below < height; below += 1) {
    const empty = EMPTY[below]!;
    const texts = [...level, empty].map((node) => node.toString('hex'));
    proofs.forEach((proof, place) => {
      proofs[place] = proof + texts[(place >> below) ^ 1]!;
    });
    const pairs = Math.ceil(level.length / 2);
    const nodes = level;
    level = Array.from({ length: pairs }, (_, pair) => pairHash(nodes[2 * pair]!, nodes[2 * pair + 1] ?? empty));
  }
  return { digest: batchDigest(level[0]!, height), proofs };
}

/**
 * What has to have been signed so that the signature is one of this receipt: its own digest, or that of its batch.
 * @param signature of the form `RECEIPT_SIGNATURE`.
 * @returns undefined where it names a place that its batch does not have.
 */
export function signedDigest(digest: string, signature: string): Omit<Signed, 'signer'> | undefined {
  const proof = signature.slice(SIGNATURE_LENGTH);
  if (proof === '') return { digest, signature };
  const place = Number.parseInt(proof.slice(0, PLACE_DIGITS), 16);
  const siblings = Buffer.from(proof.slice(PLACE_DIGITS), 'hex');
  const height = siblings.length / HASH_BYTES;
  // Otherwise the same receipt could be written in several ways.
  if (place >= 2 ** height) return undefined;
  let node: Buffer = Buffer.from(digest.slice(2), 'hex');
  for (let below = 0; below < height; below += 1) {
    const sibling = siblings.subarray(below * HASH_BYTES, (below + 1) * HASH_BYTES);
    const isLeft = ((place >> below) & 1) === 0;
    node = isLeft ? pairHash(node, sibling) : pairHash(sibling, node);
  }
  return {
    digest: `0x${batchDigest(node, height).toString('hex')}`,
    signature: signature.slice(0, SIGNATURE_LENGTH),
  };
}

/** EIP-712, "Definition of encodeData": an array is the hash of what it holds, so that nested pairs are a tree. */
function batchDigest(root: Uint8Array, height: number): Buffer {
  return typedDigest(pairHash(TYPE_HASHES[height]!, root));
}

function pairHash(left: Uint8Array, right: Uint8Array): Buffer {
  PAIR.set(left);
  PAIR.set(right, HASH_BYTES);
  return Buffer.from(keccak256(PAIR));
}
