import type { ServerResponse } from 'node:http';

/** Tells when nobody waits for a response any more, or it is out: at once where that is so already. */
export function whenClosed(res: ServerResponse, tell: () => void): void {
  if (res.closed || res.destroyed) tell();
  else res.once('close', tell);
}
