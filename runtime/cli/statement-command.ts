/** `tollgate statement`: what an account had, paid in and was charged, signed; and its verification, which opens no database. */

import { Command } from 'commander';

import { isoTime, systemClock } from '../clock.js';
import type { AccountId } from '../ledger/ledger.js';
import { formatUsdc } from '../ledger/micro-usdc.js';
import type { Statement } from '../statement/statement.js';
import { readJson, writeFile } from './files.js';
import { address, instant } from './options.js';
import { print } from './output.js';
import { trustedSigners, type TrustFlags } from './trusted-signers.js';
import { withBooks } from './with-books.js';

interface ExportFlags {
  readonly account: AccountId;
  readonly since?: number;
  readonly until?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function statementCommand(): Command {
  const statement = new Command('statement').description('statements of accounts');
  statement
    .command('export')
    .description('write the signed statement of an account over a time, as JSON')
    .requiredOption('--account <id>', 'whose statement')
    .option(
      '--since <time>',
      'its beginning, such as 2026-11-01 or 2026-11-01T09:30:00Z (default: the first entry)',
      instant,
    )
    .option('--until <time>', 'its end, which does not belong to it (default: now)', instant)
    .option('--out <file>', 'where to write it (default: standard output)')
    .option('--json', 'print JSON: the statement, or with --out what it comes to')
    .action(exportTo);
  statement
    .command('verify')
    .description(
      'verify statements offline, each the continuation of the one before; exit 0 where valid, 1 where not, 2 where unreadable',
    )
    .argument('<file...>', 'statements in their order; - for standard input')
    .option('--keys <file>', "the gateway's published keys: /.well-known/tollgate-receipt-keys.json, saved")
    .option('--signer <address>', 'the address that must have signed', address)
    .option('--json', 'print JSON')
    .action(verify);
  return statement;
}

async function exportTo(flags: ExportFlags): Promise<void> {
  const { exportStatement } = await import('../statement/export-statement.js');
  const { account: accountId, since, until, out } = flags;
  const statement = await withBooks(async (books) => {
    const newKey = await books.publishReceiptKey();
    if (newKey !== undefined) console.error(`tollgate: warning: ${newKey}`);
    const request = { accountId, since, until, keyBeginsAt: books.keyBeginsAt() };
    return exportStatement(books.store, systemClock, books.signDigest, request);
  });
  const text = JSON.stringify(statement, undefined, 2);
  if (out === undefined) return console.log(text);
  writeFile(out, `${text}\n`);
  print(flags.json, statement.message, summary(statement));
}

async function verify(files: readonly string[], flags: TrustFlags & { readonly json?: boolean }): Promise<void> {
  const { verifyStatements } = await import('../statement/verify-statement.js');
  const given = files.map(readJson);
  const { signer } = (given[0] ?? {}) as Partial<Statement>;
  const pinned = flags.keys !== undefined || flags.signer !== undefined;
  const named = [...new Set(given.flatMap(signersOf))];
  const verdict = verifyStatements(given, { signers: trustedSigners(flags, named) });
  const lines = verdict.valid
    ? [
        ...(given as readonly Statement[]).flatMap(summary),
        pinned
          ? 'valid: the sums hold and no receipt between the first and the last is missing'
          : `valid for the signer it names, ${named.join(', ')}, which this check does not know: name the key that you trust with --keys or --signer`,
      ]
    : [`not valid: ${verdict.reason}`];
  print(flags.json, { ...verdict, ...(verdict.valid ? { signer, pinned } : {}) }, lines);
  if (!verdict.valid) process.exitCode = 1;
}

/** Of the statement and of its receipts, which another key may have signed: a rotation is no fault of theirs. */
function signersOf(given: unknown): readonly unknown[] {
  const { signer, receipts } = (given ?? {}) as { readonly signer?: unknown; readonly receipts?: unknown };
  const signed: readonly unknown[] = Array.isArray(receipts) ? receipts : [];
  return [signer, ...signed.map((receipt) => ((receipt ?? {}) as { readonly signer?: unknown }).signer)];
}

function summary({ message, deposits, receipts }: Statement): readonly string[] {
  const usdc = (amount: string): string => formatUsdc(BigInt(amount)).padStart(20);
  return [
    `statement of ${message.account}, ${isoTime(message.since)} until ${isoTime(message.until)}`,
    `  opening balance  ${usdc(message.openingMicroUsdc)} USDC`,
    `  deposits         ${usdc(message.depositedMicroUsdc)} USDC  (${deposits.length})`,
    `  charges          ${usdc(message.chargedMicroUsdc)} USDC  (${receipts.length} receipts, from number ${message.openingNumber + 1})`,
    `  closing balance  ${usdc(message.closingMicroUsdc)} USDC`,
  ];
}
