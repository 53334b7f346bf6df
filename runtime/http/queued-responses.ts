import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Responses that wait for those before them on their connection (HTTP pipelining). Node hands over each request at once
 * that it has read, hundreds of them in one piece, and holds their answers until it is their turn; and it tells a response
 * of its connection's end only where that is so. Here a connection with too many of them ends, and each is told.
 */
export class QueuedResponses {
  readonly #ofSocket = new WeakMap<Socket, Set<ServerResponse>>();

  /** @param most that a connection may have. */
  constructor(private readonly most: number) {}

  /** To be called with each request as it comes in. */
  follow({ socket }: IncomingMessage, res: ServerResponse): void {
    const isItsTurn = res.socket !== null;
    if (isItsTurn || socket.destroyed) return;
    const queued = this.#ofSocket.get(socket) ?? this.#begin(socket);
    queued.add(res);
    res.once('socket', () => {
      queued.delete(res);
      // How long the answer before it may wait to be read is no limit of this one.
      socket.setTimeout(0);
    });
    if (queued.size > this.most) socket.destroy();
  }

  #begin(socket: Socket): Set<ServerResponse> {
    const queued = new Set<ServerResponse>();
    this.#ofSocket.set(socket, queued);
    socket.once('close', () => {
      for (const res of queued) res.destroy().emit('close');
    });
    return queued;
  }
}
