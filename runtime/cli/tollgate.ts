#!/usr/bin/env node
/**
 * The `tollgate` command. Exit codes: 0 done, 1 the work failed (one line on standard error says why and what to do), 2
 * wrong usage. Standard output carries the answer alone.
 */

import { Command, CommanderError } from 'commander';

import { GatewayError } from '../gateway-error.js';
import { VERSION } from '../package-root.js';
import { operatorRemedy } from '../store/store-fault.js';
import { accountCommand } from './account-command.js';
import { backupCommand } from './backup-command.js';
import { credentialCommand } from './credential-command.js';
import { demoCommand } from './demo-command.js';
import { keyCommand } from './key-command.js';
import { ledgerCommand } from './ledger-command.js';
import { receiptCommand } from './receipt-command.js';
import { runGenerator } from './run-generator.js';
import { sandboxCommand } from './sandbox-command.js';
import { serveCommand } from './serve-command.js';
import { statementCommand } from './statement-command.js';
import { UsageError } from './usage-error.js';

const GENERATOR_COMMANDS: readonly (readonly [name: string, description: string])[] = [
  ['generate', 'generate the catalogue: specs/ → generated/'],
  ['add', "bring a provider's OpenAPI document into specs/"],
  ['import', 'bring documents in bulk into specs/'],
];

/**
 * Errors whose message is meant for the operator. By name, because to import their classes would load the whole gateway
 * for `tollgate --help`.
 */
const EXPECTED = new Set([
  'ConfigError',
  'CatalogueError',
  'RefusedCommand',
  'StoreNotOpened',
  'BackupError',
  'ReceiptKeyError',
  'CredentialStoreError',
  'StartError',
  'GatewayError',
  'BrokenInvariant',
]);

const program = new Command('tollgate')
  .description('One MCP server in front of many priced APIs, paid from one prepaid USDC balance.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(add --help for the usage)');

for (const command of [
  serveCommand(),
  demoCommand(),
  accountCommand(),
  keyCommand(),
  credentialCommand(),
  receiptCommand(),
  statementCommand(),
  ledgerCommand(),
  backupCommand(),
  sandboxCommand(),
]) {
  program.addCommand(command);
}
for (const [name, description] of GENERATOR_COMMANDS) {
  // Listed here for --help; the arguments are the generator's to read.
  program.command(name).description(description).helpOption(false).allowUnknownOption().allowExcessArguments();
}
inheritExit(program);

// console.log keeps to itself that nothing could be written: a key that is shown once, or a statement, would be lost unseen.
process.stdout.on('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) => {
  // Whoever reads may have enough, as `head` does.
  if (code === 'EPIPE') return;
  console.error(
    `tollgate: standard output cannot be written (${code}): the answer is lost, and what was done stays done`,
  );
  process.exitCode = 1;
});

const args = process.argv.slice(2);
if (GENERATOR_COMMANDS.some(([name]) => name === args[0])) {
  process.exitCode = await runGenerator(args);
} else {
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = explain(error);
  }
}

/** Commander calls process.exit by itself unless every command is told not to. */
function inheritExit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().showHelpAfterError('(add --help for the usage)');
    inheritExit(child);
  }
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    console.error(`tollgate: ${error.message}`);
    return 2;
  }
  const { name, message, code } = error as NodeJS.ErrnoException;
  // The operating system's own errors have a code and say what they are about.
  console.error(EXPECTED.has(name) || typeof code === 'string' ? `tollgate: ${message}` : error);
  // That of a store is for callers.
  if (error instanceof GatewayError) console.error(`  ${operatorRemedy(error.cause) ?? error.remedy}`);
  return 1;
}
