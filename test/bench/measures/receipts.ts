/**
 * Receipts signed and verified a second, in one thread. Signing stands beside what ethers alone does from the same
 * message: its encoder with its own keccak, and its signature; the digest is measured apart as well. So many together as
 * a commit has under load share a signature.
 */

import { randomBytes } from 'node:crypto';

import { SigningKey, TypedDataEncoder } from 'ethers';

import { Secret } from '../../../runtime/credential/secret.js';
import { NO_DIGEST, RECEIPT_DOMAIN, RECEIPT_TYPES, receiptDigest } from '../../../runtime/receipt/receipt-type.js';
import type { Receipt, ReceiptMessage } from '../../../runtime/receipt/receipt.js';
import { createReceiptSigner } from '../../../runtime/receipt/sign-receipt.js';
import { verifyReceipt } from '../../../runtime/receipt/verify-receipt.js';
import type { BenchContext } from '../context.js';
import { interleave } from '../interleave.js';
import type { Figure, Measure } from '../measure.js';

export const receipts: Measure = { name: 'receipts', run };

const KEY = `0x${'1f'.repeat(32)}`;
const TOGETHER = 16;
const TYPES = { Receipt: [...RECEIPT_TYPES.Receipt] };

async function run({ quick, say }: BenchContext): Promise<readonly Figure[]> {
  const each = quick ? 50 : 400;
  const signer = createReceiptSigner(new Secret(KEY));
  const ethersKey = new SigningKey(KEY);
  const trust = { signers: [{ address: signer.address, validFrom: 0 }] };
  const messages = Array.from({ length: each }, (_, index) => messageOf(index + 1));
  const sign = (message: ReceiptMessage): Receipt => {
    const digest = receiptDigest(message);
    return { message, digest, signature: signer.signAll([digest])[0]!, signer: signer.address };
  };
  const made = messages.map(sign);
  const ethersDigest = (message: ReceiptMessage): string => TypedDataEncoder.hash(RECEIPT_DOMAIN, TYPES, message);
  const perSecond = (work: () => void): Promise<number> => {
    const startMs = performance.now();
    work();
    return Promise.resolve((each * 1000) / (performance.now() - startMs));
  };
  const verifyAll = (receipts: readonly Receipt[]): void => {
    if (!receipts.every((receipt) => verifyReceipt(receipt, trust).valid)) throw new Error('a receipt is not valid');
  };
  say(`signing and verifying ${each} at a time`);
  const result = await interleave(quick ? 2 : 5, {
    sign: () => perSecond(() => messages.forEach(sign)),
    together: () =>
      perSecond(() => {
        const digests = messages.map(receiptDigest);
        for (let from = 0; from < each; from += TOGETHER) signer.signAll(digests.slice(from, from + TOGETHER));
      }),
    digest: () => perSecond(() => messages.forEach(receiptDigest)),
    ethersSign: () => perSecond(() => messages.forEach((message) => ethersKey.sign(ethersDigest(message)))),
    ethersDigest: () => perSecond(() => messages.forEach(ethersDigest)),
    verify: () => perSecond(() => verifyAll(made)),
  });
  return [
    {
      measure: 'receipts signed',
      value: result.median('sign'),
      unit: 'receipts/s',
      against: { what: 'with ethers alone', value: result.median('ethersSign') },
      ratio: result.ratio('sign', 'ethersSign'),
    },
    {
      measure: `receipts signed, ${TOGETHER} together`,
      value: result.median('together'),
      unit: 'receipts/s',
      against: { what: 'each by itself', value: result.median('sign') },
      ratio: result.ratio('together', 'sign'),
    },
    {
      measure: 'digests of receipts',
      value: result.median('digest'),
      unit: 'digests/s',
      against: { what: "ethers' encoder and hash", value: result.median('ethersDigest') },
      ratio: result.ratio('digest', 'ethersDigest'),
    },
    { measure: 'receipts verified', value: result.median('verify'), unit: 'receipts/s' },
  ];
}

function messageOf(number: number): ReceiptMessage {
  const digest = (): string => `0x${randomBytes(32).toString('hex')}`;
  return {
    receiptId: `rcpt_${randomBytes(16).toString('hex')}`,
    account: 'acct_bench',
    seller: 'tollgate',
    endpoint: 'sandbox/get-product',
    catalogueDigest: digest(),
    requestDigest: digest(),
    answerDigest: digest(),
    upstreamStatus: 200,
    amountMicroUsdc: '1000',
    unitPrice: '0.001000 per call',
    units: '1',
    idempotencyDigest: NO_DIGEST,
    issuedAt: 1_700_000_000,
    number,
    previousDigest: digest(),
  };
}
