import type { ServerResponse } from 'node:http';

/** Tells when nobody waits for a response any more, or it is out: at once where that is so already. */
export function whenClosed(res: ServerResponse, tell: () => void): void {
  if (res.closed || res.destroyed) tell();
  else res.once('close', tell);
}

/**
 * Tells when the connection of a response ends before all of that is written. It is closed some turns of the event loop
 * later; by then the client may have asked again on another one. A response that waits for those before it is told only
 * when it is closed.
 * @returns stops listening.
 */
export function whenCut(res: ServerResponse, tell: () => void): () => void {
  const { socket } = res;
  const cut = () => {
    if (!res.writableEnded) tell();
  };
  if (socket?.readableEnded === true) cut();
  socket?.on('end', cut).on('error', cut);
  return () => socket?.off('end', cut).off('error', cut);
}
