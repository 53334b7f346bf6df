/** That the check finds what it is there to find: each row is done to sound books, and named by the check. */

import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import { booksSince, WHOLE_BOOKS } from '../../runtime/ledger/money-invariants.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import { STORES, type StoreKind } from '../store/stores.js';
import { Bank, captureOf, releaseOf, SIGNER } from './bank.js';

const DEBITS_CREDITS = 'the sum of all debits equals the sum of all credits, pending likewise';
const HELD = 'what is held equals the open calls, one hold a call';
const RESOLUTIONS = 'a hold resolves at most once, between its own accounts, for at most its amount';
const OUTCOMES = 'a resolved call has the transfer of its outcome, for its charge';
const FEES = "the platform has its part of every charge, rounded down, from the charge's seller";
const CAPTURES = 'a captured call has a receipt, and no other call has one';
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
  [
    'two receipts for the same were exchanged',
    [
      'DROP_TRIGGER receipts_never_changed ON receipts',
      "UPDATE receipts SET call_id = (SELECT id FROM calls WHERE state = 'held') WHERE number = 1",
      `UPDATE receipts SET call_id = (SELECT 'call_' || substr(id, 6) FROM receipts WHERE number = 1) WHERE number = 2`,
      `UPDATE receipts SET call_id = (SELECT 'call_' || substr(id, 6) FROM receipts WHERE number = 2) WHERE number = 1`,
    ],
    [RECEIPTS],
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

const RESOLVED_CALLS = ['DROP_TRIGGER calls_never_changed ON calls', 'DROP_TRIGGER calls_keep_what_they_are ON calls'];
const TRANSFERS = 'DROP_TRIGGER transfers_never_changed ON transfers';

/** The id of an entry of a call. */
const entryOf = (prefix: 'call' | 'hold' | 'done' | 'fee', call: string) =>
  `(SELECT '${prefix}_' || substr(id, 6) FROM calls WHERE ${call})`;

/** Another entry, from the buyer to the seller, of no amount that is posted. */
const another = (id: string, kind: string, amount: number, pendingId: string, callId: string) => `INSERT INTO transfers
  (id, kind, debit_account, credit_account, amount, pending_id, call_id, created_at_ms)
  SELECT ${id}, '${kind}', account_id, 'seller:weather-inc', ${amount}, ${pendingId}, ${callId}, 0 FROM calls WHERE charge = 5`;

const anotherFee = (id: string, callId: string) => `INSERT INTO transfers
  (id, kind, debit_account, credit_account, amount, call_id, created_at_ms)
  VALUES (${id}, 'direct', 'seller:weather-inc', 'platform', 0, ${callId}, 0)`;

/** Likewise, to books with a call of every state, of which one pays a fee. */
const DONE_TO_EVERY_STATE: typeof DONE = [
  ['a key has reserved less than its calls hold', ['UPDATE key_days SET reserved = reserved - 1'], [BUDGETS]],
  [
    'what a key has reserved is gone',
    ['DROP_TRIGGER key_days_never_deleted ON key_days', 'DELETE FROM key_days'],
    [BUDGETS],
  ],
  [
    'a key has reserved of a day without calls',
    ["INSERT INTO key_days (key_id, day, reserved) SELECT id, '2026-03-08', 3 FROM api_keys"],
    [BUDGETS],
  ],
  [
    'less is pending on one side than on the other',
    ["UPDATE accounts SET debits_pending = debits_pending - 1 WHERE kind = 'buyer' AND debits_pending > 0"],
    [DEBITS_CREDITS, "an account's debits pending equal its transfers"],
  ],
  [
    'a buyer holds more than it has',
    [
      'DROP_CHECK accounts_check ON accounts',
      TRANSFERS,
      "UPDATE transfers SET amount = 10 WHERE reference = 'test:funds'",
      "UPDATE accounts SET debits_posted = debits_posted - 990 WHERE id = 'deposits'",
      "UPDATE accounts SET credits_posted = 10 WHERE kind = 'buyer' AND credits_posted = 1000",
    ],
    ['no buyer has less than nothing'],
  ],
  [
    'an open call has another amount than its hold',
    ['DROP_TRIGGER calls_keep_what_they_are ON calls', "UPDATE calls SET hold = 8 WHERE state = 'held'"],
    [HELD, HOLDS, BUDGETS],
  ],
  [
    'an open call is of another account than its hold',
    ['DROP_TRIGGER calls_keep_what_they_are ON calls', "UPDATE calls SET account_id = 'losses' WHERE state = 'held'"],
    [HELD, HOLDS],
  ],
  [
    'what is no hold was resolved',
    [ANY_TRANSFER, another("'t'", 'void', 0, entryOf('done', 'charge = 5'), 'NULL')],
    [RESOLUTIONS],
  ],
  ...(['debit_account', 'credit_account'] as const).map(
    (side) =>
      [
        `a release has another ${side}`,
        [TRANSFERS, `UPDATE transfers SET ${side} = 'losses' WHERE id = ${entryOf('done', "state = 'released'")}`],
        [RESOLUTIONS],
      ] as const,
  ),
  [
    'more was charged than was held',
    [TRANSFERS, `UPDATE transfers SET amount = 4 WHERE id = ${entryOf('hold', 'charge = 5')}`],
    [RESOLUTIONS, HOLDS],
  ],
  [
    'a charge is above its hold',
    ['DROP_CHECK calls_check ON calls', ...RESOLVED_CALLS, 'UPDATE calls SET hold = 4 WHERE charge = 5'],
    [HOLDS, 'no charge is above its hold'],
  ],
  [
    'a release is that of another call',
    [
      TRANSFERS,
      `UPDATE transfers SET call_id = ${entryOf('call', "state = 'unknown'")}
        WHERE id = ${entryOf('done', "state = 'released'")}`,
    ],
    [OUTCOMES],
  ],
  [
    'a call of unknown outcome has a capture of nothing',
    [TRANSFERS, `UPDATE transfers SET kind = 'post' WHERE id = ${entryOf('done', "state = 'unknown'")}`],
    [OUTCOMES],
  ],
  [
    'a fee is above its part',
    [
      TRANSFERS,
      `UPDATE transfers SET amount = 2 WHERE id = ${entryOf('fee', 'charge = 5')}`,
      `UPDATE accounts SET debits_posted = debits_posted + 1 WHERE ${SELLER}`,
      "UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = 'platform'",
    ],
    [FEES],
  ],
  [
    'a fee is a capture',
    [
      TRANSFERS,
      `UPDATE transfers SET kind = 'post', pending_id = ${entryOf('done', 'charge = 5')}
        WHERE id = ${entryOf('fee', 'charge = 5')}`,
    ],
    [RESOLUTIONS, FEES],
  ],
  [
    'a fee was paid by another',
    [
      TRANSFERS,
      `UPDATE transfers SET debit_account = 'losses' WHERE id = ${entryOf('fee', 'charge = 5')}`,
      `UPDATE accounts SET debits_posted = debits_posted - 1 WHERE ${SELLER}`,
      "UPDATE accounts SET debits_posted = debits_posted + 1 WHERE id = 'losses'",
    ],
    [FEES],
  ],
  [
    'a fee went to another',
    [
      TRANSFERS,
      `UPDATE transfers SET credit_account = 'losses' WHERE id = ${entryOf('fee', 'charge = 5')}`,
      "UPDATE accounts SET credits_posted = credits_posted - 1 WHERE id = 'platform'",
      "UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = 'losses'",
    ],
    [FEES, DIRECT],
  ],
  ['a fee was taken twice', [ANY_TRANSFER, anotherFee("'fee_t'", entryOf('call', 'charge = 5'))], [FEES]],
  [
    'a fee is that of a release',
    [ANY_TRANSFER, anotherFee(entryOf('fee', "state = 'released'"), entryOf('call', "state = 'released'"))],
    [FEES],
  ],
  ['a fee is that of no call', [ANY_TRANSFER, anotherFee("'fee_t'", "'call_t'")], [FEES]],
  [
    'a released call was held a second time',
    [
      ANY_TRANSFER,
      another("'hold_t'", 'pending', 3, 'NULL', entryOf('call', "state = 'released'")),
      another("'done_t'", 'void', 0, "'hold_t'", entryOf('call', "state = 'released'")),
    ],
    [HOLDS],
  ],
  [
    'a deposit is from another account than that of deposits',
    moved(
      "SELECT 't', 'direct', 'losses', account_id, 3, NULL, NULL, 'r', 0 FROM calls WHERE charge = 5",
      "id = 'losses'",
      'id = (SELECT account_id FROM calls WHERE charge = 5)',
    ),
    [DIRECT],
  ],
  [
    'a receipt is of another account than its call',
    [
      'DROP_TRIGGER receipts_never_changed ON receipts',
      `UPDATE receipts SET account_id = 'losses' WHERE call_id = ${entryOf('call', 'charge = 5')}`,
    ],
    [CAPTURES, RECEIPTS],
  ],
  [
    'a released call has a receipt',
    [
      'DROP_TRIGGER receipt_without_capture ON receipts',
      `INSERT INTO receipts (id, account_id, number, call_id, message, digest, signature, signer)
        SELECT 'rcpt_t', account_id, 2, ${entryOf('call', "state = 'released'")}, message, digest, signature, signer
        FROM receipts WHERE call_id = ${entryOf('call', 'charge = 5')}`,
    ],
    [CAPTURES, RECEIPTS],
  ],
  [
    'a receipt has another number than it says',
    [
      'DROP_TRIGGER receipts_never_changed ON receipts',
      `UPDATE receipts SET number = 2 WHERE call_id = ${entryOf('call', 'charge = 5')}`,
    ],
    [RECEIPTS],
  ],
  ...(
    [
      ['endpoint', "endpoint = 'other'", [RECEIPTS]],
      ['request', "request_digest = 'other'", [RECEIPTS]],
      ['seller', "seller_id = 'other'", [FEES, HOLDS, RECEIPTS]],
      ['charge', 'charge = 4', [OUTCOMES, FEES, BUDGETS, RECEIPTS]],
    ] as const
  ).map(
    ([what, change, broken]) =>
      [
        `a call has another ${what} than its receipt`,
        [...RESOLVED_CALLS, `UPDATE calls SET ${change} WHERE charge = 5`],
        broken,
      ] as const,
  ),
];

const dialected = (kind: StoreKind, statement: string) =>
  kind.name === 'SQLite'
    ? statement
        .replace(/^DROP_TRIGGER (\S+) ON .*/, 'DROP TRIGGER $1')
        .replace(/^DROP_CHECK .*/, 'PRAGMA ignore_check_constraints = ON')
    : statement
        .replace(/^DROP_TRIGGER/, 'DROP TRIGGER')
        .replace(/^DROP_CHECK (\S+) ON (\S+)/, 'ALTER TABLE $2 DROP CONSTRAINT $1');

/** What a start finds: of the budgets it looks for nothing by itself, and of the receipts never. */
const atStart = (broken: readonly string[]) =>
  broken.some((invariant) => invariant !== RECEIPTS && invariant !== BUDGETS)
    ? broken.filter((invariant) => invariant !== RECEIPTS)
    : [];

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
      const want = atStart(broken);
      it(`${want.length > 0 ? 'finds' : 'leaves to the whole check'}, at the next start, that ${name}`, async () => {
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

    it('leaves the checkpoint that another gateway has saved of a later transfer', async () => {
      assert.deepEqual(await bank.brokenAtStart(), []);
      await bank.tamper((sql) => sql.rows('UPDATE checkpoints SET sequence = sequence + 1000'));
      const checkpoints = () =>
        bank.store.read.rows('SELECT account_id, sequence FROM checkpoints ORDER BY account_id');
      const later = await checkpoints();
      assert.deepEqual(await bank.brokenAtStart(), []);
      assert.deepEqual(await checkpoints(), later);
    });

    it('goes through more receipts than it reads at once, and tells the first twenty that are wrong', async () => {
      await Promise.all(Array.from({ length: 498 }, () => bank.captured(0n)));
      const last = 'id = (SELECT call_id FROM receipts WHERE number = 501)';
      for (const statement of RESOLVED_CALLS) await bank.tamper((sql) => sql.rows(dialected(kind, statement)));
      await bank.tamper((sql) => sql.rows(`UPDATE calls SET endpoint = 'other' WHERE ${last}`));
      const violation = (number: number) => `receipt ${number} of ${bank.accountId} does not say what its call says`;
      const told = async () => (await bank.ledger.check()).find(({ invariant }) => invariant === RECEIPTS)!.violations;
      assert.deepEqual(await told(), [violation(501)]);
      await bank.tamper((sql) => sql.rows("UPDATE calls SET endpoint = 'other'"));
      assert.deepEqual(
        await told(),
        Array.from({ length: 20 }, (_, index) => violation(index + 1)),
      );
    });

    it('tells the first twenty violations of an invariant', async () => {
      const days = Array.from({ length: 21 }, (_, index) => `2026-02-${index + 1}`);
      for (const day of days) {
        await bank.tamper((sql) =>
          sql.rows('INSERT INTO key_days (key_id, day, reserved) VALUES (?, ?, 1)', [bank.keyId, day]),
        );
      }
      const found = (await bank.ledger.check()).find(({ invariant }) => invariant === BUDGETS);
      assert.equal(found?.violations.length, 20);
    });

    it('tells of a receipt whose message is no JSON any more, which is given to nobody', async () => {
      const callId = await bank.captured(5n);
      await bank.tamper((sql) => sql.rows(dialected(kind, 'DROP_TRIGGER receipts_never_changed ON receipts')));
      await bank.tamper((sql) => sql.rows("UPDATE receipts SET message = '{' || message WHERE number = 4"));
      const found = (await bank.ledger.check()).find(({ invariant }) => invariant === RECEIPTS);
      assert.deepEqual(found?.violations, [`receipt 4 of ${bank.accountId} holds no message`]);
      for (const ask of [
        () => bank.ledger.findReceipt(bank.accountId, callId.replace('call_', 'rcpt_')),
        () => bank.ledger.findCall(bank.accountId, callId),
      ]) {
        await assert.rejects(ask(), (error) => {
          assert.ok(error instanceof GatewayError);
          assert.deepEqual(
            [error.code, error.message],
            ['STORE_UNAVAILABLE', 'the database of this gateway is damaged'],
          );
          assert.equal((error.cause as Error).message, 'column message holds no JSON');
          return true;
        });
      }
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
  describe(`the check of books with a call of every state, on ${kind.name}`, () => {
    let bank: Bank;

    beforeEach(async () => {
      bank = await Bank.open(kind, 1000n);
      assert.deepEqual(await bank.brokenAtStart(), []);
      const withFee = createLedger(bank.store, { clock: bank.clock, signer: SIGNER, platformFeeBps: 2_000 });
      const captured = bank.call({ maxChargeMicroUsdc: 5n });
      await withFee.openCall(captured);
      await withFee.capture(captureOf(captured.callId, 5n));
      const dispatchDeadlineMs = bank.clock.nowMs() + 1;
      await bank.ledger.release(releaseOf(await bank.opened({ maxChargeMicroUsdc: 3n, dispatchDeadlineMs })));
      await bank.opened({ maxChargeMicroUsdc: 2n, dispatchDeadlineMs });
      bank.clock.advance(1);
      await bank.ledger.sweep();
      await bank.opened({ maxChargeMicroUsdc: 7n });
      await bank.opened({ maxChargeMicroUsdc: 9n, dispatchDeadlineMs: bank.clock.nowMs() + 1 });
      const [accountId, keyId] = await bank.buyer();
      await bank.ledger.deposit(accountId, 4n, 'test:other');
      await bank.captured(4n, { accountId, keyId });
    });
    afterEach(() => bank.database.drop());

    it('finds nothing in sound books', async () => {
      assert.deepEqual(await bank.broken(), []);
      assert.deepEqual(await bank.brokenAtStart(), []);
    });

    for (const [name, statements, broken] of DONE_TO_EVERY_STATE) {
      it(`finds that ${name}`, async () => {
        for (const statement of statements) await bank.tamper((sql) => sql.rows(dialected(kind, statement)));
        assert.deepEqual(await bank.broken(), broken);
        assert.deepEqual(await bank.brokenAtStart(), atStart(broken));
      });
    }
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
