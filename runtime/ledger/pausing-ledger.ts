/**
 * A ledger that opens no calls for a while after it could not settle one. On a disk that is nearly full a hold may
 * still fit where an answer and its receipt do not: then every call would be sent, and none could be charged. After the
 * pause calls are let through again, and whether they can be settled decides.
 *
 * For the same reason it remembers that calls could not be stored: that a smaller write fits says nothing about them.
 */

import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import type { Ledger } from './ledger.js';

const PAUSE_MS = 5_000;
/**
 * How long a failure counts. After that the gateway says that it is ready again: without new calls it would never know.
 */
const FAILING_MS = 30_000;

export interface PausingLedger extends Ledger {
  /** Whether a call could not be stored a moment ago, and none has been since. */
  readonly failsCalls: () => boolean;
}

/** @param onFail is told that calls cannot be stored, at most once in 30 seconds. */
export function pausingLedger(ledger: Ledger, clock: Clock, onFail?: (error: GatewayError) => void): PausingLedger {
  let pausedUntilMs = 0;
  /** Undefined where the last one was stored. That a hold was stored says nothing of settling, which takes more room. */
  const failedAtMs: { opening?: number | undefined; settling?: number | undefined } = {};

  let toldAtMs: number | undefined;

  async function storing<Result>(what: 'opening' | 'settling', stored: Promise<Result>): Promise<Result> {
    try {
      const result = await stored;
      failedAtMs.opening = undefined;
      if (what === 'settling') {
        failedAtMs.settling = undefined;
        pausedUntilMs = 0;
      }
      return result;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'STORE_UNAVAILABLE') {
        failedAtMs[what] = clock.nowMs();
        if (!isLately(toldAtMs)) {
          toldAtMs = clock.nowMs();
          onFail?.(error);
        }
        if (what === 'settling') pausedUntilMs = clock.nowMs() + PAUSE_MS;
      }
      throw error;
    }
  }

  function isLately(atMs = -Infinity): boolean {
    const sinceMs = clock.nowMs() - atMs;
    return sinceMs >= 0 && sinceMs < FAILING_MS;
  }

  function assertTakesCalls(): void {
    const leftMs = pausedUntilMs - clock.nowMs();
    // If more than the whole pause seems to be left, the clock was set back.
    if (leftMs > 0 && leftMs <= PAUSE_MS) {
      throw new GatewayError(
        'STORE_UNAVAILABLE',
        'the gateway takes no calls, because the last answer could not be stored',
        'call again in a few seconds; nothing was sent or charged',
        { details: { retry_after_seconds: Math.ceil(leftMs / 1000) } },
      );
    }
    ledger.assertTakesCalls();
  }

  return {
    ...ledger,
    assertTakesCalls,
    failsCalls: () => isLately(failedAtMs.opening) || isLately(failedAtMs.settling),
    openCall: async (open) => {
      assertTakesCalls();
      return storing('opening', ledger.openCall(open));
    },
    capture: (capture) => storing('settling', ledger.capture(capture)),
    release: (release) => storing('settling', ledger.release(release)),
  };
}
