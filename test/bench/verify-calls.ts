/**
 * Verifies what was answered under load: every answer was charged its price and has a receipt; the receipts are one
 * chain from number 1 on with neither gap nor fork, each with the digest of the one before; the balance is lower by
 * exactly what they add up to. Signatures are recovered for a sample alone, since one takes milliseconds.
 */

import type { Receipt } from '../../runtime/receipt/receipt.js';
import { verifyReceipt } from '../../runtime/receipt/verify-receipt.js';
import { formatUsdc, parseUsdc } from '../../runtime/ledger/micro-usdc.js';
import { structuredContent } from './json-rpc.js';

export interface Expected {
  /** USDC for each call. */
  readonly price: string;
  /** USDC on the account before the first call. */
  readonly credit: string;
}

interface PaidCall {
  readonly charged: string;
  readonly balance: string;
  readonly receipt?: Receipt;
}

const SIGNATURES = 100;

/** @param answers all that one account was ever answered. @throws Error at the first thing that is not as it must be. */
export function verifyCalls(answers: readonly string[], { price, credit }: Expected): void {
  const calls = answers.map((text) => structuredContent(text) as unknown as PaidCall);
  const receipts = calls.map(({ charged, receipt }) => {
    if (charged !== price) throw new Error(`a call was charged ${charged}, and its price is ${price}`);
    if (receipt === undefined) throw new Error('an answer has no receipt');
    if (receipt.message.amountMicroUsdc !== parseUsdc(price).toString())
      throw new Error('a receipt has another amount');
    return receipt;
  });
  receipts.sort((a, b) => a.message.number - b.message.number);
  receipts.forEach((receipt, index) => {
    const { number, previousDigest } = receipt.message;
    if (number !== index + 1) throw new Error(`receipt ${number} stands where ${index + 1} belongs`);
    const before = receipts[index - 1];
    if (before !== undefined && previousDigest !== before.digest) throw new Error(`receipt ${number} breaks the chain`);
  });
  const step = Math.max(1, Math.floor(receipts.length / SIGNATURES));
  for (let index = 0; index < receipts.length; index += step) verifySignature(receipts[index]!);

  const left = formatUsdc(parseUsdc(credit) - parseUsdc(price) * BigInt(calls.length));
  // The balance of each answer is that after its own call, so the lowest of them is the last.
  const lowest = calls.map(({ balance }) => balance).reduce(lower);
  if (lowest !== left) throw new Error(`the balance is ${lowest}, and should be ${left} after ${calls.length} calls`);
}

function verifySignature(receipt: Receipt): void {
  const trust = { signers: [{ address: receipt.signer, validFrom: 0 }] };
  const verdict = verifyReceipt(receipt, trust);
  if (!verdict.valid) throw new Error(`receipt ${receipt.message.number} does not verify: ${verdict.reason}`);
}

function lower(a: string, b: string): string {
  return parseUsdc(a) < parseUsdc(b) ? a : b;
}
