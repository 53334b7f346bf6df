/** `tollgate serve`: runs the gateway, and greets whoever starts it for the first time. */

import { resolve } from 'node:path';

import { Command } from 'commander';
import { pino } from 'pino';

import { systemClock } from '../clock.js';
import { readConfig, type Config } from '../config.js';
import { creditByOperator } from '../deposit/operator-credit.js';
import { parseUsdc } from '../ledger/micro-usdc.js';
import type { Books } from '../books.js';
import type { RunningGateway, StartOptions } from '../main.js';
import { parseDatabaseUrl, sqlitePath } from '../store/database-url.js';
import { logDestination, type LogDestination } from '../telemetry/log-destination.js';
import { clientLines } from './client-lines.js';
import { port } from './options.js';

interface ServeFlags {
  readonly catalogue?: string;
  readonly port?: string;
  readonly host?: string;
  readonly db?: string;
  readonly watch?: boolean;
  readonly specs?: string;
}

/** USDC that a development account starts with. They are worth nothing. */
const TEST_CREDIT = '10';

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the gateway')
    .option('--catalogue <dir>', 'the generated catalogue (TOLLGATE_CATALOGUE)')
    .option('--port <n>', 'the port to listen on; 0 for any (PORT)', port)
    .option('--host <address>', 'the address to listen on (HOST)')
    .option('--db <url>', 'sqlite:<path> or postgres://… (DATABASE_URL)')
    .option('--watch', 'follow the documents while it runs: what is dropped in, changed or removed')
    .option('--specs <dir>', 'where the documents are that --watch follows (default: specs)')
    .action(serve);
}

async function serve(flags: ServeFlags, command: Command): Promise<void> {
  if (flags.specs !== undefined && flags.watch !== true) command.error('error: --specs is for --watch');
  // Else the variable that it stands for would be named.
  const db = flags.db === undefined ? undefined : parseDatabaseUrl(flags.db.trim());
  if (db !== undefined && 'fault' in db) {
    command.error(`error: --db ${db.fault}; example: --db sqlite:data/tollgate.db`);
  }
  const config = readConfig({
    ...(flags.catalogue === undefined ? {} : { TOLLGATE_CATALOGUE: flags.catalogue }),
    ...(flags.port === undefined ? {} : { PORT: flags.port }),
    ...(flags.host === undefined ? {} : { HOST: flags.host }),
    ...(flags.db === undefined ? {} : { DATABASE_URL: flags.db }),
  });
  const standardError = logDestination(2, (lines) => {
    logger.warn({ lines }, 'lines of the log were lost: the disk was full, or nobody read them');
  });
  const logger = pino({ name: 'tollgate', level: config.logLevel }, standardError);
  for (const warning of config.warnings) logger.warn(warning);
  const { startGateway } = await import('../main.js');
  // A signal that comes before the greeting waits for it: it may hold a key that is shown only once.
  const greeted = greet(config, startGateway(config, { logger, watch: watchOf(flags) }));
  stopOnSignal(greeted, standardError);
  await greeted;
}

/** What is told of the documents goes to standard error: standard output is the greeting. */
function watchOf({ watch, specs = 'specs' }: ServeFlags): StartOptions['watch'] {
  return watch === true ? { specsDir: resolve(specs), say: (line) => console.error(line) } : undefined;
}

async function greet(config: Config, starting: Promise<RunningGateway>): Promise<RunningGateway> {
  const running = await starting;
  console.log((await greeting(config, running)).join('\n'));
  return running;
}

async function greeting(config: Config, running: RunningGateway): Promise<readonly string[]> {
  const { catalogue } = running.gateway;
  const mcpUrl = `${running.url}/mcp`;
  const lines = [
    `Tollgate is listening: ${mcpUrl}`,
    `  ${catalogue.entries.length} endpoints of ${catalogue.providers.size} providers` +
      (running.sandbox === undefined ? '' : `; sandbox upstream at ${running.sandbox.url}`),
    '',
  ];
  const accounts = await running.books.accounts.list();
  if (accounts.length > 0) {
    return [...lines, 'Another API key:  npx tollgate key create --account <id>   (ids: npx tollgate account list)'];
  }
  if (!isForDevelopment(config)) {
    return [...lines, 'No account yet:   npx tollgate account create --name <name> --credit <USDC>'];
  }
  const apiKey = await createDevelopmentAccount(running.books);
  return [
    ...lines,
    `First start: made an account "development" with a test credit of ${TEST_CREDIT} USDC.`,
    `  API key (shown this once):  ${apiKey}`,
    '',
    ...clientLines(mcpUrl, apiKey),
  ];
}

/** Money is made from nothing only where nobody else can reach it: one machine, its own file. */
function isForDevelopment(config: Config): boolean {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(config.host);
  return loopback && config.publicUrl === undefined && sqlitePath(config.databaseUrl) !== undefined;
}

async function createDevelopmentAccount({ accounts, keys, ledger }: Books): Promise<string> {
  const accountId = await accounts.create('development');
  const credit = { accountId, amountMicroUsdc: parseUsdc(TEST_CREDIT), reference: 'development test credit' };
  await creditByOperator(ledger, systemClock, credit);
  const { apiKey } = await keys.create({ accountId, name: 'first start' });
  return apiKey.reveal();
}

/** The first signal drains; a second one does not wait. */
function stopOnSignal(starting: Promise<RunningGateway>, { exit }: LogDestination): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return exit(1);
    stopping = true;
    const closed = starting.then((running) => running.close());
    closed.then(
      () => exit(0),
      (error: unknown) => {
        console.error(`tollgate: did not stop cleanly: ${(error as Error).message}`);
        exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => {
    // A start that fails is told by whoever waits for it.
    const reload = (running: RunningGateway): void => running.reloadCredentials();
    starting.then(reload, () => undefined);
  });
}
