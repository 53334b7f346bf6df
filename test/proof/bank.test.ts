/**
 * Promise 2, in the manner of Jepsen's bank test: 64 workers move money among 8 buyers' and 8 sellers' accounts through
 * two gateways on one database, while readers take snapshots. No money comes in or goes out meanwhile, so every snapshot
 * must add up to what there was at the beginning, and nobody may have less than nothing in it.
 */

import assert from 'node:assert/strict';

import type { AccountId, KeyId, Ledger } from '../../runtime/ledger/ledger.js';
import { amount } from '../../runtime/store/column.js';
import type { Store } from '../../runtime/store/store.js';
import { randomFrom } from '../corpus/random.js';
import { Bank, captureOf, MINUTE_MS, releaseOf } from '../ledger/bank.js';
import { STORES } from '../store/stores.js';
import { figure } from './figures.js';

const ACCOUNTS = 8;
const WORKERS = 64;
const READERS = 2;
const CALLS_A_WORKER = figure({ full: 100, short: 5 });
const FUNDS = 200n;
const TOTAL = FUNDS * BigInt(ACCOUNTS);

for (const kind of STORES) {
  describe(`the bank on ${kind.name}`, function () {
    this.timeout(3_600_000);
    let bank: Bank;

    before(async () => {
      bank = await Bank.open(kind);
    });
    after(() => bank.close());

    it(`adds up to the same in every snapshot, while ${WORKERS} workers move money among ${ACCOUNTS} accounts`, async () => {
      const buyers: (readonly [AccountId, KeyId])[] = [];
      for (let index = 0; index < ACCOUNTS; index += 1) {
        const buyer = await bank.buyer();
        await bank.ledger.deposit(buyer[0], FUNDS, `bank:${index}`);
        buyers.push(buyer);
      }
      const ledgers = [bank.ledger, await bank.anotherLedger()];
      let working = true;
      let snapshots = 0;
      const readers = Array.from({ length: READERS }, async () => {
        while (working) {
          assert.deepEqual(await read(bank.store), { total: TOTAL, nobodyOwes: true, posted: 0n, pending: 0n });
          snapshots += 1;
        }
      });
      const workers = Array.from({ length: WORKERS }, (_, index) =>
        work(bank, ledgers[index % ledgers.length]!, buyers, randomFrom(index)),
      );
      const moved = await Promise.race([Promise.all(workers), Promise.all(readers).then(() => [])]);
      working = false;
      await Promise.all(readers);

      assert.ok(snapshots > 0);
      assert.ok(moved.reduce((sum, charged) => sum + charged, 0n) > 0n);
      let left = 0n;
      for (const [accountId] of buyers) {
        const { availableMicroUsdc, heldMicroUsdc } = await bank.ledger.balance(accountId);
        assert.equal(heldMicroUsdc, 0n);
        left += availableMicroUsdc;
      }
      assert.equal(left + moved.reduce((sum, charged) => sum + charged, 0n), TOTAL);
    });
  });
}

/** Opens calls and ends them in every way there is. What it was charged. */
async function work(
  bank: Bank,
  ledger: Ledger,
  buyers: readonly (readonly [AccountId, KeyId])[],
  random: () => number,
): Promise<bigint> {
  const pick = (count: number) => Math.floor(random() * count);
  let charged = 0n;
  for (let left = CALLS_A_WORKER; left > 0; left -= 1) {
    const [accountId, keyId] = buyers[pick(buyers.length)]!;
    const maxChargeMicroUsdc = BigInt(pick(10));
    const call = bank.call({ accountId, keyId, sellerId: `seller-${pick(ACCOUNTS)}`, maxChargeMicroUsdc });
    const opened = await ledger.openCall(call);
    if (opened.outcome !== 'opened') {
      assert.equal(opened.outcome, 'insufficient-funds');
      continue;
    }
    if (pick(4) > 0) assert.ok(await ledger.markDispatched(call.callId, bank.clock.nowMs() + MINUTE_MS));
    if (pick(4) === 0) {
      await ledger.release(releaseOf(call.callId));
      continue;
    }
    const charge = BigInt(pick(Number(maxChargeMicroUsdc) + 1));
    assert.equal((await ledger.capture(captureOf(call.callId, charge))).outcome, 'captured');
    charged += charge;
  }
  return charged;
}

/** All that is on accounts within the books, as one moment has it. */
function read(store: Store): Promise<unknown> {
  return store.snapshot(async (sql) => {
    const [row] = await sql.rows(
      `SELECT
        CAST(SUM(CASE WHEN kind = 'deposits' THEN 0 ELSE credits_posted - debits_posted END) AS TEXT) AS total,
        CAST(SUM(credits_posted - debits_posted) AS TEXT) AS posted,
        CAST(SUM(credits_pending - debits_pending) AS TEXT) AS pending,
        CAST(MIN(CASE WHEN kind = 'buyer' THEN credits_posted - debits_posted - debits_pending ELSE 0 END) AS TEXT) AS poorest
        FROM accounts`,
    );
    return {
      total: amount(row!, 'total'),
      nobodyOwes: amount(row!, 'poorest') >= 0n,
      posted: amount(row!, 'posted'),
      pending: amount(row!, 'pending'),
    };
  });
}
