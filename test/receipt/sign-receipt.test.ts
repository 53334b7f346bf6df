/** That what is signed fast is what ethers, and so every verifier, reckons from the same message. */

import assert from 'node:assert/strict';

import { computeAddress, SigningKey, TypedDataEncoder } from 'ethers';
import fc from 'fast-check';

import { Secret } from '../../runtime/credential/secret.js';
import type { ReceiptMessage } from '../../runtime/receipt/receipt.js';
import { RECEIPT_DOMAIN, RECEIPT_TYPES, receiptDigest } from '../../runtime/receipt/receipt-type.js';
import { digestSigner } from '../../runtime/receipt/sign-digest.js';
import { createReceiptSigner, createThreadedReceiptSigner } from '../../runtime/receipt/sign-receipt.js';
import { SigningThread } from '../../runtime/receipt/signing-thread.js';
import { verifyReceipt } from '../../runtime/receipt/verify-receipt.js';
import { MESSAGE, PINNED, TRUST } from './receipts.js';

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

const THREAD = new URL('signing-thread-entry.mjs', import.meta.url);
const digests = Array.from({ length: 40 }, (_, number) => receiptDigest({ ...MESSAGE, number }));
const key = new SigningKey(KEY);
const wanted = digests.map((digest) => key.sign(digest).serialized);

describe('a signer of one digest at a time', () => {
  it("gives ethers' own signatures, and its own address", () => {
    const sign = digestSigner(new Secret(KEY));
    const signer = computeAddress(KEY);
    assert.deepEqual(
      digests.map((digest) => sign(digest)),
      digests.map((digest, index) => ({ digest, signature: wanted[index], signer })),
    );
  });
});

describe('a signer of receipts', () => {
  it("gives ethers' own signatures, byte for byte, in the order of the digests", async () => {
    assert.deepEqual(await createReceiptSigner(new Secret(KEY)).signAll(digests), wanted);
  });

  it('gives the pinned receipt, which verifies', () => {
    assert.deepEqual(createReceiptSigner(new Secret(KEY)).sign(MESSAGE), PINNED);
    assert.deepEqual(verifyReceipt(PINNED, TRUST), { valid: true });
  });

  it('gives the same in a thread of its own, each request its own', async () => {
    const signer = createThreadedReceiptSigner(new Secret(KEY), THREAD);
    const apart = await Promise.all(digests.map((digest) => signer.signAll([digest, digest, digest])));
    assert.deepEqual(
      apart,
      wanted.map((signature) => [signature, signature, signature]),
    );
    assert.deepEqual(await signer.signAll(digests.slice(0, 1)), wanted.slice(0, 1));
    assert.deepEqual(await signer.signAll(digests), wanted);
    assert.deepEqual(await signer.signAll([]), []);
    await signer.close();
  });

  it('signs by itself where its thread has ended', async () => {
    const signer = createThreadedReceiptSigner(new Secret(KEY), THREAD);
    const underWay = signer.signAll(digests);
    await signer.close();
    assert.deepEqual(await underWay, wanted);
    assert.deepEqual(await signer.signAll(digests), wanted);
  });

  it('signs by itself where no thread can be started', async () => {
    const signer = createThreadedReceiptSigner(new Secret(KEY), new URL('absent.js', import.meta.url));
    assert.deepEqual(await signer.signAll(digests), wanted);
  });
});

describe('the thread that signs', () => {
  const bytes = Buffer.from(digests.map((digest) => digest.slice(2)).join(''), 'hex');

  it('answers the signatures one after the other, as bytes', async () => {
    const thread = new SigningThread(Buffer.from(KEY.slice(2), 'hex'), THREAD);
    const signatures = Buffer.from(await thread.sign(bytes)).toString('hex');
    assert.equal(signatures, wanted.map((signature) => signature.slice(2)).join(''));
    await thread.close();
  });

  it('rejects what it was asked for when it dies, and all that comes after', async () => {
    // There is no key of zeros, so the library throws.
    const thread = new SigningThread(new Uint8Array(32), THREAD);
    const requests = [thread.sign(bytes), thread.sign(bytes)];
    for (const request of requests) await assert.rejects(request);
    await assert.rejects(thread.sign(bytes));
  });
});
