/**
 * `tollgate demo`: an agent's whole session, told on the terminal. The agent is the official MCP client over real HTTP;
 * each step says what it expects and the demo fails at the first thing that does not hold.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Command } from 'commander';

import { newId, systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { creditByOperator } from '../deposit/operator-credit.js';
import { parseUsdc } from '../ledger/micro-usdc.js';
import { gatewayUrl } from './options.js';

interface DemoFlags {
  readonly url?: string;
  readonly key?: string;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description("play an agent's whole session against a fresh gateway, or a running one with --url and --key")
    .option('--url <url>', 'the running gateway, such as http://127.0.0.1:8402', gatewayUrl)
    .option('--key <api key>', 'an API key of it')
    .action(async (flags: DemoFlags, command: Command) => {
      if ((flags.url === undefined) !== (flags.key === undefined)) {
        command.error('error: --url and --key go together: the demo needs an API key of the gateway that it talks to');
      }
      const { playSession } = await import('./demo-session.js');
      const held =
        flags.url === undefined ? await playAgainstFreshGateway() : await playSession(flags.url, flags.key!, runId());
      if (held) console.log('\nAll of it held.');
      process.exitCode = held ? 0 : 1;
    });
}

/** A gateway of its own, with a database that is gone afterwards; at the end its books are checked too. */
async function playAgainstFreshGateway(): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-demo-'));
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    TOLLGATE_DATA_DIR: dir,
    DATABASE_URL: `sqlite:${join(dir, 'tollgate.db')}`,
    TOLLGATE_PUBLIC_URL: '',
    TOLLGATE_UPSTREAM_SANDBOX: '',
  });
  const { startGateway } = await import('../main.js');
  const { playSession } = await import('./demo-session.js');
  const running = await startGateway(config);
  try {
    const { accounts, keys, ledger } = running.books;
    const accountId = await accounts.create('demo');
    await creditByOperator(ledger, systemClock, { accountId, amountMicroUsdc: parseUsdc('10') });
    const { apiKey } = await keys.create({ accountId, name: 'demo' });
    const held = await playSession(running.url, apiKey.reveal(), runId());
    const broken = (await ledger.check()).filter((result) => result.violations.length > 0);
    console.log(
      broken.length === 0 ? '  ✓ the books of the gateway are sound' : `  ✗ the books: ${broken[0]!.invariant}`,
    );
    return held && broken.length === 0;
  } finally {
    await running.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Idempotency keys are for good, so a second run against the same gateway needs others. */
function runId(): string {
  return newId(systemClock, 'demo');
}
