/**
 * How fast the answers of a provider are read: so many bytes a second, all of them together. An upstream that sends as
 * fast as it can would else have the event loop read for it and for nobody else.
 *
 * The generic cell rate algorithm (ITU-T I.371): instead of tokens it keeps the time at which what has come would have
 * come at the rate. What is ahead of that by no more than the tolerance goes on.
 */

import type { Clock } from '../clock.js';

/** So long may bytes come as fast as they will. */
const TOLERANCE_MS = 20;

export class Bandwidth {
  /** Epoch milliseconds at which the bytes so far would have come at the rate. */
  #conformingMs = 0;

  constructor(private readonly clock: Clock) {}

  /**
   * Counts bytes that have come.
   * @returns for how many milliseconds their connection is to be left unread; 0 where they came slowly enough
   */
  take(bytes: number, bytesPerSecond: number): number {
    const nowMs = this.clock.nowMs();
    this.#conformingMs = Math.max(this.#conformingMs, nowMs) + (bytes * 1_000) / bytesPerSecond;
    const aheadMs = this.#conformingMs - nowMs;
    return aheadMs <= TOLERANCE_MS ? 0 : Math.ceil(aheadMs - TOLERANCE_MS);
  }
}
