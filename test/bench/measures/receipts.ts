/** Receipts signed and verified a second, in one thread: what bounds a gateway that signs where it answers. */

import { randomBytes } from 'node:crypto';

import { Secret } from '../../../runtime/credential/secret.js';
import { NO_DIGEST } from '../../../runtime/receipt/receipt-type.js';
import type { Receipt, ReceiptMessage } from '../../../runtime/receipt/receipt.js';
import { createReceiptSigner } from '../../../runtime/receipt/sign-receipt.js';
import { verifyReceipt } from '../../../runtime/receipt/verify-receipt.js';
import type { BenchContext } from '../context.js';
import { interleave } from '../interleave.js';
import type { Figure, Measure } from '../measure.js';

export const receipts: Measure = { name: 'receipts', run };

async function run({ quick, say }: BenchContext): Promise<readonly Figure[]> {
  const each = quick ? 50 : 400;
  const signer = createReceiptSigner(new Secret(`0x${'1f'.repeat(32)}`));
  const trust = { signers: [{ address: signer.address, validFrom: 0 }] };
  let number = 0;
  const sign = (): Receipt => signer.sign(messageOf(++number));
  const made = Array.from({ length: each }, sign);
  const perSecond = (work: () => void): number => {
    const startMs = performance.now();
    work();
    return (each * 1000) / (performance.now() - startMs);
  };
  say(`signing and verifying ${each} at a time`);
  const result = await interleave(quick ? 2 : 5, {
    sign: () => Promise.resolve(perSecond(() => void Array.from({ length: each }, sign))),
    verify: () =>
      Promise.resolve(
        perSecond(() => {
          if (!made.every((receipt) => verifyReceipt(receipt, trust).valid)) throw new Error('a receipt is not valid');
        }),
      ),
  });
  return [
    { measure: 'receipts signed', value: result.median('sign'), unit: 'receipts/s' },
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
