import assert from 'node:assert/strict';

import { publishedKeys, publishKey, retireKey, timeOfKey } from '../../runtime/receipt/published-keys.js';
import { verifyReceipt } from '../../runtime/receipt/verify-receipt.js';
import type { Store } from '../../runtime/store/store.js';
import { TestClock } from '../ledger/test-clock.js';
import { STORES, type TestDatabase } from '../store/stores.js';
import { MESSAGE, OTHER_SIGNER, signedBy, SIGNER } from './receipts.js';

const NOW = 1_773_057_600;

for (const kind of STORES) {
  describe(`the published keys on ${kind.name}`, () => {
    let database: TestDatabase;
    let store: Store;
    let clock: TestClock;

    beforeEach(async () => {
      clock = new TestClock();
      database = await kind.create();
      store = await database.open(clock);
      await publishKey(store, clock, SIGNER.address);
    });
    afterEach(() => database.drop());

    it('have the key from the second in which it was published', async () => {
      assert.deepEqual(await publishedKeys(store.read), [{ address: SIGNER.address, validFrom: NOW }]);
    });

    it('do not change where a start publishes the same key again', async () => {
      clock.advance(5_000);
      await publishKey(store, clock, SIGNER.address);
      assert.deepEqual(await publishedKeys(store.read), [{ address: SIGNER.address, validFrom: NOW }]);
    });

    it('have two gateways with a key each, and end neither', async () => {
      clock.advance(10_000);
      await publishKey(store, clock, OTHER_SIGNER.address);
      assert.deepEqual(await publishedKeys(store.read), [
        { address: SIGNER.address, validFrom: NOW },
        { address: OTHER_SIGNER.address, validFrom: NOW + 10 },
      ]);
    });

    it('keep a key that was retired with its end, so that its receipts verify for good', async () => {
      clock.advance(10_000);
      await publishKey(store, clock, OTHER_SIGNER.address);
      // To the end of a second that has begun.
      assert.equal(await retireKey(store, clock, SIGNER.address, 4_001), NOW + 15);
      const signers = await publishedKeys(store.read);
      assert.deepEqual(signers, [
        { address: SIGNER.address, validFrom: NOW, validUntil: NOW + 15 },
        { address: OTHER_SIGNER.address, validFrom: NOW + 10 },
      ]);
      assert.deepEqual(verifyReceipt(signedBy(SIGNER, MESSAGE), { signers }), { valid: true });
      const late = { ...MESSAGE, issuedAt: NOW + 16 };
      assert.equal(verifyReceipt(signedBy(SIGNER, late), { signers }).valid, false);
      assert.deepEqual(verifyReceipt(signedBy(OTHER_SIGNER, late), { signers }), { valid: true });
    });

    for (const [name, ended, other] of [
      ['the first', SIGNER, OTHER_SIGNER],
      ['the second', OTHER_SIGNER, SIGNER],
    ] as const) {
      it(`have the one that ended first where two are of one second: ${name}`, async () => {
        await publishKey(store, clock, OTHER_SIGNER.address);
        await retireKey(store, clock, ended.address, 5_000);
        assert.deepEqual(await publishedKeys(store.read), [
          { address: ended.address, validFrom: NOW, validUntil: NOW + 5 },
          { address: other.address, validFrom: NOW },
        ]);
      });
    }

    it('refuse to retire the only key, a key that is not there and one that was retired', async () => {
      await assert.rejects(retireKey(store, clock, SIGNER.address, 0), /is the only key that signs receipts/);
      await publishKey(store, clock, OTHER_SIGNER.address);
      await assert.rejects(retireKey(store, clock, '0xabc', 0), /no key 0xabc signs receipts/);
      await retireKey(store, clock, SIGNER.address, 0);
      await assert.rejects(retireKey(store, clock, SIGNER.address, 0), /no key 0x19E7E376\w+ signs receipts/);
    });

    it('are ended no earlier than they begin, where the clock was set back since', async () => {
      await publishKey(store, clock, OTHER_SIGNER.address);
      clock.advance(-60_000);
      assert.equal(await retireKey(store, clock, SIGNER.address, 10_000), NOW);
    });

    it('know a key that comes back for both of its times', async () => {
      clock.advance(10_000);
      await publishKey(store, clock, OTHER_SIGNER.address);
      await retireKey(store, clock, SIGNER.address, 0);
      clock.advance(10_000);
      await publishKey(store, clock, SIGNER.address);
      assert.deepEqual(await publishedKeys(store.read), [
        { address: SIGNER.address, validFrom: NOW, validUntil: NOW + 10 },
        { address: OTHER_SIGNER.address, validFrom: NOW + 10 },
        { address: SIGNER.address, validFrom: NOW + 20 },
      ]);
      const { validFrom, validUntil } = await timeOfKey(store.read, SIGNER.address);
      assert.deepEqual([validFrom, validUntil], [NOW + 20, undefined]);
      clock.advance(10_000);
      await retireKey(store, clock, SIGNER.address, 0);
      const times = (await publishedKeys(store.read)).filter(({ address }) => address === SIGNER.address);
      assert.deepEqual(
        times.map(({ validUntil }) => validUntil),
        [NOW + 10, NOW + 30],
      );
    });

    it('know a key that comes back by a clock that was set back for the time that goes on', async () => {
      await publishKey(store, clock, OTHER_SIGNER.address);
      clock.advance(-60_000);
      await retireKey(store, clock, SIGNER.address, 0);
      await publishKey(store, clock, SIGNER.address);
      const { validFrom, validUntil } = await timeOfKey(store.read, SIGNER.address);
      assert.deepEqual([validFrom, validUntil], [NOW - 60, undefined]);
    });

    it('know a key that comes back within a second as one time', async () => {
      await publishKey(store, clock, OTHER_SIGNER.address);
      await retireKey(store, clock, SIGNER.address, 0);
      await publishKey(store, clock, SIGNER.address);
      const keys = await publishedKeys(store.read);
      assert.deepEqual(
        keys.find(({ address }) => address === SIGNER.address),
        { address: SIGNER.address, validFrom: NOW },
      );
    });
  });
}
