/** That the check finds what it is there to find: each row is done to sound books, and named by the check. */

import assert from 'node:assert/strict';

import { STORES, type StoreKind } from '../store/stores.js';
import { Bank } from './bank.js';

const DEBITS_CREDITS = 'the sum of all debits equals the sum of all credits, pending likewise';
const BUDGETS = 'what a key has reserved of a day equals its calls of that day';
const RECEIPTS = "each account's receipts are numbered without a gap, linked, signed and true";

/** [what is done, by which statements, which invariants then do not hold] */
const DONE: readonly (readonly [name: string, statements: readonly string[], broken: readonly string[]])[] = [
  [
    'a micro-USDC appears on a buyer',
    ["UPDATE accounts SET credits_posted = credits_posted + 1 WHERE kind = 'buyer'"],
    [DEBITS_CREDITS, "an account's credits posted equal its transfers"],
  ],
  [
    'a micro-USDC moves from a buyer to a seller without a transfer',
    [
      "UPDATE accounts SET debits_posted = debits_posted + 1 WHERE kind = 'buyer'",
      "UPDATE accounts SET credits_posted = credits_posted + 1 WHERE kind = 'seller'",
    ],
    ["an account's debits posted equal its transfers", "an account's credits posted equal its transfers"],
  ],
  [
    'a hold is forgotten on both sides',
    [
      "UPDATE accounts SET debits_pending = 0 WHERE kind = 'buyer'",
      "UPDATE accounts SET credits_pending = 0 WHERE kind = 'seller'",
    ],
    ["an account's debits pending equal its transfers", "an account's credits pending equal its transfers"],
  ],
  [
    'an open call vanishes into a final state',
    ["UPDATE calls SET state = 'released', finished_at_ms = 1 WHERE state = 'held'"],
    [
      'what is held equals the open calls, one hold a call',
      'a resolved call has the transfer of its outcome, for its charge',
      BUDGETS,
    ],
  ],
  [
    'the fee of a call that owes none',
    [
      `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, call_id, created_at_ms)
        SELECT 'fee_x', 'direct', 'seller:weather-inc', 'platform', 0, id, 0 FROM calls WHERE state = 'held'`,
    ],
    ["the platform has its part of every charge, rounded down, from the charge's seller"],
  ],
  [
    'a fee that was never taken',
    ['DROP_TRIGGER calls_never_changed ON calls', 'UPDATE calls SET fee_bps = 2000 WHERE charge > 0'],
    ["the platform has its part of every charge, rounded down, from the charge's seller"],
  ],
  ['a key has reserved what it has not', ['UPDATE key_days SET reserved = reserved + 1'], [BUDGETS]],
  [
    'a capture without a receipt',
    ["UPDATE calls SET state = 'captured', finished_at_ms = 1 WHERE state = 'held'"],
    [
      'what is held equals the open calls, one hold a call',
      'a resolved call has the transfer of its outcome, for its charge',
      'a captured call has a receipt, and no other call has one',
      BUDGETS,
    ],
  ],
  [
    'the last receipt is deleted',
    ['DROP_TRIGGER receipts_never_deleted ON receipts', 'DELETE FROM receipts WHERE number = 3'],
    ['a captured call has a receipt, and no other call has one'],
  ],
  [
    'a receipt in the middle is deleted',
    ['DROP_TRIGGER receipts_never_deleted ON receipts', 'DELETE FROM receipts WHERE number = 2'],
    ['a captured call has a receipt, and no other call has one', RECEIPTS],
  ],
  [
    'a receipt says another amount',
    [
      'DROP_TRIGGER receipts_never_changed ON receipts',
      `UPDATE receipts SET message = REPLACE(message, '"amountMicroUsdc":"5"', '"amountMicroUsdc":"4"') WHERE number = 2`,
    ],
    [RECEIPTS],
  ],
  [
    "a receipt's signature is that of another",
    [
      'DROP_TRIGGER receipts_never_changed ON receipts',
      'UPDATE receipts SET signature = (SELECT signature FROM receipts WHERE number = 1) WHERE number = 2',
    ],
    [RECEIPTS],
  ],
  [
    'a transfer is changed',
    ['DROP_TRIGGER transfers_never_changed ON transfers', "UPDATE transfers SET amount = 4 WHERE kind = 'post'"],
    [
      "an account's debits posted equal its transfers",
      "an account's credits posted equal its transfers",
      'a resolved call has the transfer of its outcome, for its charge',
    ],
  ],
  [
    'a release becomes a capture of nothing',
    [
      'DROP_TRIGGER transfers_never_changed ON transfers',
      "UPDATE transfers SET kind = 'void', amount = 0 WHERE kind = 'post' AND id = (SELECT MIN(id) FROM transfers WHERE kind = 'post')",
    ],
    [
      "an account's debits posted equal its transfers",
      "an account's credits posted equal its transfers",
      'a resolved call has the transfer of its outcome, for its charge',
    ],
  ],
];

const dialected = (kind: StoreKind, statement: string) =>
  kind.name === 'SQLite'
    ? statement.replace(/^DROP_TRIGGER (\S+) ON .*/, 'DROP TRIGGER $1')
    : statement.replace(/^DROP_TRIGGER/, 'DROP TRIGGER');

for (const kind of STORES) {
  describe(`the check of the books on ${kind.name}`, () => {
    let bank: Bank;

    beforeEach(async () => {
      bank = await Bank.open(kind, 100n);
      // What follows is done to rows since the last start.
      assert.deepEqual(await bank.brokenAtStart(), []);
      for (let index = 0; index < 3; index += 1) await bank.captured(5n);
      await bank.opened({ maxChargeMicroUsdc: 7n });
    });
    afterEach(() => bank.database.drop());

    it('finds nothing in sound books', async () => {
      assert.deepEqual(await bank.broken(), []);
    });

    for (const [name, statements, broken] of DONE) {
      it(`finds that ${name}`, async () => {
        for (const statement of statements) await bank.tamper((sql) => sql.rows(dialected(kind, statement)));
        assert.deepEqual(await bank.broken(), broken);
      });
    }

    for (const [name, statements, broken] of DONE) {
      const found = broken.some((invariant) => invariant !== RECEIPTS && invariant !== BUDGETS);
      const want = found ? broken.filter((invariant) => invariant !== RECEIPTS) : [];
      it(`${found ? 'finds' : 'leaves to the whole check'}, at the next start, that ${name}`, async () => {
        for (const statement of statements) await bank.tamper((sql) => sql.rows(dialected(kind, statement)));
        assert.deepEqual(await bank.brokenAtStart(), want);
        // No checkpoint was made of it.
        assert.deepEqual(await bank.brokenAtStart(), want);
      });
    }

    it('goes on, at each start, from where it was sound at the last', async () => {
      for (let start = 0; start < 3; start += 1) {
        await bank.captured(5n);
        assert.deepEqual(await bank.brokenAtStart(), []);
        const [row] = await bank.store.read.rows(
          `SELECT COUNT(*) AS accounts, MIN(sequence) AS first, MAX(sequence) AS last,
            (SELECT MAX(sequence) FROM transfers) AS now FROM checkpoints`,
        );
        assert.deepEqual([row?.['first'], row?.['last']], [row?.['now'], row?.['now']]);
        assert.equal(Number(row?.['accounts']), await bank.count('accounts'));
      }
    });

    it('blames no books for a checkpoint that is wrong, and mends it', async () => {
      assert.deepEqual(await bank.brokenAtStart(), []);
      await bank.tamper((sql) => sql.rows('UPDATE checkpoints SET debits_posted = debits_posted + 1'));
      assert.deepEqual(await bank.brokenAtStart(), []);
      const wrong = await bank.store.read.rows(
        'SELECT id FROM accounts JOIN checkpoints ON account_id = id WHERE accounts.debits_posted <> checkpoints.debits_posted',
      );
      assert.deepEqual(wrong, []);
    });

    it('names the account and the amounts', async () => {
      await bank.tamper((sql) =>
        sql.rows("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE kind = 'buyer'"),
      );
      const results = await bank.ledger.check();
      const found = results.find(({ invariant }) => invariant === "an account's credits posted equal its transfers");
      assert.deepEqual(found?.violations, [`${bank.accountId} has 101, its transfers come to 100`]);
    });
  });
}
