/**
 * What is stored for nothing is bounded by account, at every commit: whoever may call a free endpoint, or one that fails,
 * cannot fill the disk. What was paid for is kept for its 24 hours whatever else is stored.
 */

import assert from 'node:assert/strict';

import { storedResult } from '../../runtime/call/stored-result.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import { freeAnswers } from '../../runtime/ledger/free-answers.js';
import type { AccountId, CallId, Ledger, OpenCall } from '../../runtime/ledger/ledger.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, MINUTE_MS, releaseOf, SIGNER } from './bank.js';

const BOUND = 10_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

for (const kind of STORES) {
  describe(`the answers that an account did not pay for, on ${kind.name}`, function () {
    this.timeout(30_000);
    let bank: Bank;
    let ledger: Ledger;

    const bounded = (freeAnswerBytes: number, store = bank.store): Ledger =>
      createLedger(store, { clock: bank.clock, signer: SIGNER, freeAnswerBytes });

    beforeEach(async () => {
      bank = await Bank.open(kind, 100n);
      ledger = bounded(BOUND);
    });
    afterEach(() => bank.close());

    const open = async (changes: Partial<OpenCall> = {}): Promise<CallId> => {
      const dispatchDeadlineMs = bank.clock.nowMs() + MINUTE_MS;
      return bank.opened({ maxChargeMicroUsdc: 0n, fresh: true, dispatchDeadlineMs, ...changes });
    };
    /** With the room of its row, an answer of this many bytes. */
    const answerOf = (bytes: number) => ({
      status: 200,
      headers: {},
      contentType: 'text/plain',
      body: Buffer.alloc(bytes - 1_024 - '[{},[]]'.length, 'a'),
      warnings: [],
    });
    async function free(bytes: number, on = ledger, changes: Partial<OpenCall> = {}): Promise<CallId> {
      const callId = await open(changes);
      await on.capture(captureOf(callId, 0n, { answer: answerOf(bytes) }));
      return callId;
    }
    async function failed(bytes: number): Promise<CallId> {
      const callId = await open();
      const body = 'a'.repeat(bytes - 1_024 - '{"body":""}'.length);
      await ledger.release(releaseOf(callId, { told: { error: { body } } }));
      return callId;
    }
    async function paid(bytes: number): Promise<CallId> {
      const callId = await open({ maxChargeMicroUsdc: 1n });
      await ledger.capture(captureOf(callId, 1n, { answer: answerOf(bytes) }));
      return callId;
    }
    const inTurn = async <Made>(times: number, make: () => Promise<Made>): Promise<readonly Made[]> => {
      const made: Made[] = [];
      for (let time = 0; time < times; time += 1) made.push(await make());
      return made;
    };
    async function kept(callIds: readonly CallId[], accountId = bank.accountId): Promise<readonly boolean[]> {
      const calls = await Promise.all(callIds.map((callId) => ledger.findCall(accountId, callId)));
      return calls.map((call) => call?.told !== undefined);
    }

    /** Eight of them, where there is room for five. */
    const UNPAID: readonly (readonly [string, () => Promise<CallId>])[] = [
      ['answers without a charge', () => free(2_000)],
      ['errors', () => failed(2_000)],
    ];
    for (const [what, make] of UNPAID) {
      it(`are kept up to the bound, and the oldest go first: ${what}`, async () => {
        const callIds = await inTurn(8, make);
        assert.deepEqual(await kept(callIds), [false, false, false, true, true, true, true, true]);
        assert.equal(await bank.count('answers'), 5);
      });
    }

    it('are kept up to the bound where many are stored at once', async () => {
      await Promise.all(Array.from({ length: 64 }, () => free(2_000)));
      assert.equal(await bank.count('answers'), 5);
    });

    it('have one bound on all gateways of a database', async () => {
      const other = bounded(BOUND, await bank.database.open(bank.clock));
      await Promise.all(Array.from({ length: 32 }, (_, index) => free(2_000, index % 2 === 0 ? ledger : other)));
      assert.equal(await bank.count('answers'), 5);
    });

    it('push out none that was paid for: those are kept for 24 hours, and for no longer', async () => {
      const callIds = await inTurn(8, () => paid(2_000));
      await inTurn(8, () => free(2_000));
      bank.clock.advance(DAY_MS - 1);
      await ledger.sweep();
      await inTurn(8, () => failed(2_000));
      assert.deepEqual(await kept(callIds), Array<boolean>(8).fill(true));
      bank.clock.advance(1);
      assert.deepEqual(await kept(callIds), Array<boolean>(8).fill(false));
      assert.equal((await ledger.sweep()).answersDropped, 8);
    });

    it('push out none of another account', async () => {
      const [accountId, keyId] = await bank.buyer();
      const theirs = await free(2_000, ledger, { accountId, keyId });
      await inTurn(8, () => free(2_000));
      assert.deepEqual(await kept([theirs], accountId), [true]);
    });

    it('are kept where they alone are beyond the bound, until the next', async () => {
      const callIds = await inTurn(2, () => free(3 * BOUND));
      assert.deepEqual(await kept(callIds), [false, true]);
    });

    it('have all the room again when those before have expired', async () => {
      await inTurn(8, () => free(2_000));
      bank.clock.advance(DAY_MS);
      await ledger.sweep();
      assert.equal(await bank.count('answers'), 0);
      const callIds = await inTurn(6, () => free(2_000));
      assert.deepEqual(await kept(callIds), [false, true, true, true, true, true]);
    });

    it('are bounded also where one commit takes several statements to store them', async () => {
      ledger = bounded(10_000_000);
      await Promise.all(Array.from({ length: 3 }, () => free(9_000_000)));
      assert.equal(await bank.count('answers'), 2);
    });

    it('that are gone are asked for in vain, and the call is not made again: its end is told', async () => {
      const idempotencyDigest = '12'.repeat(32);
      const answered = await free(2_000, ledger, { idempotencyDigest });
      const failure = await failed(2_000);
      await inTurn(8, () => free(2_000));
      const again = await ledger.openCall(bank.call({ idempotencyDigest }));
      assert.ok(again.outcome === 'claimed');
      assert.equal(again.call.callId, answered);
      await assert.rejects(storedResult(ledger, again.call), {
        code: 'ANSWER_EXPIRED',
        message: `the answer of request ${answered} is no longer kept: it was free, and of those only the latest are kept, up to a bound in bytes, for at most 24 hours`,
        details: { request_id: answered, receipt: again.call.receipt },
      });
      assert.equal(again.call.receipt?.message.amountMicroUsdc, '0');
      await assert.rejects(storedResult(ledger, (await ledger.findCall(bank.accountId, failure))!), {
        code: 'ANSWER_EXPIRED',
        details: { request_id: failure, reason: 'upstream_status_500' },
      });
    });

    it('that did not reach their client and are gone are not made again without a word', async () => {
      const lost = await free(2_000);
      await ledger.markUndelivered(lost);
      await inTurn(8, () => free(2_000));
      const again = await ledger.openCall(bank.call());
      assert.ok(again.outcome === 'undelivered');
      assert.deepEqual([again.call.callId, again.call.told], [lost, undefined]);
      assert.equal((await ledger.openCall(bank.call())).outcome, 'opened');
    });
  });
}

describe('the bound on free answers', () => {
  it('costs a commit of paid ones no statement', async () => {
    const refuse = () => Promise.reject(new Error('a statement was run'));
    const sql = { rows: refuse, prepared: refuse, run: refuse };
    const bound = freeAnswers('sqlite', BOUND);
    const answer = { callId: 'call_1' as CallId, told: { error: {} }, expiresAtMs: 0 };
    const places = await bound.place(sql, [answer]);
    assert.equal(places.size, 0);
    assert.deepEqual(bound.tooOld(places), []);
    await assert.rejects(bound.place(sql, [{ ...answer, freeFor: 'acct_1' as AccountId }]), /a statement was run/);
  });
});
