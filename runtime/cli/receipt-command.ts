/**
 * `tollgate receipt`: `verify` checks a receipt with nothing but itself and the keys that one trusts, and opens no
 * database; the others are about the keys that sign.
 */

import { Command, Option } from 'commander';

import { isoTime, systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { isObject } from '../is-object.js';
import { publishedKeys, retireKey } from '../receipt/published-keys.js';
import type { Receipt } from '../receipt/receipt.js';
import type { Verdict } from '../receipt/verify-signature.js';
import { formatUsdc } from '../ledger/micro-usdc.js';
import { readFile, readJson } from './files.js';
import { address, overlapTime, retirement } from './options.js';
import { print, table } from './output.js';
import { trustedSigners } from './trusted-signers.js';
import { withBooks } from './with-books.js';

interface VerifyFlags {
  readonly keys?: string;
  readonly signer?: string;
  readonly body?: string;
  readonly json?: boolean;
}

/** Exit 0 means that nothing was changed since it was signed. By whom that is, only its reader can say. */
const UNPINNED =
  'tollgate: warning: who signed was not checked: anybody can make a receipt that is valid for a signer of its own. ' +
  'Name the key that you trust with --keys or --signer';

const HOUR_MS = 3_600_000;

export function receiptCommand(): Command {
  const receipt = new Command('receipt').description('receipts of paid calls, and the keys that sign them');
  receipt
    .command('verify')
    .description('verify a receipt offline; exit 0 where it is valid, 1 where not, 2 where a file cannot be read')
    .argument('<file>', 'the receipt, or the answer of call_api with the receipt in it, as JSON; - for standard input')
    .option('--keys <file>', "the gateway's published keys: /.well-known/tollgate-receipt-keys.json, saved")
    .option('--signer <address>', 'the address that must have signed', address)
    .option('--body <file>', "the answer's body, to compare with the digest in the receipt")
    .option('--json', 'print JSON')
    .action(async (file: string, flags: VerifyFlags) => {
      const { receipt: given, answer } = readReceipt(file);
      const { verdict, notCompared } = await verify(given, answer, flags);
      const { signer } = partsOf(given);
      const pinned = flags.keys !== undefined || flags.signer !== undefined;
      const bodyCompared = answer === undefined ? {} : { bodyCompared: notCompared === undefined };
      print(flags.json, { ...verdict, ...(verdict.valid ? { signer, pinned, ...bodyCompared } : {}) }, [
        ...describe(given, verdict, pinned),
        ...(verdict.valid && notCompared !== undefined ? [`       the body was not compared: ${notCompared}`] : []),
      ]);
      if (!verdict.valid) process.exitCode = 1;
      else if (!pinned) console.error(UNPINNED);
    });
  receipt
    .command('keys')
    .description('list the keys that sign receipts or did, with the time of each')
    .option('--json', 'print JSON')
    .action(async (flags: { json?: boolean }) => {
      const keys = await withBooks((books) => publishedKeys(books.store.read));
      const rows = keys.map(({ address, validFrom, validUntil }) => [
        address,
        isoTime(validFrom),
        validUntil === undefined ? '' : isoTime(validUntil),
      ]);
      print(flags.json, { keys }, table(['address', 'valid from', 'valid until'], rows));
    });
  receipt
    .command('rotate-key')
    .description('replace the key of the data directory; gateways that run take the new one within seconds')
    .addOption(overlap('how long the key before may still sign', 'at least 2m', overlapTime))
    .option('--json', 'print JSON')
    .action(async (flags: { overlap: number; json?: boolean }) => {
      const { rotateKey } = await import('../receipt/rotate-key.js');
      const { receiptKey: configured, dataDir: dataDirectory } = readConfig();
      const source = { configured, dataDirectory, clock: systemClock };
      const rotation = await withBooks((books) => rotateKey(books.store, systemClock, source, flags.overlap));
      const { from, to, until, others } = rotation;
      print(flags.json, rotation, [
        `new key  ${to}`,
        until === undefined ? `old key  ${from}, which never signed` : `old key  ${from}, until ${isoTime(until)}`,
        ...others.map(
          (address) => `not replaced  ${address}: another gateway signs with it, or "receipt retire-key" ends it`,
        ),
        'Its receipts verify for good. Publish both: /.well-known/tollgate-receipt-keys.json shows them.',
      ]);
    });
  receipt
    .command('retire-key')
    .description('end the time of a key, after another one has begun to sign')
    .argument('<address>', 'the key, as "receipt keys" lists it')
    .addOption(overlap('how long it may still sign', 'at least 15m', retirement))
    .option('--json', 'print JSON')
    .action(async (address: string, flags: { overlap: number; json?: boolean }) => {
      const validUntil = await withBooks((books) => retireKey(books.store, systemClock, address, flags.overlap));
      print(flags.json, { address, validUntil }, [`${address} may sign until ${isoTime(validUntil)}`]);
    });
  return receipt;
}

function overlap(description: string, bounds: string, read: (text: string) => number): Option {
  return new Option('--overlap <time>', `${description}, ${bounds}`).argParser(read).default(HOUR_MS, '1h');
}

interface Verified {
  readonly verdict: Verdict;
  /** Why the body of the answer was not compared, if it was not. */
  readonly notCompared?: string;
}

async function verify(given: unknown, answer: object | undefined, flags: VerifyFlags): Promise<Verified> {
  const { verifyReceipt } = await import('../receipt/verify-receipt.js');
  const endpoint = partsOf(given).message?.endpoint;
  const body = flags.body === undefined ? undefined : readFile(flags.body);
  const verdict = verifyReceipt(
    given,
    { signers: trustedSigners(flags, [partsOf(given).signer]) },
    body === undefined || endpoint === undefined ? undefined : { endpoint, answerBody: body },
  );
  if (!verdict.valid || answer === undefined) return { verdict };
  const { compareAnswer } = await import('../receipt/compare-answer.js');
  const { fault, notCompared } = compareAnswer(answer, (given as Receipt).message);
  if (fault !== undefined) return { verdict: { valid: false, reason: fault } };
  if (notCompared === undefined) return { verdict };
  return {
    verdict,
    notCompared:
      body === undefined ? notCompared : 'the one in the answer, that is; the file of --body is the right one',
  };
}

/** A receipt, and the answer that it came in, where that is what the file holds; MCP wraps it in the result of the tool. */
function readReceipt(file: string): { readonly receipt: unknown; readonly answer?: object } {
  const given = readJson(file);
  const value = isObject(given) && 'structuredContent' in given ? given.structuredContent : given;
  return isObject(value) && 'receipt' in value ? { receipt: value.receipt, answer: value } : { receipt: value };
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
    `       ${message.endpoint} for ${formatUsdc(BigInt(message.amountMicroUsdc))} USDC at ${isoTime(message.issuedAt)}`,
    `       signed by ${signer}${pinned ? '' : ', which this check does not know: name the key that you trust with --keys or --signer'}`,
  ];
}
