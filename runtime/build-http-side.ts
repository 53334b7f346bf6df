import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Logger } from 'pino';

import type { Books } from './books.js';
import type { Telemetry } from './build-telemetry.js';
import type { Clock } from './clock.js';
import type { Config } from './config.js';
import type { Gateway } from './gateway.js';
import { createApp } from './http/app.js';
import { boundClients } from './http/bound-clients.js';
import { clientAddress } from './http/client-address.js';
import { clientPlaces, mostOpenFiles } from './http/client-places.js';
import { drainServer } from './http/drain-server.js';
import { ownUrl, type OwnAddress } from './http/own-address.js';
import { RateLimit } from './http/rate-limit.js';
import { RequestMemory } from './http/request-memory.js';
import type { PausingLedger } from './ledger/pausing-ledger.js';
import { createReadiness } from './readiness.js';
import { publishedKeys } from './receipt/published-keys.js';
import { StartError } from './start-error.js';
import { observedAuthenticator } from './telemetry/observed.js';
import type { AnswerMemory } from './upstream/answer-memory.js';

/** The server that clients talk to. */
export interface HttpSide {
  /** Where clients find it: the public URL, or the address that it listens on. Known once it listens. */
  readonly url: string;
  /** How many clients are connected. */
  connections(): Promise<number>;
  /** @throws StartError where it cannot listen on the address of the settings. */
  listen(): Promise<void>;
  /** Takes nothing new, and resolves when all that came is answered and settled. */
  close(): Promise<void>;
}

export interface HttpSideOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gateway: Gateway;
  readonly books: Books;
  readonly ledger: PausingLedger;
  readonly answers: AnswerMemory;
  readonly telemetry: Telemetry;
  /** What calls can be taken in spite of, but not for good. */
  readonly warnings: () => readonly string[];
}

/** How often the server looks for clients that send too slowly. */
const CLIENTS_CHECKED_EVERY_MS = 1_000;

export function buildHttpSide(options: HttpSideOptions): HttpSide {
  const { config, clock, logger, gateway, books, ledger, answers, telemetry, warnings } = options;
  const { metrics, traces, stage } = telemetry;
  const server = createServer({ connectionsCheckingInterval: CLIENTS_CHECKED_EVERY_MS });
  const ownAddress = (): OwnAddress => ({ host: config.host, port: portOf(server), publicUrl: config.publicUrl });
  let isDraining = false;
  const draining = (): boolean => isDraining;

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
    requests: new RequestMemory(),
    metrics,
    traces,
    logger,
    draining,
    problems: createReadiness({
      store: books.store,
      ledger,
      endpoints: () => gateway.catalogue.entries.length,
      draining,
      logger,
    }),
    warnings,
    publishedKeys: () => publishedKeys(books.store.read),
  });
  const handle = app.callback();
  server.on('request', (req, res) => {
    // Of a connection that was ended meanwhile, what was read of it in one piece still comes.
    if (req.socket.writable) void handle(req, res);
  });
  const { trustedProxies } = config;
  const { maxConnections, warning } = clientPlaces(config.maxConnections, mostOpenFiles());
  if (warning !== undefined) logger.warn(warning);
  // Behind a proxy all clients have its address.
  boundClients(server, { maxConnections, maxOfAddress: trustedProxies > 0 ? maxConnections : undefined });

  return {
    get url() {
      return ownUrl(ownAddress());
    },
    connections: () => connectionsOf(server),
    listen: () => listen(server, config.host, config.port),
    close: () => {
      isDraining = true;
      return drainServer(server, () => gateway.settled());
    },
  };
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
