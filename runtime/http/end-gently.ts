import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** How long a client may go on sending what nobody wants any more: as long as it may take for the head of a request. */
export const LINGER_MS = 10_000;

/**
 * Has the client of a request that was answered before it was read read the answer. Where that is the connection's last
 * one, Node closes it, and what still comes in is answered with a reset, at which the client loses the answer too. Here
 * the answer's end is said, and what comes in is thrown away until the request is whole (RFC 9112 section 9.6).
 */
export function endGently(req: IncomingMessage, lingerMs: number): void {
  const { socket } = req;
  const close = () => Socket.prototype.destroySoon.call(socket);
  // What Node calls when the last answer is out. By then a connection that was kept may be at a later request.
  socket.destroySoon = () => {
    if (req.complete) return close();
    socket.end();
    const deadline = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(deadline));
    req.once('end', close).resume();
  };
}
