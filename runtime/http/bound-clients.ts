/**
 * What clients may hold of the server, and for how long: one that sends slowly, reads slowly or never ends loses its
 * connection; one that opens too many gets no more of them, so that others find room. A request that is being worked on
 * is no such client: how long that takes is the upstream's limit.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ClientBounds {
  /** Connections at a time. */
  readonly maxConnections: number;
  /** Of those, the ones of a single address: a quarter of them unless given. */
  readonly maxOfAddress?: number;
  /** How long an answer may wait for its client to take more of it, in milliseconds. */
  readonly stalledMs?: number;
}

const STALLED_MS = 30_000;

export function boundClients(server: Server, bounds: ClientBounds): void {
  const { maxConnections, maxOfAddress = Math.ceil(maxConnections / 4), stalledMs = STALLED_MS } = bounds;
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  server.maxHeadersCount = 100;
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
  server.prependListener('request', (_, res) => {
    // From here on what the client has not read of the answer is in memory, where it is not all of it gone.
    res.once('prefinish', () => {
      if ((res.socket?.writableLength ?? 0) > 0) res.setTimeout(stalledMs, () => res.destroy());
    });
  });
}
