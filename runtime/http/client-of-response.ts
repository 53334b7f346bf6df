import type { ServerResponse } from 'node:http';

import type { WaitingClient } from '../call/waiting-client.js';
import { whenClosed } from './when-closed.js';

/**
 * The client that waits for a response. Nearly all of them wait until they have it, and nobody listens for their going:
 * a controller is dear beside all else that a request takes, and is made only for who listens.
 */
export class ClientOfResponse implements WaitingClient {
  hasGone = false;
  #controller: AbortController | undefined;

  constructor(res: ServerResponse) {
    whenClosed(res, () => {
      if (!res.writableFinished) this.#leave();
    });
  }

  get gone(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.hasGone) this.#controller.abort();
    return this.#controller.signal;
  }

  #leave(): void {
    this.hasGone = true;
    this.#controller?.abort();
  }
}
