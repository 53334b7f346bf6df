import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import type { CaptureCall, Ledger, OpenCall, ReleaseCall } from '../../runtime/ledger/ledger.js';
import { pausingLedger, type PausingLedger } from '../../runtime/ledger/pausing-ledger.js';

describe('a ledger that could not settle a call', () => {
  let nowMs: number;
  let opened: number;
  let fault: Error | undefined;
  let refused: Error | undefined;
  let ledger: PausingLedger;
  let told: string[];
  beforeEach(() => {
    nowMs = 1_000_000;
    opened = 0;
    told = [];
    fault = undefined;
    refused = undefined;
    const settled = () => (fault === undefined ? Promise.resolve({}) : Promise.reject(fault));
    const inner = {
      assertTakesCalls: () => {
        if (refused !== undefined) throw refused;
      },
      openCall: () => settled().then(() => ({ outcome: 'opened', call: (opened += 1) })),
      capture: settled,
      release: settled,
    };
    const clock = { nowMs: () => nowMs, randomBytes: (count: number) => new Uint8Array(count) };
    ledger = pausingLedger(inner as unknown as Ledger, clock, ({ message }) => told.push(message));
  });
  const full = () => new GatewayError('STORE_UNAVAILABLE', 'the database cannot be written', 'try again');
  const open = () => ledger.openCall({} as OpenCall);
  const settle = (how: 'capture' | 'release') =>
    how === 'capture' ? ledger.capture({} as CaptureCall) : ledger.release({} as ReleaseCall);

  for (const how of ['capture', 'release'] as const) {
    it(`opens none for five seconds after a ${how} found no room, and says so to who asks whether it takes calls`, async () => {
      fault = full();
      await assert.rejects(settle(how), { code: 'STORE_UNAVAILABLE' });
      fault = undefined;
      await assert.rejects(open(), { code: 'STORE_UNAVAILABLE', retryable: true, details: { retry_after_seconds: 5 } });
      assert.throws(() => ledger.assertTakesCalls(), /the last answer could not be stored/);
      assert.equal(opened, 0);
      nowMs += 4_999;
      await assert.rejects(open(), { details: { retry_after_seconds: 1 } });
      nowMs += 1;
      await open();
      assert.equal(opened, 1);
    });
  }

  it('takes no calls where the ledger within takes none for another reason', () => {
    refused = new GatewayError('STORE_UNAVAILABLE', 'the books contradict themselves', 'tell the operator');
    assert.throws(() => ledger.assertTakesCalls(), refused);
  });

  it('tells of those that it could not store, once in thirty seconds, though others find room between', async () => {
    for (let times = 1; times <= 2; times += 1) {
      fault = full();
      await assert.rejects(open());
      await assert.rejects(settle('capture'));
      fault = undefined;
      await settle('capture');
      fault = full();
      await assert.rejects(settle('release'));
      assert.deepEqual(told, Array(times).fill('the database cannot be written'));
      nowMs += 30_000;
    }
  });

  it('pauses no longer where the clock is set back', async () => {
    fault = full();
    await assert.rejects(settle('capture'));
    fault = undefined;
    assert.equal(ledger.failsCalls(), true);
    nowMs -= 3_600_000;
    assert.equal(ledger.failsCalls(), false);
    await open();
    assert.equal(opened, 1);
  });

  it('goes on as soon as another call settles', async () => {
    fault = full();
    await assert.rejects(settle('capture'));
    fault = undefined;
    await settle('release');
    await open();
    assert.equal(opened, 1);
  });

  it('goes on where it was a bug, which is no fault of the store', async () => {
    fault = new TypeError('a bug');
    await assert.rejects(settle('capture'), TypeError);
    fault = undefined;
    assert.equal(ledger.failsCalls(), false);
    await open();
    assert.equal(opened, 1);
  });

  for (const [what, fail] of [
    ['opened', open],
    ['captured', () => settle('capture')],
  ] as const) {
    it(`says for half a minute that a call could not be ${what}, unless another can`, async () => {
      fault = full();
      await assert.rejects(fail());
      assert.equal(ledger.failsCalls(), true);
      nowMs += 29_999;
      assert.equal(ledger.failsCalls(), true);
      nowMs += 1;
      assert.equal(ledger.failsCalls(), false);
      await assert.rejects(fail());
      fault = undefined;
      nowMs += 5_000;
      await (what === 'opened' ? open() : settle('capture'));
      assert.equal(ledger.failsCalls(), false);
    });
  }

  it('says so also while there is room for a hold', async () => {
    fault = full();
    await assert.rejects(settle('capture'));
    fault = undefined;
    nowMs += 5_000;
    await open();
    assert.equal(ledger.failsCalls(), true);
    await settle('capture');
    assert.equal(ledger.failsCalls(), false);
  });
});
