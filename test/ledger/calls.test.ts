import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import type { CallId } from '../../runtime/ledger/ledger.js';
import { NO_DIGEST } from '../../runtime/receipt/receipt-type.js';
import { verifyChain, verifyReceipt } from '../../runtime/receipt/verify-receipt.js';
import { publishedKeys } from '../../runtime/receipt/published-keys.js';
import type { GroupCommand } from '../../runtime/store/commit-queue.js';
import type { Store } from '../../runtime/store/store.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, MINUTE_MS, receiptOf, releaseOf, SIGNER } from './bank.js';

const DAY_MS = 24 * 60 * MINUTE_MS;

for (const kind of STORES) {
  describe(`the ledger on ${kind.name}`, () => {
    let bank: Bank;

    beforeEach(async () => {
      bank = await Bank.open(kind, 100n);
    });
    afterEach(() => bank.close());

    describe('opening a call', () => {
      it('moves its hold out of what is available', async () => {
        const result = await bank.ledger.openCall(bank.call({ maxChargeMicroUsdc: 30n }));
        assert.deepEqual(result, { outcome: 'opened', availableMicroUsdc: 70n });
        assert.deepEqual(await bank.ledger.balance(bank.accountId), { availableMicroUsdc: 70n, heldMicroUsdc: 30n });
      });

      it('holds the last micro-USDC, and not one more', async () => {
        assert.equal(
          (await bank.ledger.openCall(bank.call({ maxChargeMicroUsdc: 101n }))).outcome,
          'insufficient-funds',
        );
        assert.deepEqual(await bank.ledger.openCall(bank.call({ maxChargeMicroUsdc: 100n })), {
          outcome: 'opened',
          availableMicroUsdc: 0n,
        });
        assert.deepEqual(await bank.ledger.openCall(bank.call()), {
          outcome: 'insufficient-funds',
          availableMicroUsdc: 0n,
        });
      });

      it('leaves nothing behind where it is refused, so that the idempotency key is free', async () => {
        const idempotencyDigest = '12'.repeat(32);
        await bank.ledger.openCall(bank.call({ maxChargeMicroUsdc: 101n, idempotencyDigest, sellerId: 'never-paid' }));
        assert.equal(await bank.count('calls'), 0);
        assert.equal(await bank.count('transfers'), 1);
        assert.equal(await bank.count('key_days'), 0);
        assert.equal(await bank.count("accounts WHERE kind = 'seller'"), 0);
        assert.equal((await bank.ledger.openCall(bank.call({ idempotencyDigest }))).outcome, 'opened');
      });

      it('takes a free call on an empty account', async () => {
        const [accountId, keyId] = await bank.buyer();
        const callId = await bank.opened({ accountId, keyId, maxChargeMicroUsdc: 0n });
        const result = await bank.ledger.capture(captureOf(callId, 0n));
        assert.equal(receiptOf(result).message.amountMicroUsdc, '0');
      });

      it('refuses a frozen account, even a free call', async () => {
        await bank.tamper((sql) => sql.rows("UPDATE accounts SET status = 'frozen' WHERE id = ?", [bank.accountId]));
        assert.deepEqual(await bank.ledger.openCall(bank.call({ maxChargeMicroUsdc: 0n })), { outcome: 'frozen' });
      });

      it('does not know the account of a seller as a buyer', async () => {
        await bank.captured(50n);
        const open = bank.call({ accountId: 'seller:weather-inc' as typeof bank.accountId });
        await assert.rejects(bank.ledger.openCall(open), /no buyer has the account seller:weather-inc/);
      });

      it('keeps a key within its day, holds included', async () => {
        const dailyLimitMicroUsdc = 10n;
        await bank.opened({ dailyLimitMicroUsdc, maxChargeMicroUsdc: 7n });
        assert.deepEqual(await bank.ledger.openCall(bank.call({ dailyLimitMicroUsdc, maxChargeMicroUsdc: 4n })), {
          outcome: 'over-daily-limit',
          leftMicroUsdc: 3n,
        });
        await bank.opened({ dailyLimitMicroUsdc, maxChargeMicroUsdc: 3n });
        assert.deepEqual(await bank.ledger.openCall(bank.call({ dailyLimitMicroUsdc })), {
          outcome: 'over-daily-limit',
          leftMicroUsdc: 0n,
        });
        assert.equal(
          (await bank.ledger.openCall(bank.call({ dailyLimitMicroUsdc, maxChargeMicroUsdc: 0n }))).outcome,
          'opened',
        );
      });

      it('gives a key its day back where a call is released or costs less, and a new day at midnight UTC', async () => {
        const dailyLimitMicroUsdc = 10n;
        const first = await bank.opened({ dailyLimitMicroUsdc, maxChargeMicroUsdc: 10n });
        await bank.ledger.release(releaseOf(first));
        const second = await bank.opened({ dailyLimitMicroUsdc, maxChargeMicroUsdc: 10n });
        await bank.ledger.capture(captureOf(second, 8n));
        assert.deepEqual(await bank.ledger.openCall(bank.call({ dailyLimitMicroUsdc, maxChargeMicroUsdc: 3n })), {
          outcome: 'over-daily-limit',
          leftMicroUsdc: 2n,
        });
        bank.clock.advance(12 * 60 * MINUTE_MS);
        await bank.opened({ dailyLimitMicroUsdc, maxChargeMicroUsdc: 10n });
      });

      it('knows what a key has spent of its day, holds included', async () => {
        assert.equal(await bank.ledger.spentToday(bank.keyId), 0n);
        await bank.captured(5n);
        const held = await bank.opened({ maxChargeMicroUsdc: 7n });
        assert.equal(await bank.ledger.spentToday(bank.keyId), 12n);
        await bank.ledger.release(releaseOf(held));
        assert.equal(await bank.ledger.spentToday(bank.keyId), 5n);
        bank.clock.advance(DAY_MS);
        assert.equal(await bank.ledger.spentToday(bank.keyId), 0n);
      });

      it('counts what is captured after midnight on the day of its hold', async () => {
        const callId = await bank.opened({ maxChargeMicroUsdc: 10n });
        bank.clock.advance(DAY_MS);
        await bank.ledger.capture(captureOf(callId, 4n));
        const rows = await bank.store.read.rows('SELECT day, CAST(reserved AS TEXT) AS reserved FROM key_days');
        assert.deepEqual(
          rows.map(({ day, reserved }) => [day, reserved]),
          [['2026-03-09', '4']],
        );
      });
    });

    describe('capturing a call', () => {
      it('charges exactly, gives the rest back, and credits the seller', async () => {
        const callId = await bank.opened({ maxChargeMicroUsdc: 30n });
        const result = await bank.ledger.capture(captureOf(callId, 12n));
        assert.equal(result.outcome === 'captured' && result.availableMicroUsdc, 88n);
        assert.deepEqual(await bank.ledger.balance(bank.accountId), { availableMicroUsdc: 88n, heldMicroUsdc: 0n });
        const [seller] = await bank.store.read.rows(
          "SELECT CAST(credits_posted AS TEXT) AS paid, CAST(credits_pending AS TEXT) AS pending FROM accounts WHERE id = 'seller:weather-inc'",
        );
        assert.deepEqual({ ...seller }, { paid: '12', pending: '0' });
      });

      it('answers a receipt that verifies and says what was bought', async () => {
        const callId = await bank.opened({ idempotencyDigest: '34'.repeat(32) });
        const receipt = receiptOf(await bank.ledger.capture(captureOf(callId, 1n)));
        assert.deepEqual(receipt.message, {
          receiptId: callId.replace('call_', 'rcpt_'),
          account: bank.accountId,
          seller: 'weather-inc',
          endpoint: 'weather/forecast',
          catalogueDigest: `0x${'ef'.repeat(32)}`,
          requestDigest: `0x${'ab'.repeat(32)}`,
          answerDigest: `0x${'cd'.repeat(32)}`,
          upstreamStatus: 200,
          amountMicroUsdc: '1',
          unitPrice: '0.000001 per call',
          units: '1',
          idempotencyDigest: `0x${'34'.repeat(32)}`,
          issuedAt: 1_773_057_600,
          number: 1,
          previousDigest: NO_DIGEST,
        });
        const signers = await publishedKeys(bank.store.read);
        assert.deepEqual(verifyReceipt(receipt, { signers }), { valid: true });
        assert.deepEqual(await bank.ledger.findReceipt(bank.accountId, receipt.message.receiptId), receipt);
      });

      it('finds nothing by what can be no id, a NUL for instance', async () => {
        assert.equal(await bank.ledger.findReceipt(bank.accountId, 'rcpt_\0'), undefined);
        assert.equal(await bank.ledger.findReceipt(bank.accountId, `rcpt_${'0'.repeat(32)}\0`), undefined);
        assert.equal(await bank.ledger.findCall(bank.accountId, 'call_\0'), undefined);
      });

      it('chains the receipts of an account, each account its own', async () => {
        const [accountId, keyId] = await bank.buyer();
        const first = await bank.captured(1n);
        await bank.captured(0n, { accountId, keyId });
        const second = await bank.captured(1n);
        const third = await bank.captured(1n);
        const receipts = await Promise.all(
          [first, second, third].map((callId) =>
            bank.ledger.findReceipt(bank.accountId, callId.replace('call_', 'rcpt_')),
          ),
        );
        assert.deepEqual(
          receipts.map((receipt) => receipt?.message.number),
          [1, 2, 3],
        );
        assert.equal(receipts[1]?.message.previousDigest, receipts[0]?.digest);
        assert.equal(receipts[2]?.message.previousDigest, receipts[1]?.digest);
      });

      it('lets the receipts of one commit share a signature, of other accounts as well, and each verifies', async () => {
        const [accountId, keyId] = await bank.buyer();
        await bank.ledger.deposit(accountId, 4n, 'test:other');
        const buyers = [{}, { accountId, keyId }];
        const calls = await Promise.all(Array.from({ length: 8 }, (_, turn) => bank.opened(buyers[turn % 2])));
        const results = await Promise.all(calls.map((callId) => bank.ledger.capture(captureOf(callId, 1n))));
        const receipts = results.map(receiptOf);
        assert.equal(new Set(receipts.map(({ signature }) => signature.slice(0, 132))).size, 1);
        const signers = await publishedKeys(bank.store.read);
        for (const receipt of receipts) assert.deepEqual(verifyReceipt(receipt, { signers }), { valid: true });
        for (const account of [bank.accountId, accountId]) {
          const own = receipts.filter(({ message }) => message.account === account);
          assert.equal(own.length, 4);
          assert.deepEqual(verifyChain(own, { signers }), { valid: true });
          const { receiptId } = own[3]!.message;
          assert.deepEqual(await bank.ledger.findReceipt(account, receiptId), own[3]);
        }
      });

      it('keeps the answer, byte for byte, for 24 hours', async () => {
        const callId = await bank.opened();
        const body = Buffer.from([0, 1, 2, 255, 254, 10]);
        const answer = { ...captureOf(callId, 1n).answer, body };
        await bank.ledger.capture(captureOf(callId, 1n, { answer }));
        bank.clock.advance(DAY_MS - 1);
        const call = await bank.ledger.findCall(bank.accountId, callId);
        assert.deepEqual(call?.told, { ...answer, body });
        bank.clock.advance(1);
        assert.equal((await bank.ledger.findCall(bank.accountId, callId))?.told, undefined);
        assert.equal((await bank.ledger.findCall(bank.accountId, callId))?.receipt?.message.number, 1);
      });

      it('keeps an answer without a body, alone and among others', async () => {
        const empty = { ...captureOf(await bank.opened(), 1n).answer, body: Buffer.alloc(0) };
        const calls = [await bank.opened(), await bank.opened(), await bank.opened()] as const;
        await bank.ledger.capture(captureOf(calls[0], 1n, { answer: empty }));
        await Promise.all([
          bank.ledger.capture(captureOf(calls[1], 1n, { answer: empty })),
          bank.ledger.capture(captureOf(calls[2], 1n)),
        ]);
        const told = await Promise.all(
          calls.map(async (callId) => (await bank.ledger.findCall(bank.accountId, callId))?.told),
        );
        assert.deepEqual(told, [empty, empty, captureOf(calls[2], 1n).answer]);
      });

      it('charges at most the hold: more is a bug, and moves nothing', async () => {
        const callId = await bank.opened({ maxChargeMicroUsdc: 10n });
        await assert.rejects(bank.ledger.capture(captureOf(callId, 11n)), /11 micro-usdc, is above its hold of 10/);
        assert.equal(await bank.held(), 10n);
        assert.equal(await bank.count('receipts'), 0);
        assert.equal((await bank.ledger.findCall(bank.accountId, callId))?.state, 'held');
      });

      it('refuses a negative charge', async () => {
        const callId = await bank.opened({ maxChargeMicroUsdc: 10n });
        await assert.rejects(bank.ledger.capture(captureOf(callId, -1n)));
        assert.equal(await bank.held(), 10n);
      });

      it('happens once: a second one answers the first, and moves nothing', async () => {
        const callId = await bank.captured(10n);
        const again = await bank.ledger.capture(captureOf(callId, 10n));
        assert.equal(again.outcome, 'resolved-before');
        assert.equal(again.outcome === 'resolved-before' && again.call.state, 'captured');
        assert.equal(again.outcome === 'resolved-before' && again.call.chargeMicroUsdc, 10n);
        assert.equal(await bank.available(), 90n);
        assert.equal(await bank.count('receipts'), 1);
      });

      it('is refused after a release', async () => {
        const callId = await bank.opened();
        await bank.ledger.release(releaseOf(callId));
        const result = await bank.ledger.capture(captureOf(callId, 1n));
        assert.equal(result.outcome === 'resolved-before' && result.call.state, 'released');
        assert.equal(await bank.available(), 100n);
        assert.equal(await bank.count('receipts'), 0);
      });

      it('without a hold is a bug', async () => {
        const callId = `call_${'0'.repeat(32)}` as CallId;
        await assert.rejects(bank.ledger.capture(captureOf(callId, 1n)), /there is no call call_0/);
        assert.equal(await bank.count('transfers'), 1);
      });
    });

    describe("the platform's fee", () => {
      const paid = async (account: string) => {
        const [row] = await bank.store.read.rows(
          'SELECT CAST(credits_posted - debits_posted AS TEXT) AS paid FROM accounts WHERE id = ?',
          [account],
        );
        return row?.['paid'];
      };
      /** A ledger of the same books that charges a fee. */
      const charging = (platformFeeBps: number) =>
        createLedger(bank.store, { clock: bank.clock, signer: SIGNER, platformFeeBps });

      it("is taken from the seller's part, rounded down, and costs the buyer nothing more", async () => {
        const open = bank.call({ maxChargeMicroUsdc: 99n });
        await charging(250).openCall(open);
        const receipt = receiptOf(await bank.ledger.capture(captureOf(open.callId, 99n)));
        assert.equal(receipt.message.amountMicroUsdc, '99');
        assert.equal(await bank.available(), 1n);
        // 2.5% of 99 are 2.475.
        assert.deepEqual([await paid('platform'), await paid('seller:weather-inc')], ['2', '97']);
      });

      it('is what it was when the call was opened', async () => {
        const [before, after] = [bank.call({ maxChargeMicroUsdc: 50n }), bank.call({ maxChargeMicroUsdc: 50n })];
        await bank.ledger.openCall(before);
        await charging(10_000).openCall(after);
        await charging(10_000).capture(captureOf(before.callId, 50n));
        assert.equal(await paid('platform'), '0');
        await bank.ledger.capture(captureOf(after.callId, 50n));
        assert.deepEqual([await paid('platform'), await paid('seller:weather-inc')], ['50', '50']);
      });

      it('is nothing of a call that is released, and of one that costs too little', async () => {
        const [released, cheap] = [bank.call({ maxChargeMicroUsdc: 50n }), bank.call({ maxChargeMicroUsdc: 50n })];
        await charging(5_000).openCall(released);
        await charging(5_000).openCall(cheap);
        await bank.ledger.release(releaseOf(released.callId));
        await bank.ledger.capture(captureOf(cheap.callId, 1n));
        assert.deepEqual([await paid('platform'), await paid('seller:weather-inc')], ['0', '1']);
      });

      it('is exact above 2^53', async () => {
        for (const reference of ['large', 'also large']) {
          await bank.ledger.deposit(bank.accountId, 900_000_000_000_000n, reference);
        }
        // Times its rate it is above 2^63.
        const open = bank.call({ maxChargeMicroUsdc: 1_800_000_000_000_003n });
        await charging(9_999).openCall(open);
        await bank.ledger.capture(captureOf(open.callId, 1_800_000_000_000_003n));
        assert.equal(await paid('platform'), '1799820000000002');
      });
    });

    describe('releasing a call', () => {
      it('gives the whole hold back, and keeps what the caller was told', async () => {
        const callId = await bank.opened({ maxChargeMicroUsdc: 30n });
        const told = { error: { code: 'UPSTREAM_ERROR', z: 1, a: [1, 'ü'] } };
        const result = await bank.ledger.release(releaseOf(callId, { upstreamStatus: 503, told }));
        assert.deepEqual(result, { outcome: 'released', availableMicroUsdc: 100n });
        const call = await bank.ledger.findCall(bank.accountId, callId);
        assert.equal(call?.reason, 'upstream_status_500');
        assert.equal(call?.upstreamStatus, 503);
        assert.equal(JSON.stringify(call?.told), JSON.stringify(told));
        assert.equal(call?.receipt, undefined);
      });

      it('happens once: a second one answers the first, and gives nothing back again', async () => {
        const callId = await bank.opened();
        await bank.ledger.release(releaseOf(callId));
        const again = await bank.ledger.release(releaseOf(callId, { reason: 'timeout' }));
        assert.equal(again.outcome === 'resolved-before' && again.call.reason, 'upstream_status_500');
        assert.equal(await bank.available(), 100n);
      });

      it('does not undo a capture', async () => {
        const callId = await bank.captured(10n);
        const result = await bank.ledger.release(releaseOf(callId));
        assert.equal(result.outcome === 'resolved-before' && result.call.state, 'captured');
        assert.equal(await bank.available(), 90n);
      });
    });

    describe('the idempotency key', () => {
      const idempotencyDigest = '56'.repeat(32);

      it('is claimed by one of 50 simultaneous duplicates, and one hold is made', async () => {
        const results = await Promise.all(
          Array.from({ length: 50 }, () => bank.ledger.openCall(bank.call({ idempotencyDigest }))),
        );
        const opened = results.filter(({ outcome }) => outcome === 'opened');
        const claimed = results.flatMap((result) => (result.outcome === 'claimed' ? [result.call.callId] : []));
        assert.equal(opened.length, 1);
        assert.equal(claimed.length, 49);
        assert.equal(new Set(claimed).size, 1);
        assert.equal(await bank.held(), 1n);
      });

      it('answers the call that claimed it, with its answer and receipt', async () => {
        const callId = await bank.captured(1n, { idempotencyDigest });
        const again = await bank.ledger.openCall(bank.call({ idempotencyDigest, requestDigest: '00'.repeat(32) }));
        assert.equal(again.outcome, 'claimed');
        assert.deepEqual(again.outcome === 'claimed' && again.call, await bank.ledger.findCall(bank.accountId, callId));
        assert.deepEqual(
          await bank.ledger.findClaim(bank.accountId, idempotencyDigest),
          again.outcome === 'claimed' && again.call,
        );
      });

      it('answers also on an empty, frozen account', async () => {
        await bank.captured(100n, { idempotencyDigest });
        await bank.tamper((sql) => sql.rows("UPDATE accounts SET status = 'frozen' WHERE id = ?", [bank.accountId]));
        assert.equal((await bank.ledger.openCall(bank.call({ idempotencyDigest }))).outcome, 'claimed');
      });

      it('belongs to its account: another one can use the same', async () => {
        const [accountId, keyId] = await bank.buyer();
        await bank.opened({ idempotencyDigest });
        await bank.opened({ idempotencyDigest, accountId, keyId, maxChargeMicroUsdc: 0n });
      });

      it('stays claimed by a call that failed after it was sent', async () => {
        const callId = await bank.opened({ idempotencyDigest });
        await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS);
        await bank.ledger.release(releaseOf(callId));
        assert.equal((await bank.ledger.openCall(bank.call({ idempotencyDigest }))).outcome, 'claimed');
      });

      it('is free again where nothing was sent', async () => {
        const callId = await bank.opened({ idempotencyDigest });
        await bank.ledger.release({ callId, reason: 'provider_busy' });
        assert.equal(await bank.ledger.findClaim(bank.accountId, idempotencyDigest), undefined);
        await bank.opened({ idempotencyDigest });
      });

      it('is free again for a call in the same batch, which nobody has to execute twice', async () => {
        const callId = await bank.opened({ idempotencyDigest });
        const { clock, store } = bank;
        const batches: number[] = [];
        const ledger = createLedger(notingBatches(store, batches), { clock, signer: SIGNER });
        const [, again] = await Promise.all([
          ledger.release({ callId, reason: 'provider_busy' }),
          ledger.openCall(bank.call({ idempotencyDigest })),
        ]);
        assert.deepEqual([again.outcome, batches], ['opened', [2]]);
      });
    });

    describe('the sweeper', () => {
      it('leaves a call alone until its deadline', async () => {
        await bank.opened();
        bank.clock.advance(MINUTE_MS - 1);
        assert.deepEqual(await bank.ledger.sweep(), { released: 0, unknown: 0, answersDropped: 0 });
        assert.equal(await bank.held(), 1n);
      });

      it('releases a call that was never dispatched, and frees its key', async () => {
        const callId = await bank.opened({ idempotencyDigest: '78'.repeat(32) });
        bank.clock.advance(MINUTE_MS);
        assert.deepEqual(await bank.ledger.sweep(), { released: 1, unknown: 0, answersDropped: 0 });
        const call = await bank.ledger.findCall(bank.accountId, callId);
        assert.deepEqual([call?.state, call?.reason], ['released', 'never_dispatched']);
        assert.equal(await bank.available(), 100n);
        await bank.opened({ idempotencyDigest: '78'.repeat(32) });
      });

      it("makes a dispatched call unknown in the buyer's favour, and keeps its key claimed", async () => {
        const idempotencyDigest = '78'.repeat(32);
        const callId = await bank.opened({ idempotencyDigest });
        await bank.ledger.markDispatched(callId, bank.clock.nowMs() + 2 * MINUTE_MS);
        bank.clock.advance(MINUTE_MS);
        assert.equal((await bank.ledger.sweep()).unknown, 0);
        bank.clock.advance(MINUTE_MS);
        assert.deepEqual(await bank.ledger.sweep(), { released: 0, unknown: 1, answersDropped: 0 });
        const call = await bank.ledger.findCall(bank.accountId, callId);
        assert.deepEqual([call?.state, call?.reason], ['unknown', 'outcome_unknown']);
        const { rows, total } = await bank.ledger.usage({ accountId: bank.accountId, limit: 1 });
        assert.deepEqual([rows[0]?.failures, total?.failures], [1, 1]);
        assert.equal(await bank.available(), 100n);
        assert.equal((await bank.ledger.openCall(bank.call({ idempotencyDigest }))).outcome, 'claimed');
      });

      it('wins over a capture that comes too late', async () => {
        const callId = await bank.opened();
        await bank.ledger.markDispatched(callId, bank.clock.nowMs());
        await bank.ledger.sweep();
        const result = await bank.ledger.capture(captureOf(callId, 1n));
        assert.equal(result.outcome === 'resolved-before' && result.call.state, 'unknown');
        assert.equal(await bank.available(), 100n);
      });

      it('never releases what was captured', async () => {
        const callId = await bank.captured(10n);
        bank.clock.advance(60 * MINUTE_MS);
        assert.deepEqual(await bank.ledger.sweep(), { released: 0, unknown: 0, answersDropped: 0 });
        assert.equal((await bank.ledger.findCall(bank.accountId, callId))?.state, 'captured');
        assert.equal(await bank.available(), 90n);
      });

      it('keeps a released call from being dispatched', async () => {
        const callId = await bank.opened();
        bank.clock.advance(MINUTE_MS);
        await bank.ledger.sweep();
        assert.equal(await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS), false);
      });

      it('ends more calls than one round takes', async () => {
        await bank.ledger.deposit(bank.accountId, 600n, 'test:more');
        await Promise.all(Array.from({ length: 501 }, () => bank.opened()));
        bank.clock.advance(MINUTE_MS);
        assert.deepEqual(await bank.ledger.sweep(), { released: 501, unknown: 0, answersDropped: 0 });
        assert.equal(await bank.held(), 0n);
      });

      it('drops the answers that have expired, and no receipt', async () => {
        await bank.captured(1n);
        bank.clock.advance(60 * MINUTE_MS);
        await bank.captured(1n);
        bank.clock.advance(DAY_MS - 60 * MINUTE_MS);
        assert.equal((await bank.ledger.sweep()).answersDropped, 1);
        assert.equal(await bank.count('answers'), 1);
        assert.equal(await bank.count('receipts'), 2);
      });

      it('drops more answers than one round takes, and looks for them in none of its transactions', async () => {
        await bank.ledger.deposit(bank.accountId, 600n, 'test:more');
        await Promise.all(Array.from({ length: 501 }, () => bank.captured(1n)));
        bank.clock.advance(DAY_MS);
        const written: string[] = [];
        const { store, clock } = bank;
        const write: Store['write'] = (command) =>
          store.write((sql) =>
            command({
              rows: (statement, bindings) => {
                written.push(statement);
                return sql.rows(statement, bindings);
              },
            }),
          );
        const ledger = createLedger({ ...store, write }, { clock, signer: SIGNER });
        assert.equal((await ledger.sweep()).answersDropped, 501);
        assert.equal(await bank.count('answers'), 0);
        const looking = written.filter((statement) => /answers.* expires_at_ms/s.test(statement));
        assert.deepEqual(looking, []);
      });

      it('ends calls of a clock that was a year ahead once it has seen them for longer than a call can last', async () => {
        let elapsedMs = 0;
        const ledger = createLedger(bank.store, { clock: bank.clock, signer: SIGNER, elapsedMs: () => elapsedMs });
        bank.clock.advance(365 * DAY_MS);
        const held = await bank.opened();
        const sent = await bank.opened({ dispatchDeadlineMs: bank.clock.nowMs() + MINUTE_MS });
        bank.clock.advance(-365 * DAY_MS);
        const nothing = { released: 0, unknown: 0, answersDropped: 0 };
        assert.deepEqual(await ledger.sweep(), nothing);
        elapsedMs += 12 * MINUTE_MS - 1;
        assert.deepEqual(await ledger.sweep(), nothing);
        const late = await bank.opened({ deadlineMs: bank.clock.nowMs() + 13 * MINUTE_MS });
        elapsedMs += 1;
        assert.deepEqual(await ledger.sweep(), { released: 1, unknown: 1, answersDropped: 0 });
        const states = await Promise.all(
          [held, sent, late].map((callId) => bank.ledger.findCall(bank.accountId, callId)),
        );
        assert.deepEqual(
          states.map((call) => call?.state),
          ['released', 'unknown', 'held'],
        );
        assert.equal(await bank.held(), 1n);
      });

      it('ends those also beside more calls of gateways with other clocks than one round takes', async () => {
        await bank.ledger.deposit(bank.accountId, 600n, 'test:more');
        let elapsedMs = 0;
        const ledger = createLedger(bank.store, { clock: bank.clock, signer: SIGNER, elapsedMs: () => elapsedMs });
        const calls = (deadlineMs: number) =>
          Promise.all(Array.from({ length: 500 }, () => bank.opened({ deadlineMs })));
        await bank.opened({ deadlineMs: bank.clock.nowMs() + 365 * DAY_MS });
        const before = await calls(bank.clock.nowMs() + 13 * MINUTE_MS);
        await ledger.sweep();
        await Promise.all(before.map((callId) => bank.ledger.release({ callId, reason: 'test' })));
        await calls(bank.clock.nowMs() + 13 * MINUTE_MS);
        elapsedMs += 12 * MINUTE_MS;
        assert.equal((await ledger.sweep()).released, 1);
      });

      it('leaves a call alone whose deadline is far away for the clock of a gateway that is behind', async () => {
        let elapsedMs = 0;
        const ledger = createLedger(bank.store, { clock: bank.clock, signer: SIGNER, elapsedMs: () => elapsedMs });
        for (let turn = 0; turn < 5; turn += 1) {
          const callId = await bank.opened({ deadlineMs: bank.clock.nowMs() + 60 * MINUTE_MS });
          assert.equal((await ledger.sweep()).released, 0);
          elapsedMs += 11 * MINUTE_MS;
          assert.equal((await ledger.sweep()).released, 0);
          await bank.ledger.capture(captureOf(callId, 1n));
        }
      });

      it('comes to an end where the clock is set back while it sweeps', async () => {
        await Promise.all(Array.from({ length: 500 }, () => bank.opened({ maxChargeMicroUsdc: 0n })));
        bank.clock.advance(2 * MINUTE_MS);
        const { clock } = bank;
        let asked = 0;
        const nowMs = (): number => clock.nowMs() - (++asked === 1 ? 0 : 2 * MINUTE_MS);
        const ledger = createLedger(bank.store, {
          clock: { nowMs, randomBytes: (count) => clock.randomBytes(count) },
          signer: SIGNER,
        });
        assert.deepEqual(await ledger.sweep(), { released: 0, unknown: 0, answersDropped: 0 });
        assert.equal((await bank.ledger.sweep()).released, 500);
      });
    });

    describe('dispatching a call', () => {
      it('with its hold is one commit, and makes it unknown at its own deadline', async () => {
        const dispatchDeadlineMs = bank.clock.nowMs() + 2 * MINUTE_MS;
        const callId = await bank.opened({ maxChargeMicroUsdc: 9n, dispatchDeadlineMs });
        assert.equal((await bank.ledger.findCall(bank.accountId, callId))?.state, 'dispatched');
        assert.equal(await bank.held(), 9n);
        assert.equal(await bank.ledger.markDispatched(callId, dispatchDeadlineMs), false);
        bank.clock.advance(MINUTE_MS);
        assert.equal((await bank.ledger.sweep()).unknown, 0);
        bank.clock.advance(MINUTE_MS);
        assert.deepEqual(await bank.ledger.sweep(), { released: 0, unknown: 1, answersDropped: 0 });
        assert.equal(await bank.available(), 100n);
      });

      it('with its hold counts its time from there', async () => {
        const callId = await bank.opened({ dispatchDeadlineMs: bank.clock.nowMs() + MINUTE_MS });
        bank.clock.advance(40);
        await bank.ledger.capture(captureOf(callId, 1n));
        assert.equal((await bank.ledger.findCall(bank.accountId, callId))?.latencyMs, 40);
      });

      it('happens once, also under 10 simultaneous tries', async () => {
        const callId = await bank.opened();
        const marks = await Promise.all(
          Array.from({ length: 10 }, () => bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS)),
        );
        assert.equal(marks.filter(Boolean).length, 1);
      });
    });

    describe('a deposit', () => {
      it('is credited once for its reference, also under 50 simultaneous duplicates', async () => {
        const credited = await Promise.all(
          Array.from({ length: 50 }, () => bank.ledger.deposit(bank.accountId, 5n, 'chain:1:0xabc:0')),
        );
        assert.equal(credited.filter(Boolean).length, 1);
        assert.equal(await bank.available(), 105n);
      });

      it('is not credited to another account, or with another amount, under the same reference: that is an error', async () => {
        const [other] = await bank.buyer();
        await assert.rejects(bank.ledger.deposit(other, 100n, 'test:funds'), /"test:funds" was credited before, with /);
        assert.equal(await bank.available(other), 0n);
        const before = await bank.available(bank.accountId);
        await assert.rejects(bank.ledger.deposit(bank.accountId, 5n, 'test:funds'), /take another reference/);
        assert.equal(await bank.available(bank.accountId), before);
      });

      for (const amount of [0n, -1n, 1_000_000_000_000_001n]) {
        it(`of ${amount} micro-USDC is refused`, () =>
          assert.rejects(bank.ledger.deposit(bank.accountId, amount, 'x'), /cannot credit/));
      }

      it('to an account that does not exist is refused, and the reference stays free', async () => {
        await assert.rejects(
          bank.ledger.deposit('acct_nobody' as typeof bank.accountId, 5n, 'x'),
          /no buyer has the account acct_nobody/,
        );
        assert.equal(await bank.ledger.deposit(bank.accountId, 5n, 'x'), true);
      });

      it('to what is no buyer is refused, and the books go on', async () => {
        await assert.rejects(
          bank.ledger.deposit('platform' as typeof bank.accountId, 5n, 'x'),
          (error) => error instanceof RangeError && /no buyer has the account platform/.test(error.message),
        );
        assert.equal(await bank.ledger.deposit(bank.accountId, 5n, 'x'), true);
        await bank.captured(5n);
      });

      it('of a billion USDC, the most that is possible, is exact, and so are ten', async () => {
        const large = 1_000_000_000_000_000n;
        for (let index = 0; index < 10; index += 1) await bank.ledger.deposit(bank.accountId, large, `large:${index}`);
        assert.equal(await bank.available(), 10_000_000_000_000_100n);
        const callId = await bank.opened({ maxChargeMicroUsdc: 10_000_000_000_000_099n });
        await bank.ledger.capture(captureOf(callId, 9_999_999_999_999_999n));
        assert.equal(await bank.available(), 101n);
      });
    });

    describe('what belongs to somebody else', () => {
      it('is answered as if it did not exist', async () => {
        const callId = await bank.captured(1n, { idempotencyDigest: '9a'.repeat(32) });
        const [other] = await bank.buyer();
        const receiptId = callId.replace('call_', 'rcpt_');
        assert.equal((await bank.ledger.findCall(bank.accountId, callId))?.callId, callId);
        assert.equal(await bank.ledger.findCall(other, callId), undefined);
        assert.equal(await bank.ledger.findReceipt(other, receiptId), undefined);
        assert.equal(await bank.ledger.findClaim(other, '9a'.repeat(32)), undefined);
        assert.equal((await bank.ledger.usage({ accountId: other, limit: 10 })).total?.calls, 0);
      });
    });

    describe('books that contradict themselves', () => {
      it('stop the taking of calls, and let those under way end', async () => {
        const [callId, underWay] = [await bank.opened(), await bank.opened()];
        const twice = bank.ledger.openCall(bank.call({ callId }));
        await assert.rejects(twice, (error) => !(error instanceof GatewayError));
        await assert.rejects(
          bank.ledger.openCall(bank.call()),
          (error) => error instanceof GatewayError && error.code === 'STORE_UNAVAILABLE' && !error.retryable,
        );
        await assert.rejects(bank.ledger.markDispatched(underWay, bank.clock.nowMs()));
        assert.equal((await bank.ledger.capture(captureOf(underWay, 1n))).outcome, 'captured');
      });
    });
  });
}

/** The store, with a note of how many commands each execution of a group has. */
function notingBatches(store: Store, sizes: number[]): Store {
  let noted: unknown;
  return {
    ...store,
    writeTogether: <Input, Result>(group: GroupCommand<Input, Result>, input: Input) => {
      noted ??= (async (sql, inputs, basis) => {
        sizes.push(inputs.length);
        return group(sql, inputs, basis);
      }) satisfies GroupCommand<Input, Result>;
      return store.writeTogether(noted as GroupCommand<Input, Result>, input);
    },
  };
}
