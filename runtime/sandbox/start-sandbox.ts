/**
 * The sandbox provider's upstream: a small real HTTP server, with which everything can be tried without the network.
 * It does what `specs/sandbox/openapi.yaml` says, and its bodies depend on the requests alone, never on the time.
 *
 * It knows nothing of the gateway and shares no code with it, so that a test that compares the two compares two things.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { answerProblems } from './answer-problems.js';
import { SandboxKey } from './sandbox-key.js';
import { createSandboxRouter } from './sandbox-router.js';

export interface SandboxOptions {
  /** `127.0.0.1` unless told otherwise. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The one secret that it accepts: see `SandboxKey` for what it may hold. */
  readonly key: string;
  /** Milliseconds on a clock that only goes forward: decides when access tokens end. */
  readonly nowMs?: () => number;
}

export interface Sandbox {
  readonly url: string;
  readonly port: number;
  /** How many requests have arrived since the start, those to unknown paths included. */
  readonly requests: number;
  /** Hangs up on every client, whatever it waits for, and frees the port. */
  close(): Promise<void>;
}

/** A body that is not here by then is given up. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Resolves when it listens.
 *
 * @throws RefusedCommand for a key that cannot travel; what `listen` says, such as `EADDRINUSE` for a port that is taken.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host = '127.0.0.1', port, key, nowMs = () => performance.now() } = options;
  const router = createSandboxRouter(new SandboxKey(key), nowMs);

  const app = new Koa();
  app.use(answerProblems).use(router.routes()).use(router.allowedMethods());
  app.on('error', (error: Error, ctx?: Koa.Context) => {
    // Clients that hang up are what half of the sandbox is for; all else is a bug, which Koa reports.
    if (!ctx?.req.socket.destroyed) app.onerror(error);
  });

  let requests = 0;
  const serve = app.callback();
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    requests += 1;
    void serve(request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');

  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    get requests() {
      return requests;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
