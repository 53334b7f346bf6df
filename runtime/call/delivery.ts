/**
 * Whether the answers of calls reach the client that waits for them, as far as the gateway can see: one that was handed
 * whole to a connection that stood counts as delivered. Whoever knows the connection says when it is lost; whoever makes
 * calls says which of them are waited for. The two may come in either order.
 */

import type { CallId } from '../ledger/ledger.js';

export class Delivery {
  readonly #calls: CallId[] = [];
  #lost = false;

  /** @param undelivered is told of each call whose answer will not arrive, once. */
  constructor(private readonly undelivered: (callId: CallId) => void) {}

  /** The client waits for the answer of this call. */
  expect(callId: CallId): void {
    if (this.#lost) this.undelivered(callId);
    else this.#calls.push(callId);
  }

  /** The client has gone, and not all was handed to it. */
  lose(): void {
    this.#lost = true;
    for (const callId of this.#calls.splice(0)) this.undelivered(callId);
  }
}
