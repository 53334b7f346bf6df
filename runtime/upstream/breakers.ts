/**
 * A circuit breaker for each provider: when so many calls in a row got no usable answer, no call is sent for a while;
 * then one is, as a probe, and its end decides. Whoever would call in between is told so before anything is held.
 *
 * What counts is what says that the provider itself is in trouble: no connection, no answer in time, an answer cut off
 * or without an end, a status of 500 or above. A 4xx is the buyer's doing and an answer, and one answer ends a row of
 * failures: so one buyer with arguments that an upstream cannot bear stops no provider that serves others. What the
 * gateway itself refuses of an answer does not count either way.
 */

import { circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen, type CircuitBreakerPolicy } from 'cockatiel';

import type { Limits } from '../../generated/contract.js';
import { GatewayError } from '../gateway-error.js';
import { inSeconds } from '../in-seconds.js';
import { DEFAULT_LIMITS } from './default-limits.js';
import { UpstreamFailure, type UpstreamFailureKind } from './upstream-failure.js';

/** In the order in which a breaker goes through them. */
export const BREAKER_STATES = ['closed', 'open', 'half-open'] as const;

export type BreakerState = (typeof BREAKER_STATES)[number];

const IN_TROUBLE: ReadonlySet<UpstreamFailureKind> = new Set(['connect', 'timeout', 'reset', 'truncated', 'flooding']);

const isTrouble = handleWhen((error) => error instanceof UpstreamFailure && IN_TROUBLE.has(error.kind)).orWhenResult(
  (answer) => (answer as { readonly status: number }).status >= 500,
);

/** Its times are the system's and not a clock's, because `policy` asks the system itself. */
interface Breaker {
  readonly policy: CircuitBreakerPolicy;
  readonly failures: number;
  readonly openMs: number;
  openedAtMs: number;
}

export class Breakers {
  readonly #breakers = new Map<string, Breaker>();

  /** @throws GatewayError PROVIDER_UNAVAILABLE where no call may be sent now. */
  check(provider: string, limits: Limits): void {
    const wait = this.secondsLeft(provider);
    if (wait === undefined || isOff(limits)) return;
    throw new GatewayError(
      'PROVIDER_UNAVAILABLE',
      `the provider ${provider} has failed ${this.#breakers.get(provider)!.failures} times in a row and is given a pause`,
      `call again after ${inSeconds(wait)}, or choose another provider; nothing was sent or charged`,
      { details: { retry_after_seconds: wait } },
    );
  }

  /** Seconds until a call may be sent again; undefined where one may be sent now. */
  secondsLeft(provider: string): number | undefined {
    const breaker = this.#breakers.get(provider);
    if (breaker === undefined || breaker.policy.state === CircuitState.Closed) return undefined;
    // The probe is under way.
    if (breaker.policy.state === CircuitState.HalfOpen) return 1;
    const leftMs = leftMsOf(breaker);
    return leftMs > 0 && leftMs <= breaker.openMs ? Math.ceil(leftMs / 1000) : undefined;
  }

  /**
   * Sends a call to the provider and counts how it ended.
   * @throws UpstreamFailure `circuit-open` where the breaker has opened since the check; else whatever `send` throws.
   */
  async run<Answer extends { readonly status: number }>(
    provider: string,
    limits: Limits,
    send: () => Promise<Answer>,
  ): Promise<Answer> {
    if (isOff(limits)) return send();
    const { policy } = this.#of(provider, limits);
    const wait = this.secondsLeft(provider);
    if (wait !== undefined) {
      const circumstances = { sent: false, retryAfterSeconds: wait };
      throw new UpstreamFailure('circuit-open', 'the provider is given a pause after failures', circumstances);
    }
    return policy.execute(send);
  }

  /** Of every provider that was called. */
  states(): ReadonlyMap<string, BreakerState> {
    return new Map([...this.#breakers].map(([provider, { policy }]) => [provider, nameOf(policy.state)]));
  }

  #of(provider: string, limits: Limits): Breaker {
    const failures = limits.breakerFailures ?? DEFAULT_LIMITS.breakerFailures;
    const openMs = limits.breakerOpenMs ?? DEFAULT_LIMITS.breakerOpenMs;
    const known = this.#breakers.get(provider);
    // If the clock was set back, its policy would send nothing until the time is what it was.
    if (known?.failures === failures && known.openMs === openMs && leftMsOf(known) <= openMs) return known;
    const policy = circuitBreaker(isTrouble, { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failures) });
    const breaker: Breaker = { policy, failures, openMs, openedAtMs: 0 };
    policy.onBreak(() => (breaker.openedAtMs = Date.now()));
    this.#breakers.set(provider, breaker);
    return breaker;
  }
}

/** Of its pause. If that is more than the whole of it, the clock was set back. */
function leftMsOf({ openedAtMs, openMs }: Breaker): number {
  return openedAtMs + openMs - Date.now();
}

function isOff({ breakerFailures }: Limits): boolean {
  return breakerFailures === 0;
}

function nameOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed';
  return state === CircuitState.HalfOpen ? 'half-open' : 'open';
}
