import assert from 'node:assert/strict';

import { hashOfApiKey, isApiKey, newApiKey, prefixOfApiKey } from '../../runtime/account/api-key.js';
import { systemClock } from '../../runtime/clock.js';

const ZEROS = { ...systemClock, randomBytes: (count: number) => new Uint8Array(count) };
const PINNED = 'tg_live_00000000000000000000000000000000000000007a4510';

describe('an API key', () => {
  it('has a pinned form', () => {
    assert.equal(newApiKey(ZEROS).reveal(), PINNED);
    assert.equal(isApiKey(PINNED), true);
  });

  it('has 160 random bits of its own', () => {
    const keys = Array.from({ length: 100 }, () => newApiKey(systemClock).reveal());
    assert.equal(new Set(keys).size, 100);
    for (const key of keys) assert.match(key, /^tg_live_[0-9a-f]{46}$/);
  });

  it('is told from a key with any one character mistyped', () => {
    for (let index = 0; index < PINNED.length; index += 1) {
      const other = PINNED[index] === 'a' ? 'b' : 'a';
      assert.equal(isApiKey(PINNED.slice(0, index) + other + PINNED.slice(index + 1)), false);
    }
    for (const text of ['', PINNED.slice(1), PINNED.slice(0, -1), `${PINNED} `, `${PINNED}\n`, PINNED.toUpperCase()]) {
      assert.equal(isApiKey(text), false, JSON.stringify(text));
    }
  });

  it('is stored as its SHA-256, and shown as its beginning', () => {
    // printf '%s' tg_live_00000000000000000000000000000000000000007a4510 | sha256sum
    assert.equal(hashOfApiKey(PINNED), '0c1b47077fb426691430a1e112bd549283e180f6a59631dfea67fd019ad51b30');
    assert.equal(prefixOfApiKey(newApiKey(ZEROS)), 'tg_live_000000');
  });

  it('prints as [redacted]', () => {
    assert.equal(`${String(newApiKey(ZEROS))} ${JSON.stringify(newApiKey(ZEROS))}`, '[redacted] "[redacted]"');
  });
});
