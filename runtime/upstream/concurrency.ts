/**
 * How many calls to one provider are under way at a time. Those above the limit wait in the order in which they came,
 * in a queue that is bounded in length and in time, and are refused at its bounds: a provider that is stuck holds its
 * own callers up for a while, and nobody else.
 */

import { GatewayError } from '../gateway-error.js';

export interface ConcurrencyOptions {
  /** Calls that may wait for one provider. */
  readonly maxQueue?: number;
  /** Milliseconds that a call may wait. */
  readonly maxWaitMs?: number;
}

/** Gives the place back; calling it again does nothing. */
export type Release = () => void;

interface Waiter {
  readonly admit: () => void;
}

interface Lane {
  running: number;
  readonly waiting: Waiter[];
}

export class Concurrency {
  readonly #lanes = new Map<string, Lane>();
  readonly #maxQueue: number;
  readonly #maxWaitMs: number;

  constructor({ maxQueue = 256, maxWaitMs = 10_000 }: ConcurrencyOptions = {}) {
    this.#maxQueue = maxQueue;
    this.#maxWaitMs = maxWaitMs;
  }

  /** A place among the provider's calls, where one is free now and nobody waits for it. */
  tryAcquire(provider: string, limit: number): Release | undefined {
    const lane = this.#lanes.get(provider) ?? { running: 0, waiting: [] };
    if (lane.running >= limit || lane.waiting.length > 0) return undefined;
    this.#lanes.set(provider, lane);
    lane.running += 1;
    return this.#releaseOf(provider, lane);
  }

  /**
   * Waits for a place among the provider's calls.
   *
   * @param limit calls at a time, from the provider's `Limits.concurrency`.
   * @throws GatewayError PROVIDER_BUSY where the queue is full or the wait too long; the signal's reason where aborted.
   */
  async acquire(provider: string, limit: number, signal?: AbortSignal): Promise<Release> {
    signal?.throwIfAborted();
    const free = this.tryAcquire(provider, limit);
    if (free !== undefined) return free;
    const lane = this.#lanes.get(provider) ?? { running: 0, waiting: [] };
    this.#lanes.set(provider, lane);
    if (lane.waiting.length >= this.#maxQueue) {
      throw this.#busy(provider, `${lane.waiting.length} calls are waiting for it`);
    }
    await this.#wait(provider, lane, signal);
    return this.#releaseOf(provider, lane);
  }

  /** Calls to the provider that are under way, and that wait. */
  load(provider: string): { readonly running: number; readonly waiting: number } {
    const lane = this.#lanes.get(provider);
    return { running: lane?.running ?? 0, waiting: lane?.waiting.length ?? 0 };
  }

  /** Resolves when a place has been handed over: the one who releases keeps it counted, so that nobody slips in. */
  #wait(provider: string, lane: Lane, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const giveUp = (error: Error): void => {
        lane.waiting.splice(lane.waiting.indexOf(waiter), 1);
        leave();
        reject(error);
      };
      const onAbort = (): void => giveUp(signal?.reason instanceof Error ? signal.reason : new Error('cancelled'));
      const timer = setTimeout(() => {
        giveUp(this.#busy(provider, `no place came free within ${this.#maxWaitMs} ms`));
      }, this.#maxWaitMs);
      const waiter: Waiter = {
        admit: () => {
          leave();
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      lane.waiting.push(waiter);
    });
  }

  #releaseOf(provider: string, lane: Lane): Release {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#release(provider, lane);
    };
  }

  #release(provider: string, lane: Lane): void {
    const next = lane.waiting.shift();
    if (next !== undefined) {
      next.admit();
      return;
    }
    lane.running -= 1;
    if (lane.running === 0) this.#lanes.delete(provider);
  }

  #busy(provider: string, why: string): GatewayError {
    return new GatewayError('PROVIDER_BUSY', `the provider ${provider} is busy: ${why}`, 'try again a little later', {
      details: { retry_after_seconds: Math.ceil(this.#maxWaitMs / 1000) },
    });
  }
}
