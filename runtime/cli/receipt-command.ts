/** `tollgate receipt verify`: checks a receipt with nothing but itself and the keys that one trusts. Opens no database. */

import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import type { Receipt } from '../receipt/receipt.js';
import type { Verdict } from '../receipt/verify-signature.js';
import { formatUsdc } from '../ledger/micro-usdc.js';
import { print } from './output.js';
import { readJson, trustedSigners } from './trusted-signers.js';

interface VerifyFlags {
  readonly keys?: string;
  readonly signer?: string;
  readonly body?: string;
  readonly json?: boolean;
}

export function receiptCommand(): Command {
  const receipt = new Command('receipt').description('receipts of paid calls');
  receipt
    .command('verify')
    .description('verify a receipt offline; exit 0 where it is valid, 1 where not')
    .argument('<file>', 'the receipt, or the answer of call_api with the receipt in it, as JSON; - for standard input')
    .option('--keys <file>', "the gateway's published keys: /.well-known/tollgate-receipt-keys.json, saved")
    .option('--signer <address>', 'the address that must have signed')
    .option('--body <file>', "the answer's body, to compare with the digest in the receipt")
    .option('--json', 'print JSON')
    .action(async (file: string, flags: VerifyFlags) => {
      const given = readReceipt(file);
      const verdict = await verify(given, flags);
      const { signer } = partsOf(given);
      const pinned = flags.keys !== undefined || flags.signer !== undefined;
      print(flags.json, { ...verdict, ...(verdict.valid ? { signer, pinned } : {}) }, describe(given, verdict, pinned));
      if (!verdict.valid) process.exitCode = 1;
    });
  return receipt;
}

async function verify(given: unknown, flags: VerifyFlags): Promise<Verdict> {
  const { verifyReceipt } = await import('../receipt/verify-receipt.js');
  const endpoint = partsOf(given).message?.endpoint;
  const body = flags.body === undefined ? undefined : readFileSync(flags.body);
  return verifyReceipt(
    given,
    { signers: trustedSigners(flags, partsOf(given).signer) },
    body === undefined || endpoint === undefined ? undefined : { endpoint, answerBody: body },
  );
}

function readReceipt(file: string): unknown {
  const value = readJson(file);
  const isAnswer = typeof value === 'object' && value !== null && 'receipt' in value;
  return isAnswer ? value.receipt : value;
}

/** What may be a receipt, of which nothing is known yet. */
function partsOf(given: unknown): Partial<Receipt> {
  return given ?? {};
}

function describe(given: unknown, verdict: Verdict, pinned: boolean): readonly string[] {
  if (!verdict.valid) return [`not valid: ${verdict.reason}`];
  const { message, signer } = given as Receipt;
  return [
    `${pinned ? 'valid' : 'valid for the signer it names'}: ${message.receiptId}, number ${message.number} of ${message.account}`,
    `       ${message.endpoint} for ${formatUsdc(BigInt(message.amountMicroUsdc))} USDC at ${new Date(message.issuedAt * 1000).toISOString()}`,
    `       signed by ${signer}${pinned ? '' : ', which this check does not know: name the key that you trust with --keys or --signer'}`,
  ];
}
