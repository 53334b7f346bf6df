import assert from 'node:assert/strict';

import { newId, systemClock } from '../runtime/clock.js';

describe('the clock', () => {
  it('makes ids of the prefix and 128 random bits in hex', () => {
    const clock = { nowMs: () => 0, randomBytes: (count: number) => new Uint8Array(count).fill(0xa5) };
    assert.equal(newId(clock, 'call'), `call_${'a5'.repeat(16)}`);
  });

  it('makes no id twice', () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => newId(systemClock, 'call')));
    assert.equal(ids.size, 1_000);
    for (const id of ids) assert.match(id, /^call_[0-9a-f]{32}$/);
  });
});
