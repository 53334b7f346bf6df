/**
 * The ledger, which opens no calls for a while after it could not settle one. On a disk that is all but full a hold may
 * still find room where an answer and its receipt do not: then each call would be sent, and none could be charged.
 * After the pause a call is let through, and how it settles decides.
 */

import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import type { Ledger } from './ledger.js';

const PAUSE_MS = 5_000;

export function pausingLedger(ledger: Ledger, clock: Clock): Ledger {
  let pausedUntilMs = 0;

  async function settling<Result>(settled: Promise<Result>): Promise<Result> {
    try {
      const result = await settled;
      pausedUntilMs = 0;
      return result;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'STORE_UNAVAILABLE') pausedUntilMs = clock.nowMs() + PAUSE_MS;
      throw error;
    }
  }

  function assertTakesCalls(): void {
    const leftMs = pausedUntilMs - clock.nowMs();
    // More than the pause is left where the clock was set back.
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
    openCall: async (open) => {
      assertTakesCalls();
      return ledger.openCall(open);
    },
    capture: (capture) => settling(ledger.capture(capture)),
    release: (release) => settling(ledger.release(release)),
  };
}
