import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Responses that wait for those before them on their connection (HTTP pipelining). Node hands over each request as soon
 * as it is read, even hundreds of them at once, and holds back each response until its turn. Of the end of the connection
 * it tells only the response whose turn it is. Here a connection with too many waiting responses is ended, and all of a
 * connection's responses are told of its end.
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
