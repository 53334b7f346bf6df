/** That the check finds what it is there to find: each row is done to sound books, and named by the check. */

import assert from 'node:assert/strict';

import { booksSince, WHOLE_BOOKS } from '../../runtime/ledger/money-invariants.js';
import { STORES, type StoreKind } from '../store/stores.js';
import { Bank } from './bank.js';

const DEBITS_CREDITS = 'the sum of all debits equals the sum of all credits, pending likewise';
const BUDGETS = 'what a key has reserved of a day equals its calls of that day';
const HOLDS = "a hold is its call's, from the call's buyer to its seller, for what the call holds";
const DIRECT = 'what is transferred without a hold is a deposit to a buyer, or the fee of a call';
const RECEIPTS = "each account's receipts are numbered without a gap, linked, signed and true";

const ANY_TRANSFER = 'DROP_TRIGGER transfer_without_its_ground ON transfers';

/** A transfer from one account to another, with the balances that it moves: the sums hold. */
const moved = (transfer: string, from: string, to: string): readonly string[] => [
  ANY_TRANSFER,
  `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, pending_id, call_id, reference, created_at_ms)
    ${transfer}`,
  `UPDATE accounts SET debits_posted = debits_posted + 3 WHERE ${from}`,
  `UPDATE accounts SET credits_posted = credits_posted + 3 WHERE ${to}`,
];

const BUYER = "kind = 'buyer'";
const SELLER = "id = 'seller:weather-inc'";
const CHARGED = 'SELECT call_id FROM receipts';

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
      ANY_TRANSFER,
      `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, call_id, created_at_ms)
        SELECT 'fee_x', 'direct', 'seller:weather-inc', 'platform', 0, id, 0 FROM calls WHERE state = 'held'`,
    ],
    ["the platform has its part of every charge, rounded down, from the charge's seller"],
  ],
  [
    'a fee that was never taken',
    [
      'DROP_TRIGGER calls_never_changed ON calls',
      'DROP_TRIGGER calls_keep_what_they_are ON calls',
      'UPDATE calls SET fee_bps = 2000 WHERE charge > 0',
    ],
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
  [
    'a buyer pays a seller without a call',
    moved(
      `SELECT 't', 'direct', id, 'seller:weather-inc', 3, NULL, NULL, NULL, 0 FROM accounts WHERE ${BUYER}`,
      BUYER,
      SELLER,
    ),
    [DIRECT],
  ],
  [
    'the platform takes from a seller without a call',
    moved(
      "VALUES ('t', 'direct', 'seller:weather-inc', 'platform', 3, NULL, NULL, NULL, 0)",
      SELLER,
      "id = 'platform'",
    ),
    [DIRECT],
  ],
  [
    'a deposit is of no payment',
    moved(
      `SELECT 't', 'direct', 'deposits', id, 3, NULL, NULL, NULL, 0 FROM accounts WHERE ${BUYER}`,
      "id = 'deposits'",
      BUYER,
    ),
    [DIRECT],
  ],
  [
    'a seller is credited a deposit',
    moved("VALUES ('t', 'direct', 'deposits', 'seller:weather-inc', 3, NULL, NULL, 'r', 0)", "id = 'deposits'", SELLER),
    [DIRECT],
  ],
  [
    'a hold that no call has was captured',
    [
      `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, call_id, created_at_ms)
        SELECT 'hold_t', 'pending', id, 'seller:weather-inc', 3, 'call_t', 0 FROM accounts WHERE ${BUYER}`,
      ...moved(
        `SELECT 'done_t', 'post', id, 'seller:weather-inc', 3, 'hold_t', 'call_t', NULL, 0 FROM accounts WHERE ${BUYER}`,
        BUYER,
        SELLER,
      ),
    ],
    [HOLDS],
  ],
  [
    'a call was captured a second time',
    [
      `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, call_id, created_at_ms)
        SELECT 'hold_t', 'pending', account_id, 'seller:weather-inc', 3, call_id, 0 FROM receipts WHERE number = 1`,
      ...moved(
        `SELECT 'done_t', 'post', account_id, 'seller:weather-inc', 3, 'hold_t', call_id, NULL, 0 FROM receipts
          WHERE number = 1`,
        BUYER,
        SELLER,
      ),
    ],
    [HOLDS],
  ],
  [
    'what was charged went to another seller',
    [
      "INSERT INTO accounts (id, kind, name, created_at_ms) VALUES ('seller:other', 'seller', 'other', 0)",
      'DROP_TRIGGER transfers_never_changed ON transfers',
      `UPDATE transfers SET credit_account = 'seller:other' WHERE call_id IN (${CHARGED})`,
      `UPDATE accounts SET credits_posted = credits_posted - 15 WHERE ${SELLER}`,
      "UPDATE accounts SET credits_posted = credits_posted + 15 WHERE id = 'seller:other'",
    ],
    [HOLDS],
  ],
  [
    'what was charged was paid by another buyer',
    [
      `INSERT INTO accounts (id, kind, name, credits_posted, created_at_ms) VALUES ('acct_other', 'buyer', 'other', 15, 0)`,
      "UPDATE accounts SET debits_posted = debits_posted + 15 WHERE id = 'deposits'",
      `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, reference, created_at_ms)
        VALUES ('t', 'direct', 'deposits', 'acct_other', 15, 'other', 0)`,
      'DROP_TRIGGER transfers_never_changed ON transfers',
      `UPDATE transfers SET debit_account = 'acct_other' WHERE call_id IN (${CHARGED})`,
      "UPDATE accounts SET debits_posted = debits_posted - 15 WHERE kind = 'buyer' AND id <> 'acct_other'",
      "UPDATE accounts SET debits_posted = debits_posted + 15 WHERE id = 'acct_other'",
    ],
    [HOLDS],
  ],
  [
    'an open call is of another seller',
    ['DROP_TRIGGER calls_keep_what_they_are ON calls', "UPDATE calls SET seller_id = 'other' WHERE state = 'held'"],
    [HOLDS],
  ],
  [
    'a buyer is one no more',
    ['DROP_TRIGGER accounts_keep_what_they_are ON accounts', `UPDATE accounts SET kind = 'seller' WHERE ${BUYER}`],
    [HOLDS, DIRECT],
  ],
  [
    "a capture is of another call's hold",
    [
      'DROP_TRIGGER transfers_never_changed ON transfers',
      `UPDATE transfers SET pending_id = (SELECT 'hold_' || substr(id, 6) FROM calls WHERE state = 'held')
        WHERE kind = 'post' AND call_id = (SELECT call_id FROM receipts WHERE number = 1)`,
    ],
    [
      "an account's debits pending equal its transfers",
      "an account's credits pending equal its transfers",
      'what is held equals the open calls, one hold a call',
      'a resolved call has the transfer of its outcome, for its charge',
    ],
  ],
  ...(
    [
      ['a receipt holds no JSON', "message = 'nothing'"],
      ['a receipt holds nothing', "message = 'null'"],
      ['a receipt has another id', "id = 'rcpt_other'"],
    ] as const
  ).map(
    ([name, change]) =>
      [
        name,
        ['DROP_TRIGGER receipts_never_changed ON receipts', `UPDATE receipts SET ${change} WHERE number = 2`],
        [RECEIPTS],
      ] as const,
  ),
  ...(
    [
      ['a call has another status than its receipt', 'upstream_status = 201'],
      ['a call has ended at another time than its receipt says', 'finished_at_ms = 1'],
      ['a call has another idempotency key than its receipt', "idempotency_digest = 'other'"],
    ] as const
  ).map(
    ([name, change]) =>
      [
        name,
        [
          'DROP_TRIGGER calls_never_changed ON calls',
          `UPDATE calls SET ${change} WHERE id = (SELECT call_id FROM receipts WHERE number = 2)`,
        ],
        [RECEIPTS],
      ] as const,
  ),
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

describe('the check of the books', () => {
  it('compares no row with each of another table, on SQLite, which knows no other full join', async () => {
    const bank = await Bank.open(STORES[0]!, 100n);
    try {
      for (const { invariant, violations } of [...WHOLE_BOOKS, ...booksSince(1)]) {
        const plan = await bank.store.read.rows(`EXPLAIN QUERY PLAN ${violations} LIMIT 20`);
        const steps = plan.map((step) => String(step['detail']));
        const compared = steps.filter((step) => /^SCAN .* LEFT-JOIN$|^RIGHT-JOIN/.test(step));
        assert.deepEqual(compared, [], invariant);
      }
    } finally {
      await bank.database.drop();
    }
  });
});
