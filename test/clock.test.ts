import assert from 'node:assert/strict';

import { isDay, newId, systemClock } from '../runtime/clock.js';

describe('the clock', () => {
  it('makes ids of the prefix and 128 random bits in hex', () => {
    const clock = { nowMs: () => 0, randomBytes: (count: number) => new Uint8Array(count).fill(0xa5) };
    assert.equal(newId(clock, 'call'), `call_${'a5'.repeat(16)}`);
  });

  it('knows the days of each month', () => {
    const days = ['2024-02-29', '2026-02-28', '2026-04-30', '2026-12-31', '2026-01-01T12:00:00Z'];
    const others = ['2026-02-29', '2026-02-30', '2026-04-31', '2026-12-32', '2026-13-01', '2026-01-00'];
    assert.deepEqual(days.map(isDay), [true, true, true, true, true]);
    assert.deepEqual(others.map(isDay), [false, false, false, false, false, false]);
  });

  it('makes no id twice', () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => newId(systemClock, 'call')));
    assert.equal(ids.size, 1_000);
    for (const id of ids) assert.match(id, /^call_[0-9a-f]{32}$/);
  });
});
