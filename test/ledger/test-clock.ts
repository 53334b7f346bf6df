/** A clock that stands still until a test moves it. Randomness stays random. */

import { systemClock, type Clock } from '../../runtime/clock.js';

export class TestClock implements Clock {
  /** 2026-03-09T12:00:00Z. */
  #nowMs = 1_773_057_600_000;

  nowMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  randomBytes(count: number): Uint8Array {
    return systemClock.randomBytes(count);
  }
}
