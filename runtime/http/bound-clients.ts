/**
 * What clients may hold of the server, and for how long: one that sends slowly, reads slowly or never ends loses its
 * connection; one that opens too many gets no more of them, so that others find room, and one that asks on and on without
 * waiting for answers loses it too. A request that is being worked on is no such client: how long that takes is the
 * upstream's limit.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

import { endGently, LINGER_MS } from './end-gently.js';
import { QueuedResponses } from './queued-responses.js';

export interface ClientBounds {
  /** Connections at a time. */
  readonly maxConnections: number;
  /** Of those, the ones of a single address: a quarter of them unless given. */
  readonly maxOfAddress?: number;
  /** How long an answer may wait for its client to take more of it, in milliseconds. */
  readonly stalledMs?: number;
  /** How long a client may still send a request that is answered, before its connection is closed, in milliseconds. */
  readonly lingerMs?: number;
  /** Requests of a connection that may wait behind another one of it. */
  readonly mostQueued?: number;
}

const STALLED_MS = 30_000;
const MOST_QUEUED = 32;

export function boundClients(server: Server, bounds: ClientBounds): void {
  const { maxConnections, maxOfAddress = Math.ceil(maxConnections / 4) } = bounds;
  const { stalledMs = STALLED_MS, lingerMs = LINGER_MS, mostQueued = MOST_QUEUED } = bounds;
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  // Beyond a count Node leaves headers out without a word, be it an Origin or an idempotency key. Their bytes are bounded.
  server.maxHeadersCount = 0;
  server.maxConnections = maxConnections;
  const ofAddress = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (ofAddress.get(address) ?? 0) + 1;
    ofAddress.set(address, count);
    socket.once('close', () => {
      const left = ofAddress.get(address)! - 1;
      if (left === 0) ofAddress.delete(address);
      else ofAddress.set(address, left);
    });
    if (count > maxOfAddress) socket.destroy();
  });
  // Before whoever answers: that may happen at once.
  const queued = new QueuedResponses(mostQueued);
  server.prependListener('request', (req, res) => {
    queued.follow(req, res);
    // From here on what the client has not read of the answer is in memory, where it is not all of it gone.
    res.once('prefinish', () => {
      if ((res.socket?.writableLength ?? 0) > 0) res.setTimeout(stalledMs, () => res.destroy());
      if (!req.complete) endGently(req, lingerMs);
    });
  });
}
