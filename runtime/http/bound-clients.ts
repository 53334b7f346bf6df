/**
 * What a client may hold of the server, and for how long: one that sends slowly, reads slowly or never ends loses its
 * connection. A request that is being worked on is no such client: how long that takes is the upstream's limit.
 */

import type { Server } from 'node:http';

/** How long an answer may wait for its client to take more of it. */
const STALLED_MS = 30_000;

export function boundClients(server: Server, stalledMs = STALLED_MS): void {
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  server.maxHeadersCount = 100;
  // Before whoever answers: that may happen at once.
  server.prependListener('request', (_, res) => {
    // From here on the whole answer is in memory, until the client has read it.
    res.once('prefinish', () => res.setTimeout(stalledMs, () => res.destroy()));
  });
}
