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
  randomBytes: (count) => (count <= MOST_POOLED_BYTES ? pooledBytes(count) : randomBytes(count)),
};

/** Asking the system for random bytes costs the same for an id's sixteen as for some thousands. */
const POOL_BYTES = 8_192;
const MOST_POOLED_BYTES = 64;
let pool = Buffer.alloc(0);
let given = 0;

/** Bytes of the pool, each of which is given away once and then wiped out. */
function pooledBytes(count: number): Uint8Array {
  if (pool.byteLength - given < count) {
    pool = randomBytes(POOL_BYTES);
    given = 0;
  }
  const bytes = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    bytes[index] = pool[given + index]!;
    pool[given + index] = 0;
  }
  given += count;
  return bytes;
}

/** An id that cannot be guessed: the prefix and 128 random bits in hex, such as `call_9f2c…`. */
export function newId(clock: Clock, prefix: string): string {
  return `${prefix}_${Buffer.from(clock.randomBytes(16)).toString('hex')}`;
}

/** ISO 8601 in UTC. @param seconds since the Unix epoch, as receipts and statements count */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Whether there is such a day: JavaScript takes 30 February for 2 March. @param date as `2026-03-09` */
export function isDay(date: string): boolean {
  const startsAt = new Date(`${date.slice(0, 7)}-01T00:00:00Z`);
  const days = new Date(Date.UTC(startsAt.getUTCFullYear(), startsAt.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Number(date.slice(8, 10));
  return day >= 1 && day <= days;
}
