/**
 * The composition root: the only file that builds the gateway and knows the order. The gateway is the books, which
 * `books.ts` opens, with a catalogue, upstreams and a listening server.
 */

import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { pino, type Logger } from 'pino';

import { openBooks, type Books } from './books.js';
import { ArgumentValidator } from './catalogue/argument-validator.js';
import { Catalogue } from './catalogue/catalogue.js';
import { ProviderFiles } from './catalogue/provider-files.js';
import { isoTime, systemClock, type Clock } from './clock.js';
import type { Config } from './config.js';
import { certificateWarnings } from './credential/certificate-warnings.js';
import { CredentialSources } from './credential/credential-sources.js';
import { CredentialStore } from './credential/credential-store.js';
import { tellRefusals } from './credential/tell-refusals.js';
import { createVault, type Vault } from './credential/vault.js';
import { WrongValues } from './credential/wrong-value.js';
import { Reputations } from './discovery/reputations.js';
import { SearchIndex } from './discovery/search-index.js';
import { StoredPostings } from './discovery/stored-postings.js';
import { Gateway } from './gateway.js';
import { createApp } from './http/app.js';
import { boundClients } from './http/bound-clients.js';
import { clientAddress } from './http/client-address.js';
import { drainServer } from './http/drain-server.js';
import { ownUrl, type OwnAddress } from './http/own-address.js';
import { RateLimit } from './http/rate-limit.js';
import type { Ledger } from './ledger/ledger.js';
import { openHolds } from './ledger/open-holds.js';
import { pausingLedger } from './ledger/pausing-ledger.js';
import { createReadiness } from './readiness.js';
import { publishedKeys } from './receipt/published-keys.js';
import { runSandbox, type RunningSandbox } from './sandbox/run-sandbox.js';
import { StandingWarnings } from './standing-warnings.js';
import { Backlog } from './telemetry/backlog.js';
import { Metrics } from './telemetry/metrics.js';
import { observedAuthenticator, observedLedger, observedSender } from './telemetry/observed.js';
import { timedStages, type RunStage } from './telemetry/stages.js';
import type { Traces } from './telemetry/traces.js';
import { unmatchedVariables } from './unmatched-variables.js';
import { Admission } from './upstream/admission.js';
import { AnswerMemory } from './upstream/answer-memory.js';
import { Breakers } from './upstream/breakers.js';
import { lazySender } from './upstream/lazy-sender.js';
import { refusedHost } from './upstream/refused-host.js';
import { withBreakers } from './upstream/with-breakers.js';
import { watchSpecs } from './watch/watch-specs.js';

/** The gateway cannot start, for a reason that its operator can mend. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartError';
  }
}

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

const CREDENTIALS_FOLLOWED_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 10_000;
/** Endpoints below which indexing takes no longer than reading. */
const FEWEST_STORED = 5_000;
/** How often the server looks for clients that send too slowly. */
const CLIENTS_CHECKED_EVERY_MS = 1_000;

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
  const books = await openBooks(config, clock);
  const closers: (() => Promise<void>)[] = [() => books.store.close()];
  let closed: Promise<void> | undefined;
  try {
    await assertSoundBooks(books.ledger);
    const newKey = await books.publishReceiptKey();
    if (newKey !== undefined) logger.warn(newKey);

    let sandbox: RunningSandbox | undefined;
    const runSandboxFor = async ({ providers }: Catalogue): Promise<void> => {
      const ours = providers.has('sandbox') && config.upstreamFor('sandbox') === undefined;
      if (ours) sandbox ??= await runSandbox(clock);
    };
    closers.unshift(async () => sandbox?.close());
    await runSandboxFor(catalogue);

    const upstreamFor = (provider: string) =>
      sandbox !== undefined && provider === 'sandbox' ? sandbox.url : config.upstreamFor(provider);
    const server = createServer({ connectionsCheckingInterval: CLIENTS_CHECKED_EVERY_MS });
    const breakers = new Breakers();
    const answers = new AnswerMemory(config.answerMemoryBytes);
    const admission = new Admission({ breakers, answers, clock });
    const ledger = pausingLedger(books.ledger, clock, (error) => {
      logger.error({ err: error.cause }, `calls cannot be stored: ${error.message}`);
    });
    const backlog = new Backlog();
    const metrics = new Metrics({
      loads: () => admission.loads(),
      breakers: () => breakers.states(),
      answerBytes: () => answers.bytes,
      connections: () => connectionsOf(server),
      backlog: () => backlog.now(),
      // A store that does not answer is readyz's to tell; the other metrics are wanted all the more.
      holds: () => openHolds(books.store.read, clock.nowMs()).catch(() => undefined),
    });
    const traces = await tracesTo(config.otlpEndpoint);
    closers.unshift(async () => traces?.close());
    const timed = timedStages((stage, milliseconds) => metrics.observeStage(stage, milliseconds));
    const stage: RunStage = traces === undefined ? timed : (name, work) => traces.stage(name, () => timed(name, work));
    const allowPrivate = (provider: string) =>
      (sandbox !== undefined && provider === 'sandbox') || config.allowsPrivateUpstream(provider);
    const sender = lazySender({ answers, authorities, allowPrivate, clock });
    closers.unshift(() => sender.close());
    const credentials = new CredentialSources({
      variable: config.credential,
      names: config.credentialVariables,
      store: credentialStore(config, clock),
      otherwise: (variable) => sandbox?.credential(variable),
      onChange: (problems) => logger.warn({ problems }, 'what can be read of the credentials has changed'),
    });
    // Indexing would hold up the start, and a search can wait for it.
    let nowStarted!: () => void;
    const started = new Promise<void>((resolve) => (nowStarted = resolve));
    const unmatched = new StandingWarnings((line) => logger.warn(line));
    const tellUnmatched = ({ providers }: Catalogue): void => unmatched.replace(unmatchedVariables(config, providers));
    tellUnmatched(catalogue);
    const unusable = new StandingWarnings((line) => logger.warn(line));
    const wrongValues = new WrongValues(credentials);
    const tellUnusable = ({ providers }: Catalogue): void =>
      unusable.replace([
        ...wrongValues.lines(providers),
        ...certificateWarnings(credentials, providers, clock.nowMs()),
      ]);
    tellUnusable(catalogue);
    const vault: Vault = createVault({
      values: credentials,
      onRefused: tellRefusals(logger, clock, (provider, status) => metrics.countRefusal(provider, status)),
      clock,
      send: (request, options) => sender.send(request, options),
      upstream: upstreamFor,
      providers: () => gateway.catalogue.providers,
    });
    const gateway: Gateway = new Gateway(
      {
        ...books,
        ledger: observedLedger(ledger, stage, backlog),
        validator: new ArgumentValidator(),
        vault,
        // A token server is asked past the breaker: that it fails says nothing of the API.
        sender: observedSender(withBreakers(sender, breakers), stage, (request) => traces?.mark(request) ?? request),
        onRetry: (provider) => metrics.countRetry(provider),
        admission,
        clock,
        upstreamFor,
        refusedHost: refusedHost(allowPrivate),
        reputations: new Reputations(books.ledger, books.ratings, clock),
        howToDeposit: (accountId) =>
          `ask this gateway's operator to credit the account: tollgate account credit ${accountId} <USDC>`,
      },
      catalogue,
      started.then(() =>
        indexOf(catalogue, config.dataDir, logger, (keep) => {
          if (closed !== undefined) return;
          const kept = keep();
          closers.unshift(() => kept);
        }),
      ),
    );
    const followCredentials = (all?: boolean): void => {
      credentials.refresh(all);
      tellUnusable(gateway.catalogue);
    };
    const following = setInterval(() => followCredentials(), CREDENTIALS_FOLLOWED_EVERY_MS);
    closers.unshift(() => Promise.resolve(clearInterval(following)));

    let draining = false;
    const ownAddress = (): OwnAddress => ({ host: config.host, port: portOf(server), publicUrl: config.publicUrl });
    const app = createApp({
      gateway,
      authenticator: observedAuthenticator(books.authenticator, stage),
      ownAddress,
      rateLimit: config.callsPerSecond === undefined ? undefined : new RateLimit(config.callsPerSecond, clock),
      addressLimit:
        config.requestsPerSecondByAddress === undefined
          ? undefined
          : new RateLimit(config.requestsPerSecondByAddress, clock, 'this address'),
      addressOf: (req) => clientAddress(req, config.trustedProxies),
      answers,
      metrics,
      traces,
      logger,
      draining: () => draining,
      problems: createReadiness({
        store: books.store,
        ledger,
        endpoints: () => gateway.catalogue.entries.length,
        draining: () => draining,
        logger,
      }),
      warnings: () => [...credentials.problems, ...unusable.lines, ...unmatched.lines],
      publishedKeys: () => publishedKeys(books.store.read),
    });
    const handle = app.callback();
    server.on('request', (req, res) => {
      // Of a connection that was ended meanwhile, what was read of it in one piece still comes.
      if (req.socket.writable) void handle(req, res);
    });
    const { maxConnections, trustedProxies } = config;
    // Behind a proxy all clients have its address.
    boundClients(server, { maxConnections, maxOfAddress: trustedProxies > 0 ? maxConnections : undefined });
    await listen(server, config.host, config.port);

    const sweeper = setInterval(() => void sweep(books, logger), SWEEP_EVERY_MS);
    closers.unshift(async () => {
      draining = true;
      clearInterval(sweeper);
      await drainServer(server, () => gateway.settled());
    });
    await sweep(books, logger);
    if (watch !== undefined) {
      const watching = watchSpecs({
        ...watch,
        dataDir: config.dataDir,
        catalogue,
        use: async (dir) => {
          const next = await Catalogue.open(dir, { files });
          await runSandboxFor(next);
          await gateway.use(next);
          tellUnmatched(next);
          return next;
        },
      });
      closers.unshift(() => watching.close());
    }
    nowStarted();
    return {
      url: ownUrl(ownAddress()),
      books,
      gateway,
      get sandbox() {
        return sandbox;
      },
      reloadCredentials: () => followCredentials(true),
      close: () => (closed ??= closeAll(closers)),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

function credentialStore(
  { dataDir, vaultKey: key, nextVaultKey: nextKey, vaultKeyFile: keyFile }: Config,
  clock: Clock,
): CredentialStore {
  return new CredentialStore({ dataDir, clock, key, nextKey, keyFile });
}

/** Money is only moved on books that are right. */
async function assertSoundBooks(ledger: Ledger): Promise<void> {
  const broken = (await ledger.checkMoney()).find((result) => result.violations.length > 0);
  if (broken === undefined) return;
  throw new StartError(
    `the ledger does not hold: ${broken.invariant}: ${broken.violations[0]}; no calls are taken; see \`tollgate ledger check\``,
  );
}

/** A large catalogue is indexed at the first start with it alone. `whileOpen` begins work that a stop has to wait for. */
async function indexOf(
  catalogue: Catalogue,
  dataDir: string,
  logger: Logger,
  whileOpen: (begin: () => Promise<void>) => void,
): Promise<SearchIndex> {
  if (catalogue.entries.length < FEWEST_STORED) return SearchIndex.build(catalogue);
  const stored = new StoredPostings(join(dataDir, 'search-index'), catalogue.digest);
  // A disk that fails here makes this start or the next one slower, and that is all.
  const warn = (error: unknown): undefined => void logger.warn({ err: error }, 'the search index is not kept');
  const postings = await stored.read().catch(warn);
  const index = await SearchIndex.build(catalogue, { postings });
  if (postings === undefined) whileOpen(() => stored.write(index.postings).catch(warn));
  return index;
}

async function assertFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error || !found.isDirectory()) {
    throw new StartError(`${dir} is no folder that can be watched; name the one of the documents with --specs`);
  }
}

async function sweep(books: Books, logger: Logger): Promise<void> {
  try {
    const swept = await books.ledger.sweep();
    await books.quotes.dropExpired();
    if (swept.released + swept.unknown > 0) logger.warn(swept, 'resolved calls that were lost');
    const { until: endOfKey, warning } = await books.followReceiptKey();
    if (warning !== undefined) logger.warn(warning);
    if (endOfKey !== undefined) {
      logger.error(
        { until: isoTime(endOfKey) },
        'the receipt key ends: set TOLLGATE_RECEIPT_KEY to another key and start again',
      );
    }
  } catch (error) {
    // The next turn tries again; readyz tells when the store is gone.
    logger.error({ err: error as Error }, 'sweep failed');
  }
}

/** What traces need is loaded only where they go somewhere. */
async function tracesTo(endpoint: string | undefined): Promise<Traces | undefined> {
  if (endpoint === undefined) return undefined;
  const { Traces } = await import('./telemetry/traces.js');
  return Traces.to(endpoint);
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error === null ? count : 0)));
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const at = `${host}:${port}`;
    if (code === 'EADDRINUSE')
      throw new StartError(`${at} is taken; stop what listens there or set PORT to another port`);
    if (code === 'EACCES') throw new StartError(`no permission to listen on ${at}; set PORT to a port above 1023`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError(`${host} is no address of this machine; set HOST to one that is, such as 127.0.0.1`);
    }
    throw error;
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

/** Runs each once, in order, also after one that fails; the first failure is thrown at the end. */
async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (let close = closers.shift(); close !== undefined; close = closers.shift()) {
    await close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
