/**
 * The one way in for time and randomness, so that a test can set both and a failing run can be repeated.
 */

import { randomBytes } from 'node:crypto';

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** `count` bytes from a cryptographically secure source. */
  randomBytes(count: number): Uint8Array;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  randomBytes: (count) => randomBytes(count),
};

/** An id that cannot be guessed: the prefix and 128 random bits in hex, such as `call_9f2c…`. */
export function newId(clock: Clock, prefix: string): string {
  return `${prefix}_${Buffer.from(clock.randomBytes(16)).toString('hex')}`;
}
