/** That an answer which is given again is the one that was paid for, also where the database was changed by hand. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import type { CallId } from '../../runtime/ledger/ledger.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, MINUTE_MS, releaseOf } from './bank.js';

const INVARIANT = 'a stored answer is the one that its receipt is for';
const DAY_MS = 24 * 60 * MINUTE_MS;

for (const kind of STORES) {
  describe(`the check of the stored answers on ${kind.name}`, function () {
    this.timeout(60_000);
    let bank: Bank;
    beforeEach(async () => {
      bank = await Bank.open(kind, 2_000n);
    });
    afterEach(() => bank.close());

    const paid = async (body: Uint8Array): Promise<CallId> => {
      const callId = await bank.opened({ dispatchDeadlineMs: bank.clock.nowMs() + MINUTE_MS });
      const answer = { ...captureOf(callId, 1n).answer, body };
      const answerDigest = createHash('sha256').update(body).digest('hex');
      await bank.ledger.capture(captureOf(callId, 1n, { answer, answerDigest }));
      return callId;
    };
    const violations = async (): Promise<readonly string[]> => {
      const { invariant, violations } = await bank.ledger.checkAnswers();
      assert.equal(invariant, INVARIANT);
      return violations;
    };

    it('finds each that was changed among more than it reads at once, and no other', async () => {
      const calls = await Promise.all(
        Array.from({ length: 1_100 }, (_, index) => paid(Buffer.from(`answer ${index}`))),
      );
      const released = await bank.opened();
      await bank.ledger.release(releaseOf(released));
      assert.deepEqual(await violations(), []);
      const [first, , last] = [...calls].sort().filter((_, index) => index % 549 === 0);
      for (const callId of [first!, last!]) {
        await bank.tamper((sql) =>
          sql.rows('UPDATE answers SET body = ? WHERE call_id = ?', [Buffer.from('x'), callId]),
        );
      }
      assert.deepEqual(
        await violations(),
        [first, last].map((callId) => `the answer of ${callId} is not the one of its receipt`),
      );
    });

    it('compares answers that do not fit in memory together, and one that is empty', async () => {
      await paid(new Uint8Array());
      for (let index = 0; index < 3; index += 1) await paid(Buffer.alloc(9_000_000, index));
      assert.deepEqual(await violations(), []);
    });

    it('finds an answer that became an error', async () => {
      const callId = await paid(Buffer.from('yes'));
      await bank.tamper((sql) => sql.rows("UPDATE answers SET body = NULL, error = '{}'"));
      assert.deepEqual(await violations(), [`the answer of ${callId} is not the one of its receipt`]);
    });

    it('finds an error in the place of an answer whose receipt says nothing of one', async () => {
      const callId = await paid(Buffer.from('yes'));
      await bank.tamper((sql) => sql.rows("UPDATE answers SET body = NULL, error = '{}'"));
      const [row] = await bank.store.read.rows('SELECT message FROM receipts');
      const drop = kind.name === 'SQLite' ? '' : 'ON receipts';
      await bank.tamper((sql) => sql.rows(`DROP TRIGGER receipts_never_changed ${drop}`));
      for (const message of ['{}', 'null', 'nothing']) {
        await bank.tamper((sql) => sql.rows('UPDATE receipts SET message = ?', [message]));
        assert.deepEqual(await violations(), [`the answer of ${callId} is not the one of its receipt`], message);
      }
      await bank.tamper((sql) => sql.rows('UPDATE receipts SET message = ?', [row!['message']!]));
    });

    it('tells the first twenty', async () => {
      for (let index = 0; index < 21; index += 1) await paid(Buffer.from('yes'));
      await bank.tamper((sql) => sql.rows('UPDATE answers SET body = ?', [Buffer.from('no')]));
      assert.equal((await violations()).length, 20);
    });

    it('leaves out what has expired, which is given to nobody', async () => {
      await paid(Buffer.from('yes'));
      await bank.tamper((sql) => sql.rows('UPDATE answers SET body = ?', [Buffer.from('no')]));
      bank.clock.advance(DAY_MS);
      assert.deepEqual(await violations(), []);
    });
  });
}
