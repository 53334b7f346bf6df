import assert from 'node:assert/strict';

import { idsOf, isCallId, isReceiptId, newCallId } from '../../runtime/ledger/call-ids.js';
import type { CallId } from '../../runtime/ledger/ledger.js';
import { systemClock } from '../../runtime/clock.js';

/** A clock whose every random byte is this one. */
const clockAt = (timeMs: number, byte: number) => ({
  nowMs: () => timeMs,
  randomBytes: (count: number) => new Uint8Array(count).fill(byte),
});

describe('the ids of a call', () => {
  it('are of the time at which it came and 128 random bits', () => {
    assert.equal(newCallId(clockAt(0x0123456789ab, 0xa5)), `call_0123456789ab${'a5'.repeat(16)}`);
  });

  it('sort by that time, so that those of a batch are neighbours in an index', () => {
    const ids = [clockAt(1, 0xff), clockAt(16, 0x00), clockAt(1_799_999_999_999, 0x77)].map(newCallId);
    assert.deepEqual(ids.toSorted(), ids);
  });

  it('are never made twice, not even at the same moment', () => {
    const clock = { ...systemClock, nowMs: () => 0 };
    assert.equal(new Set(Array.from({ length: 1_000 }, () => newCallId(clock))).size, 1_000);
  });

  it('share its number', () => {
    const number = `0123456789ab${'0f'.repeat(16)}`;
    assert.deepEqual(idsOf(`call_${number}` as CallId), {
      holdId: `hold_${number}`,
      resolutionId: `done_${number}`,
      feeId: `fee_${number}`,
      receiptId: `rcpt_${number}`,
    });
  });

  it('are known with the time and, as they were made once, without it', () => {
    for (const digits of [44, 32]) {
      assert.equal(isCallId(`call_${'a'.repeat(digits)}`), true);
      assert.equal(isReceiptId(`rcpt_${'a'.repeat(digits)}`), true);
    }
    for (const digits of [0, 12, 31, 33, 43, 45]) assert.equal(isCallId(`call_${'a'.repeat(digits)}`), false);
    for (const other of [`call_${'A'.repeat(32)}`, `call_${'0'.repeat(31)}\0`, `rcpt_${'a'.repeat(44)}`]) {
      assert.equal(isCallId(other), false);
    }
  });
});
