/** That what is signed fast, and together, is what ethers, and so every verifier, reckons from the same messages. */

import assert from 'node:assert/strict';

import { concat, id, keccak256, recoverAddress, SigningKey, TypedDataEncoder } from 'ethers';
import fc from 'fast-check';

import { Secret } from '../../runtime/credential/secret.js';
import type { ReceiptMessage } from '../../runtime/receipt/receipt.js';
import { RECEIPT_SIGNATURE, signedDigest } from '../../runtime/receipt/receipt-batch.js';
import { NO_DIGEST, RECEIPT_DOMAIN, RECEIPT_TYPES, receiptDigest } from '../../runtime/receipt/receipt-type.js';
import { createReceiptSigner } from '../../runtime/receipt/sign-receipt.js';
import { verifyReceipt } from '../../runtime/receipt/verify-receipt.js';
import { MESSAGE, PINNED, signedBy, TRUST } from './receipts.js';

const KEY = `0x${'11'.repeat(32)}`;

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).filter((each) => each.isWellFormed());
const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`);
const messages: fc.Arbitrary<ReceiptMessage> = fc.record({
  receiptId: text,
  account: text,
  seller: text,
  endpoint: text,
  catalogueDigest: bytes32,
  requestDigest: bytes32,
  answerDigest: bytes32,
  upstreamStatus: fc.integer({ min: 0, max: 65_535 }),
  amountMicroUsdc: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  unitPrice: text,
  units: text,
  idempotencyDigest: bytes32,
  issuedAt: fc.maxSafeNat(),
  number: fc.maxSafeNat(),
  previousDigest: bytes32,
});

const ethersDigest = (message: ReceiptMessage) =>
  TypedDataEncoder.hash(RECEIPT_DOMAIN, { Receipt: [...RECEIPT_TYPES.Receipt] }, message);

describe('the digest of a receipt', () => {
  it("is what ethers' encoder gives, over random messages", () => {
    fc.assert(
      fc.property(messages, (message) => receiptDigest(message) === ethersDigest(message)),
      { numRuns: 300 },
    );
  });

  for (const [name, change] of [
    ['an amount above 64 bits', { amountMicroUsdc: (2n ** 64n).toString() }],
    ['a negative number', { number: -1 }],
    ['a status above 16 bits', { upstreamStatus: 65_536 }],
    ['a digest of 31 bytes', { answerDigest: `0x${'ab'.repeat(31)}` }],
    ['a digest that is no hex', { requestDigest: `0x${'zz'.repeat(32)}` }],
    ['half a surrogate pair', { endpoint: '\ud800' }],
  ] as const) {
    it(`is refused for ${name}`, () => {
      assert.throws(() => receiptDigest({ ...MESSAGE, ...change }), RangeError);
    });
  }

  it('does not depend on what was hashed before', () => {
    const first = receiptDigest(MESSAGE);
    receiptDigest({ ...MESSAGE, number: 2 ** 40, answerDigest: `0x${'ff'.repeat(32)}` });
    assert.equal(receiptDigest(MESSAGE), first);
    assert.equal(first, PINNED.digest);
  });
});

const digests = Array.from({ length: 300 }, (_, number) => receiptDigest({ ...MESSAGE, number }));
const key = new SigningKey(KEY);
const signer = createReceiptSigner(new Secret(KEY));

/** The digest of a batch as ethers reckons it from all that stands in it. */
function ethersBatchDigest(batch: readonly string[]): string {
  let height = 0;
  let level: unknown[] = [...batch];
  while (2 ** height < batch.length) height += 1;
  while (level.length < 2 ** height) level.push(NO_DIGEST);
  for (let below = 0; below < height; below += 1) {
    level = Array.from({ length: level.length / 2 }, (_, pair) => [level[2 * pair], level[2 * pair + 1]]);
  }
  const types = { ReceiptBatch: [{ name: 'digests', type: `bytes32${'[2]'.repeat(height)}` }] };
  return TypedDataEncoder.hash(RECEIPT_DOMAIN, types, { digests: level[0] });
}

describe('a signer of receipts', () => {
  it("gives ethers' own signatures, byte for byte, where they are few", () => {
    for (const count of [0, 1, 2, 3]) {
      const few = digests.slice(0, count);
      assert.deepEqual(
        signer.signAll(few),
        few.map((digest) => key.sign(digest).serialized),
      );
    }
  });

  it('gives the pinned receipt, which verifies', () => {
    assert.deepEqual(signedBy(signer, MESSAGE), PINNED);
    assert.deepEqual(verifyReceipt(PINNED, TRUST), { valid: true });
  });

  it("gives those of a batch ethers' signature of all, in the order of the digests, and each its way to it", () => {
    const together = createReceiptSigner(new Secret(KEY), { few: 1 });
    for (const count of [2, 3, 4, 5, 8, 9, 13, 64, 65, 127, 128]) {
      const batch = digests.slice(0, count);
      const digest = ethersBatchDigest(batch);
      const shared = { digest, signature: key.sign(digest).serialized };
      const signatures = (count > 3 ? signer : together).signAll(batch);
      assert.equal(signatures.length, count);
      for (const [place, signature] of signatures.entries()) {
        assert.deepEqual(signedDigest(batch[place]!, signature), shared);
        assert.equal(signature.slice(132, 138), place.toString(16).padStart(6, '0'));
        assert.equal(signature.length, 2 + 130 + 6 + 64 * Math.ceil(Math.log2(count)));
        assert.match(signature, RECEIPT_SIGNATURE);
      }
    }
  });

  it('gives what another program verifies by the description in the OpenAPI document alone', () => {
    const domainSeparator = TypedDataEncoder.hashDomain(RECEIPT_DOMAIN);
    for (const [index, signature] of signer.signAll(digests.slice(0, 11)).entries()) {
      const [place, hashes] = [Number(`0x${signature.slice(132, 138)}`), signature.slice(138).match(/.{64}/g)!];
      const root = hashes.reduce(
        (node, hash, below) =>
          keccak256(concat((place & (2 ** below)) === 0 ? [node, `0x${hash}`] : [`0x${hash}`, node])),
        digests[index]!,
      );
      const typeHash = id(`ReceiptBatch(bytes32${'[2]'.repeat(hashes.length)} digests)`);
      const digest = keccak256(concat(['0x1901', domainSeparator, keccak256(concat([typeHash, root]))]));
      assert.equal(recoverAddress(digest, signature.slice(0, 132)), signer.address);
    }
  });

  it('gives a batch that is too large several signatures', () => {
    const signatures = signer.signAll(digests);
    const shared = [0, 128, 256].map((from) => key.sign(ethersBatchDigest(digests.slice(from, from + 128))).serialized);
    assert.deepEqual(
      signatures.map((signature) => signature.slice(0, 132)),
      digests.map((_, index) => shared[Math.floor(index / 128)]),
    );
  });

  it('gives each a signature of its own where that is asked for', () => {
    const alone = createReceiptSigner(new Secret(KEY), { few: Infinity }).signAll(digests.slice(0, 20));
    assert.deepEqual(
      alone,
      digests.slice(0, 20).map((digest) => key.sign(digest).serialized),
    );
  });
});
