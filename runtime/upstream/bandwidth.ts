/**
 * How fast the answers of a provider are read: so many bytes a second, all of them together. An upstream that sends as
 * fast as it can would else have the event loop read for it and for nobody else.
 *
 * While it is ahead, its answers are read one after the other, the oldest first: read side by side, they would all be
 * held in memory until the last of them ends. Answers that are short so far are read in any case, so that they do not
 * wait for the long ones; their bytes count like all others.
 *
 * The rate is kept by the generic cell rate algorithm (ITU-T I.371): instead of tokens it has the time at which what has
 * come would have come at the rate.
 */

import type { Clock } from '../clock.js';

/** For this long, bytes may come as fast as they will. */
const TOLERANCE_MS = 20;
/** An answer is short up to here. */
const SHORT_BYTES = 262_144;

/** The connection that an answer comes on. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** An answer that is being read. */
export interface Reading {
  /** Counts bytes that have come, and leaves the connection unread for a while where they came too fast. */
  took(bytes: number): void;
  /** To be called once; nothing is paused or resumed from then on. */
  end(): void;
}

export class Bandwidth {
  /** Epoch milliseconds at which the bytes so far would have come at the rate. */
  #conformingMs = 0;
  /** What the clock has said last. */
  #seenMs = 0;
  #begun = 0;
  /** The answers that are left unread, by the order in which they were begun. */
  readonly #paused = new Map<number, Flow>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly clock: Clock) {}

  begin(flow: Flow, bytesPerSecond: number): Reading {
    const number = this.#begun++;
    let received = 0;
    return {
      took: (bytes) => {
        received += bytes;
        const nowMs = this.#nowMs();
        this.#conformingMs = Math.max(this.#conformingMs, nowMs) + (bytes * 1_000) / bytesPerSecond;
        if (received <= SHORT_BYTES || this.#aheadMs() <= 0) return;
        flow.pause();
        this.#paused.set(number, flow);
        this.#timer ??= this.#resumeLater();
      },
      end: () => {
        this.#paused.delete(number);
        if (this.#paused.size > 0) return;
        clearTimeout(this.#timer);
        this.#timer = undefined;
      },
    };
  }

  #aheadMs(): number {
    // The clock is read first: if it was set back, that moves the conforming time too.
    const nowMs = this.#nowMs();
    return this.#conformingMs - nowMs - TOLERANCE_MS;
  }

  /** A clock that was set back takes the conforming time with it, or nothing would be read until it is what it was. */
  #nowMs(): number {
    const nowMs = this.clock.nowMs();
    this.#conformingMs -= Math.max(0, this.#seenMs - nowMs);
    this.#seenMs = nowMs;
    return nowMs;
  }

  #resumeLater(): NodeJS.Timeout {
    return setTimeout(
      () => {
        const [number, flow] = oldest(this.#paused);
        this.#paused.delete(number);
        flow.resume();
        this.#timer = this.#paused.size === 0 ? undefined : this.#resumeLater();
      },
      Math.max(1, Math.ceil(this.#aheadMs())),
    );
  }
}

/** Of some. There are no more of them than calls of one provider under way. */
function oldest(paused: ReadonlyMap<number, Flow>): readonly [number, Flow] {
  return [...paused].reduce((first, each) => (each[0] < first[0] ? each : first));
}
