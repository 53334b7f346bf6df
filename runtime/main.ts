/**
 * The composition root: it alone calls the builders and knows their order. The gateway is the books, which
 * `books.ts` opens, with a catalogue, upstreams and a listening server.
 */

import { stat } from 'node:fs/promises';

import { pino, type Logger } from 'pino';

import { openBooks, type Books } from './books.js';
import { buildHttpSide, type HttpSide } from './build-http-side.js';
import { buildTelemetry, type Telemetry } from './build-telemetry.js';
import { buildUpstreamSide, type UpstreamSide } from './build-upstream-side.js';
import { ArgumentValidator } from './catalogue/argument-validator.js';
import { Catalogue } from './catalogue/catalogue.js';
import { ProviderFiles } from './catalogue/provider-files.js';
import { systemClock, type Clock } from './clock.js';
import { Closers } from './closers.js';
import type { Config } from './config.js';
import { indexCatalogue } from './discovery/index-catalogue.js';
import { Reputations } from './discovery/reputations.js';
import { Gateway, type GatewayDependencies } from './gateway.js';
import { checkGuards } from './ledger/check-guards.js';
import type { Ledger } from './ledger/ledger.js';
import { openHolds } from './ledger/open-holds.js';
import { pausingLedger } from './ledger/pausing-ledger.js';
import { OwnSandbox } from './sandbox/own-sandbox.js';
import type { RunningSandbox } from './sandbox/run-sandbox.js';
import { StartError } from './start-error.js';
import { bookSweeper } from './sweep-books.js';
import { observedLedger, observedSender } from './telemetry/observed.js';
import { tellWhileLong } from './tell-while-long.js';
import { watchSpecs } from './watch/watch-specs.js';

export interface RunningGateway {
  /** Where clients find it: the public URL, or the address that it listens on. */
  readonly url: string;
  readonly books: Books;
  readonly gateway: Gateway;
  readonly sandbox?: RunningSandbox;
  /** Reads the files of credentials and the store again, as it does by itself when they change. */
  reloadCredentials(): void;
  /** Takes no new requests, finishes and settles the calls under way, then closes everything. */
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 10_000;

export interface StartOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** PEM: the authorities that vouch for upstreams, in the place of those that Node trusts (`NODE_EXTRA_CA_CERTS`). */
  readonly authorities?: readonly string[];
  /** Where documents are that the gateway follows while it runs, and who is told, line by line, what became of them. */
  readonly watch?: { readonly specsDir: string; readonly say: (line: string) => void };
}

/**
 * Builds and starts the gateway. Resolves when it answers requests.
 * @throws ConfigError, CatalogueError, StoreNotOpened, StartError: each one line for the operator.
 */
export async function startGateway(
  config: Config,
  { clock = systemClock, logger = silentLogger(), authorities, watch }: StartOptions = {},
): Promise<RunningGateway> {
  if (watch !== undefined) await assertFolder(watch.specsDir);
  const files = new ProviderFiles({
    onFault: (error) => logger.error({ err: error }, 'a provider of the catalogue cannot be used'),
  });
  const catalogue = await Catalogue.open(config.catalogueDir, { files });
  const opening = openBooks(config, clock);
  const books = await tellWhileLong(logger, 'opening the database and bringing its schema up to date', opening);
  const closers = new Closers();
  closers.add(() => books.store.close());
  try {
    await tellWhileLong(logger, 'checking the books', assertSoundBooks(books));
    const newKey = await books.publishReceiptKey();
    if (newKey !== undefined) logger.warn(newKey);

    const sandbox = new OwnSandbox(config, clock);
    closers.add(() => sandbox.close());
    await sandbox.runFor(catalogue);

    const telemetry = await buildTelemetry(config.otlpEndpoint, {
      loads: () => upstreams.admission.loads(),
      breakers: () => upstreams.breakers.states(),
      answerBytes: () => upstreams.answers.bytes,
      connections: () => http.connections(),
      // A store that does not answer is readyz's to tell; the other metrics are wanted all the more.
      holds: () => openHolds(books.store.read, clock.nowMs()).catch(() => undefined),
    });
    closers.add(() => telemetry.close());

    const upstreams: UpstreamSide = buildUpstreamSide({
      config,
      clock,
      logger,
      authorities,
      sandbox,
      providers: () => gateway.catalogue.providers,
      onRefused: (provider, status) => telemetry.metrics.countRefusal(provider, status),
    });
    closers.add(() => upstreams.close());

    // Indexing would hold up the start, and a search can wait for it.
    let nowStarted!: () => void;
    const started = new Promise<void>((resolve) => (nowStarted = resolve));
    const index = started.then(() =>
      indexCatalogue(catalogue, {
        dataDir: config.dataDir,
        onFault: (error) => logger.warn({ err: error }, 'the search index is not kept'),
        whileOpen: (work) => closers.begin(work),
      }),
    );

    const ledger = pausingLedger(books.ledger, clock, (error) => {
      logger.error({ err: error.cause }, `calls cannot be stored: ${error.message}`);
    });
    const dependencies = gatewayDependencies({ clock, books, ledger, upstreams, telemetry });
    const gateway: Gateway = new Gateway(dependencies, catalogue, index);
    upstreams.follow();

    const http: HttpSide = buildHttpSide({
      config,
      clock,
      logger,
      gateway,
      books,
      ledger,
      answers: upstreams.answers,
      telemetry,
      warnings: () => upstreams.warnings(),
    });
    await http.listen();
    const sweep = bookSweeper(books, logger);
    const sweeper = setInterval(() => void sweep(), SWEEP_EVERY_MS);
    closers.add(() => {
      clearInterval(sweeper);
      return http.close();
    });
    await sweep();

    if (watch !== undefined) {
      const watching = watchSpecs({
        ...watch,
        dataDir: config.dataDir,
        catalogue,
        use: async (dir) => {
          const next = await Catalogue.open(dir, { files });
          await sandbox.runFor(next);
          await gateway.use(next);
          upstreams.tellUnmatched();
          return next;
        },
      });
      closers.add(() => watching.close());
    }
    nowStarted();
    return {
      url: http.url,
      books,
      gateway,
      get sandbox() {
        return sandbox.running;
      },
      reloadCredentials: () => upstreams.reloadCredentials(),
      close: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

interface Parts {
  readonly clock: Clock;
  readonly books: Books;
  readonly ledger: Ledger;
  readonly upstreams: UpstreamSide;
  readonly telemetry: Telemetry;
}

/** What calls need of the parts, observed where a call passes. */
function gatewayDependencies({ clock, books, ledger, upstreams, telemetry }: Parts): GatewayDependencies {
  const { stage, backlog, metrics, traces } = telemetry;
  const { vault, admission, upstreamFor, refusedHost } = upstreams;
  return {
    quotes: books.quotes,
    ratings: books.ratings,
    ledger: observedLedger(ledger, stage, backlog),
    validator: new ArgumentValidator(),
    vault,
    sender: observedSender(upstreams.sender, stage, (request) => traces?.mark(request) ?? request),
    onRetry: (provider) => metrics.countRetry(provider),
    admission,
    clock,
    upstreamFor,
    refusedHost,
    reputations: new Reputations(books.ledger, books.ratings, clock),
    howToDeposit: (accountId) =>
      `ask this gateway's operator to credit the account: tollgate account credit ${accountId} <USDC>`,
  };
}

/** Money is only moved on books that are right. */
async function assertSoundBooks({ ledger, store }: Books): Promise<void> {
  const results = [...(await ledger.checkMoney()), await checkGuards(store)];
  const broken = results.find(({ violations }) => violations.length > 0);
  if (broken === undefined) return;
  throw new StartError(
    `the ledger does not hold: ${broken.invariant}: ${broken.violations[0]}; no calls are taken; see \`tollgate ledger check\``,
  );
}

async function assertFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error || !found.isDirectory()) {
    throw new StartError(`${dir} is no folder that can be watched; name the one of the documents with --specs`);
  }
}

function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
