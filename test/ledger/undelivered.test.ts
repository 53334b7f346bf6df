/**
 * Answers that did not reach their clients: a call without an idempotency key that is like one of those gets its answer,
 * once; any other call is a call of its own. Nobody who has got an answer is answered from the store.
 */

import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import type { CallId, OpenCall, OpenCallResult } from '../../runtime/ledger/ledger.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, MINUTE_MS, releaseOf } from './bank.js';

const KEY = { idempotencyDigest: '12'.repeat(32) };

for (const kind of STORES) {
  describe(`an undelivered answer on ${kind.name}`, () => {
    let bank: Bank;

    beforeEach(async () => {
      bank = await Bank.open(kind, 100n);
    });
    afterEach(() => bank.close());

    const ask = async (changes: Partial<OpenCall> = {}): Promise<OpenCallResult> =>
      bank.ledger.openCall(bank.call(changes));
    const outcome = async (changes: Partial<OpenCall> = {}): Promise<string> => (await ask(changes)).outcome;

    /** A charged call whose answer did not reach its client. */
    async function lost(changes: Partial<OpenCall> = {}): Promise<CallId> {
      const callId = await bank.captured(7n, { fresh: true, ...changes });
      await bank.ledger.markUndelivered(callId);
      return callId;
    }

    it('is given to the next call like its own, with its receipt, and holds and charges nothing', async () => {
      const callId = await lost();
      const again = await ask();
      assert.ok(again.outcome === 'undelivered');
      assert.deepEqual([again.call.callId, again.call.chargeMicroUsdc], [callId, 7n]);
      assert.ok(again.call.told !== undefined && 'body' in again.call.told);
      assert.equal(Buffer.from(again.call.told.body).toString(), '{"temperature":21.5}');
      assert.equal(again.call.receipt?.message.number, 1);
      assert.deepEqual(await bank.ledger.balance(bank.accountId), { availableMicroUsdc: 93n, heldMicroUsdc: 0n });
    });

    it('is given once: the call after is a new one', async () => {
      await lost();
      assert.deepEqual([await outcome(), await outcome()], ['undelivered', 'opened']);
    });

    it('is given to one of 20 calls at the same moment, which two gateways have taken', async () => {
      await lost();
      const other = await bank.anotherLedger();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const { outcome } = await (index % 2 === 0 ? bank.ledger : other).openCall(bank.call());
          return outcome;
        }),
      );
      assert.deepEqual(outcomes.sort(), [...Array.from({ length: 19 }, () => 'opened'), 'undelivered']);
    });

    it('is given again where that, too, did not arrive', async () => {
      const callId = await lost();
      assert.equal(await outcome(), 'undelivered');
      await bank.ledger.markUndelivered(callId);
      assert.deepEqual([await outcome(), await outcome()], ['undelivered', 'opened']);
    });

    it('stands for one call each, the first for the first', async () => {
      const first = await lost();
      bank.clock.advance(1);
      const second = await lost();
      const given = [await ask(), await ask()].map((result) => ('call' in result ? result.call.callId : undefined));
      assert.deepEqual(given, [first, second]);
      assert.equal(await outcome(), 'opened');
    });

    it('is given on an empty balance, to a frozen account, and past the budget of the day', async () => {
      await lost();
      await bank.opened({ fresh: true, maxChargeMicroUsdc: 93n });
      await bank.tamper((sql) => sql.rows("UPDATE accounts SET status = 'frozen' WHERE id = ?", [bank.accountId]));
      assert.equal(await outcome({ dailyLimitMicroUsdc: 1n }), 'undelivered');
    });

    const OTHERS: readonly (readonly [string, Partial<OpenCall>])[] = [
      ['a caller who wants a call of its own', { fresh: true }],
      ['a call with an idempotency key', KEY],
      ['a call with other arguments', { requestDigest: 'cd'.repeat(32) }],
    ];
    for (const [who, changes] of OTHERS) {
      it(`is not given to ${who}, and stays for the next`, async () => {
        await lost();
        assert.equal(await outcome(changes), 'opened');
        assert.equal(await outcome(), 'undelivered');
      });
    }

    it('is not given to another account, and stays for the next', async () => {
      await lost();
      const [accountId, keyId] = await bank.buyer();
      assert.equal(await outcome({ accountId, keyId, maxChargeMicroUsdc: 0n }), 'opened');
      assert.equal(await outcome(), 'undelivered');
    });

    it('is given for ten minutes, and dropped after', async () => {
      await lost();
      await lost({ requestDigest: 'cd'.repeat(32) });
      bank.clock.advance(10 * MINUTE_MS - 1);
      assert.equal(await outcome(), 'undelivered');
      bank.clock.advance(1);
      assert.equal(await outcome({ requestDigest: 'cd'.repeat(32) }), 'opened');
      assert.equal(await bank.count('undelivered'), 1);
      await bank.ledger.sweep();
      assert.equal(await bank.count('undelivered'), 0);
    });

    it('of a call that was made with a key is asked for with that key alone', async () => {
      await lost(KEY);
      assert.equal(await bank.count('undelivered'), 0);
      assert.deepEqual([await outcome(), await outcome(KEY)], ['opened', 'claimed']);
    });

    it('that the account has got in another way is not given', async () => {
      const callId = await lost();
      await bank.ledger.markDelivered(callId);
      assert.equal(await outcome(), 'opened');
    });

    it('is given once to a call that is refused before its hold, and opens none where there is nothing', async () => {
      const collect = (requestDigest = bank.call().requestDigest) =>
        bank.ledger.collectUndelivered(bank.accountId, requestDigest);
      const callId = await lost();
      assert.equal(await collect('cd'.repeat(32)), undefined);
      const [stranger] = await bank.buyer();
      assert.equal(await bank.ledger.collectUndelivered(stranger, bank.call().requestDigest), undefined);
      const given = await Promise.all(Array.from({ length: 5 }, () => collect()));
      assert.deepEqual(
        given.map((each) => each && [each.outcome, each.call.callId]).filter((each) => each !== undefined),
        [['undelivered', callId]],
      );
      assert.equal(await outcome(), 'opened');
    });

    it('of a failure that may be tried again waits for a call that is not refused', async () => {
      const callId = await bank.opened();
      await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS);
      await bank.ledger.markUndelivered(callId);
      const collect = () => bank.ledger.collectUndelivered(bank.accountId, bank.call().requestDigest);
      assert.equal((await collect())?.outcome, 'undelivered-running');
      await bank.ledger.release(releaseOf(callId, { told: { error: { code: 'UPSTREAM_ERROR', retryable: true } } }));
      assert.equal(await collect(), undefined);
      assert.equal(await bank.count('undelivered'), 1);
    });

    it('that is still to come is waited for, and given when it has come', async () => {
      const callId = await bank.opened({ maxChargeMicroUsdc: 7n });
      await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS);
      await bank.ledger.markUndelivered(callId);
      const early = await ask();
      assert.ok(early.outcome === 'undelivered-running');
      assert.equal(early.call.callId, callId);
      assert.equal(await bank.held(), 7n);
      await bank.ledger.capture(captureOf(callId, 7n));
      assert.deepEqual([await outcome(), await outcome()], ['undelivered', 'opened']);
    });

    /** How a call without a charge ended whose client had gone, and what the next like it comes to. */
    const FAILURES: readonly (readonly [string, (callId: CallId) => Promise<unknown>, readonly string[]])[] = [
      [
        'an error that says to try again',
        (callId) =>
          bank.ledger.release(releaseOf(callId, { told: { error: { code: 'UPSTREAM_ERROR', retryable: true } } })),
        ['opened', 'opened'],
      ],
      [
        'an error that says not to try again',
        (callId) =>
          bank.ledger.release(releaseOf(callId, { told: { error: { code: 'UPSTREAM_TIMEOUT', retryable: false } } })),
        ['undelivered', 'opened'],
      ],
      [
        'an outcome that nobody knows',
        async () => {
          bank.clock.advance(2 * MINUTE_MS);
          assert.equal((await bank.ledger.sweep()).unknown, 1);
        },
        ['undelivered', 'opened'],
      ],
    ];
    for (const [ended, end, want] of FAILURES) {
      it(`to a call that ends with ${ended}: the calls after are ${want.join(', then ')}`, async () => {
        const callId = await bank.opened();
        await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS);
        await bank.ledger.markUndelivered(callId);
        await end(callId);
        assert.deepEqual([await outcome(), await outcome()], want);
        assert.equal(await bank.count('undelivered'), 0);
      });
    }

    it('that says to try again is not given to the call that comes at the moment in which its loss is noted', async () => {
      const callId = await bank.opened({ maxChargeMicroUsdc: 7n });
      await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS);
      await bank.ledger.release(releaseOf(callId, { told: { error: { code: 'UPSTREAM_ERROR', retryable: true } } }));
      const both = [bank.ledger.markUndelivered(callId), outcome()] as const;
      assert.deepEqual([(await Promise.all(both))[1], await outcome()], ['opened', 'opened']);
      assert.equal(await bank.count('undelivered'), 0);
    });

    it('that is no JSON any more is told as a damaged database, to whoever asks for it in whatever way', async () => {
      const callId = await bank.opened();
      await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS);
      await bank.ledger.markUndelivered(callId);
      await bank.ledger.release(releaseOf(callId));
      await bank.store.write((sql) => sql.rows("UPDATE answers SET error = '{' || error"));
      const ways = [
        () => bank.ledger.findCall(bank.accountId, callId),
        outcome,
        () => bank.ledger.markUndelivered(callId),
      ];
      for (const ask of ways) {
        await assert.rejects(ask(), (error) => {
          assert.ok(error instanceof GatewayError);
          assert.deepEqual(
            [error.message, (error.cause as Error).message],
            ['the database of this gateway is damaged', 'column error holds no JSON'],
          );
          return true;
        });
      }
    });

    it('is none where the call was never sent', async () => {
      const callId = await bank.opened();
      await bank.ledger.markUndelivered(callId);
      assert.equal(await outcome(), 'undelivered-running');
      await bank.ledger.release({ callId, reason: 'client_gone' });
      assert.equal(await outcome(), 'opened');
      await bank.ledger.markUndelivered(callId);
      assert.equal(await bank.count('undelivered'), 0);
    });
  });
}
