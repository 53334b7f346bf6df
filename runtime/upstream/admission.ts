/**
 * Whether a call may go to its provider now: the breaker is closed, the provider's rate is not used up, there is room
 * for answers, and there is a place among its calls, or in the queue for one. The first three are looked at before
 * anything is held, so that what they refuse costs nothing, not even a write.
 *
 * Invariant: what one provider uses up is its own (its places, its queue, its rate, its breaker); only the memory for
 * answers is shared, and no answer may take more of it than its provider's limit.
 */

import type { Limits } from '../../generated/contract.js';
import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import { inSeconds } from '../in-seconds.js';
import { rateLimited } from '../rate-limited.js';
import { TokenBuckets } from '../token-buckets.js';
import { ANSWERS_TAKE_ALL, type AnswerMemory } from './answer-memory.js';
import type { Breakers } from './breakers.js';
import { Concurrency, type Release } from './concurrency.js';

export interface AdmissionOptions {
  readonly breakers: Breakers;
  readonly answers: AnswerMemory;
  readonly clock: Clock;
}

export class Admission {
  readonly #concurrency = new Concurrency();
  readonly #rates: TokenBuckets;
  readonly #breakers: Breakers;
  readonly #answers: AnswerMemory;

  constructor({ breakers, answers, clock }: AdmissionOptions) {
    this.#rates = new TokenBuckets(clock);
    this.#breakers = breakers;
    this.#answers = answers;
  }

  /**
   * Lets a call in, or refuses it. To be asked once for a call, before its hold.
   * @throws GatewayError PROVIDER_UNAVAILABLE, GATEWAY_BUSY, PROVIDER_BUSY or RATE_LIMITED
   */
  check(provider: string, limits: Limits): void {
    this.#breakers.check(provider, limits);
    if (this.#answers.isFull) throw gatewayBusy();
    this.#concurrency.check(provider, limits);
    if (limits.ratePerSecond === undefined) return;
    const wait = this.#rates.take(provider, limits.ratePerSecond);
    if (wait > 0) {
      throw rateLimited(
        `the provider ${provider} takes no more than ${limits.ratePerSecond} calls a second here`,
        wait,
      );
    }
  }

  /** What an agent is told of a provider whose breaker is open; undefined where calls may be sent. */
  pause(provider: string): string | undefined {
    const wait = this.#breakers.secondsLeft(provider);
    return wait === undefined ? undefined : `the provider fails at the moment; call again after ${inSeconds(wait)}`;
  }

  /** A call that was let in is not made after all: it has not used up the provider's rate. */
  takeBack(provider: string, { ratePerSecond }: Limits): void {
    if (ratePerSecond !== undefined) this.#rates.giveBack(provider);
  }

  /** A place among the provider's calls, where one is free now and nobody waits for it. */
  tryEnter(provider: string, limits: Limits): Release | undefined {
    return this.#concurrency.tryAcquire(provider, limits.concurrency);
  }

  /**
   * Waits for a place among the provider's calls.
   * @throws GatewayError PROVIDER_BUSY, or PROVIDER_UNAVAILABLE where its breaker opened meanwhile; the signal's reason
   *   where it is aborted
   */
  async enter(provider: string, limits: Limits, signal?: AbortSignal): Promise<Release> {
    const leave = await this.#concurrency.acquire(provider, limits, signal);
    try {
      this.#breakers.check(provider, limits);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Calls under way and waiting, of the providers that have any. */
  loads(): ReturnType<Concurrency['loads']> {
    return this.#concurrency.loads();
  }
}

function gatewayBusy(): GatewayError {
  return new GatewayError('GATEWAY_BUSY', ANSWERS_TAKE_ALL, 'call again in a second; nothing was sent or charged', {
    details: { retry_after_seconds: 1 },
  });
}
