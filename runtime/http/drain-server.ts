import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/** How long the requests under way may take to finish; then their connections are cut. */
const DRAIN_MS = 60_000;
const IDLE_CHECK_MS = 50;
/** How long a client that has not sent the whole head of its request may still take for it. */
const LAST_HEADS_MS = 1_000;

/**
 * Closes the server for new connections at once, and resolves when every request that came is answered.
 * @param settled resolves when the calls under way are settled: one may outlive the connection of its client.
 */
export async function drainServer(server: Server, settled: () => Promise<void>): Promise<void> {
  const disconnected = once(server, 'close');
  // `close` of an HTTP server would also stop its check for clients that send too slowly, and such a client would hold up
  // the end. `close` of a plain server leaves the check alone.
  NetServer.prototype.close.call(server);
  server.headersTimeout = LAST_HEADS_MS;
  // Not at once: of a busy client the next request is often on its way, and would be answered with a reset.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await disconnected;
  server.close();
  await settled();
  clearInterval(idle);
  clearTimeout(deadline);
}
