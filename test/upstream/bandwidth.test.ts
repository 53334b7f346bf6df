import assert from 'node:assert/strict';

import { Bandwidth } from '../../runtime/upstream/bandwidth.js';

/** What is paused for after each of these bytes, by the time at which they come. */
function pauses(
  bytesPerSecond: number,
  arrivals: readonly (readonly [atMs: number, bytes: number])[],
): readonly number[] {
  const clock = { nowMs: () => 0, randomBytes: () => new Uint8Array() };
  const bandwidth = new Bandwidth(clock);
  return arrivals.map(([atMs, bytes]) => {
    clock.nowMs = () => 1_700_000_000_000 + atMs;
    return bandwidth.take(bytes, bytesPerSecond);
  });
}

describe('the bandwidth of a provider', () => {
  it('lets bytes through that come at its rate, or slower', () => {
    const steady = [0, 10, 20, 30, 1_000].map((atMs) => [atMs, 10_000] as const);
    assert.deepEqual(pauses(1_000_000, steady), [0, 0, 0, 0, 0]);
  });

  it('lets a little come at once, and then pauses until the rate is kept again', () => {
    const atOnce = [0, 0, 0, 0].map((atMs) => [atMs, 10_000] as const);
    assert.deepEqual(pauses(1_000_000, atOnce), [0, 0, 10, 20]);
  });

  it('goes on after a pause as if nothing had been', () => {
    assert.deepEqual(
      pauses(1_000_000, [
        [0, 50_000],
        [30, 1_000],
        [100, 20_000],
      ]),
      [30, 1, 0],
    );
  });

  it('saves nothing up for later', () => {
    assert.deepEqual(
      pauses(1_000_000, [
        [0, 1],
        [60_000, 50_000],
      ]),
      [0, 30],
    );
  });
});
