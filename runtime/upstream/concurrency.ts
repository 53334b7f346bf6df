/**
 * How many calls to one provider are under way at a time. Those above the limit wait in the order in which they came,
 * in a queue that is bounded in length and in time, and are refused at its bounds: a provider that is stuck holds its
 * own callers up for a while, and nobody else.
 */

import type { Limits } from '../../generated/contract.js';
import { GatewayError } from '../gateway-error.js';
import { DEFAULT_LIMITS } from './default-limits.js';

/** Of a provider's limits, those that bear on how many calls there are at a time. */
export type PlaceLimits = Pick<Limits, 'concurrency' | 'queue' | 'queueTimeoutMs'>;

/** Gives the place back; calling it again does nothing. */
export type Release = () => void;

interface Waiter {
  readonly admit: () => void;
}

interface Lane {
  /** As the latest call has it: the provider's settings may change while calls wait. */
  limit: number;
  running: number;
  readonly waiting: Waiter[];
}

export class Concurrency {
  readonly #lanes = new Map<string, Lane>();

  /** @throws GatewayError PROVIDER_BUSY where a call would find neither a place nor room to wait for one. */
  check(provider: string, limits: PlaceLimits): void {
    const lane = this.#lanes.get(provider);
    if (lane === undefined || lane.running < limits.concurrency) return;
    const { queue = DEFAULT_LIMITS.queue } = limits;
    if (lane.waiting.length >= queue) throw busy(provider, limits, `${lane.waiting.length} calls are waiting for it`);
  }

  /** A place among the provider's calls, where one is free now and nobody waits for it. */
  tryAcquire(provider: string, limit: number): Release | undefined {
    const lane = this.#lanes.get(provider) ?? { limit, running: 0, waiting: [] };
    lane.limit = limit;
    admitWaiting(lane);
    if (lane.running >= limit) return undefined;
    this.#lanes.set(provider, lane);
    lane.running += 1;
    return this.#releaseOf(provider, lane);
  }

  /**
   * Waits for a place among the provider's calls.
   *
   * @throws GatewayError PROVIDER_BUSY where the queue is full or the wait too long; the signal's reason where aborted.
   */
  async acquire(provider: string, limits: PlaceLimits, signal?: AbortSignal): Promise<Release> {
    signal?.throwIfAborted();
    const free = this.tryAcquire(provider, limits.concurrency);
    if (free !== undefined) return free;
    this.check(provider, limits);
    // Where no place is free there are calls.
    const lane = this.#lanes.get(provider)!;
    await this.#wait(provider, limits, lane, signal);
    return this.#releaseOf(provider, lane);
  }

  /** Calls that are under way, and that wait, of every provider that has any. */
  loads(): ReadonlyMap<string, { readonly running: number; readonly waiting: number }> {
    return new Map(
      [...this.#lanes].map(([provider, { running, waiting }]) => [provider, { running, waiting: waiting.length }]),
    );
  }

  /** Resolves when a place has been given, which is counted already, so that nobody slips in. */
  #wait(provider: string, limits: PlaceLimits, lane: Lane, signal: AbortSignal | undefined): Promise<void> {
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
      const { queueTimeoutMs = DEFAULT_LIMITS.queueTimeoutMs } = limits;
      const timer = setTimeout(() => {
        giveUp(busy(provider, limits, `no place came free within ${queueTimeoutMs} ms`));
      }, queueTimeoutMs);
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
    lane.running -= 1;
    admitWaiting(lane);
    if (lane.running === 0) this.#lanes.delete(provider);
  }
}

function admitWaiting(lane: Lane): void {
  while (lane.running < lane.limit && lane.waiting.length > 0) {
    lane.running += 1;
    lane.waiting.shift()!.admit();
  }
}

function busy(provider: string, { queueTimeoutMs }: PlaceLimits, why: string): GatewayError {
  const wait = Math.ceil((queueTimeoutMs ?? DEFAULT_LIMITS.queueTimeoutMs) / 1000);
  return new GatewayError('PROVIDER_BUSY', `the provider ${provider} is busy: ${why}`, 'try again a little later', {
    details: { retry_after_seconds: wait },
  });
}
