/** Waits as long as there is somebody to wait for. */

import type { ServerResponse } from 'node:http';

/**
 * Resolves to true after `delayMs`, or to false as soon as the client has hung up or the sandbox has closed: no timer
 * outlives its request.
 */
export function pause(response: ServerResponse, delayMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const hungUp = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      response.off('close', hungUp);
      resolve(true);
    }, delayMs);
    if (response.destroyed || response.closed) hungUp();
    else response.once('close', hungUp);
  });
}
