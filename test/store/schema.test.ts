/** What the database refuses by itself, whatever a command tries: each row is a mistake that no test of code excludes. */

import assert from 'node:assert/strict';

import { storeFault } from '../../runtime/store/store-fault.js';
import { Bank } from '../ledger/bank.js';
import { STORES } from './stores.js';

const transfer = (id: string, kind: string, from: string, to: string, amount: string, pending: string | null = null) =>
  `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, pending_id, created_at_ms)
    VALUES ('${id}', '${kind}', '${from}', '${to}', ${amount}, ${pending === null ? 'NULL' : `'${pending}'`}, 0)`;

/** The call that was captured in due form. */
const CAPTURED = 'charge > 0';
/** A captured call that has no receipt, which no command leaves behind. */
const WITHOUT_RECEIPT = "state = 'captured' AND charge = 0";
const OTHER_BUYER = "(SELECT MIN(id) FROM accounts WHERE kind = 'buyer' AND accounts.id <> calls.account_id)";

/** A transfer without a hold. */
const direct = (from: string, to: string, amount: number, call: string | null, reference: string | null) =>
  `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, call_id, reference, created_at_ms)
    VALUES ('t', 'direct', ${from}, ${to}, ${amount}, ${call === null ? 'NULL' : `(SELECT id FROM calls WHERE ${call})`},
      ${reference === null ? 'NULL' : `'${reference}'`}, 0)`;

const BUYER = "(SELECT MIN(id) FROM accounts WHERE kind = 'buyer')";
const SELLER = "'seller:weather-inc'";

const receipt = (id: string, number: number, call: string, account = 'account_id') =>
  `INSERT INTO receipts (id, account_id, number, call_id, message, digest, signature, signer)
    SELECT ${id}, ${account}, ${number}, id, '{}', 'd', '', '' FROM calls WHERE ${call} LIMIT 1`;

const REFUSED: readonly (readonly [name: string, statement: string])[] = [
  ['to overdraw a buyer', "UPDATE accounts SET debits_posted = debits_posted + 1000 WHERE kind = 'buyer'"],
  ['to hold more than a buyer has', "UPDATE accounts SET debits_pending = debits_pending + 1000 WHERE kind = 'buyer'"],
  ['a negative balance column', "UPDATE accounts SET credits_pending = -1 WHERE id = 'platform'"],
  ['a balance column of none', "UPDATE accounts SET credits_pending = NULL WHERE id = 'platform'"],
  ['a balance above 2^62', "UPDATE accounts SET credits_posted = 4611686018427387904 WHERE id = 'platform'"],
  ['to delete an account', "DELETE FROM accounts WHERE id = 'losses'"],
  ['to make a seller of a buyer', "UPDATE accounts SET kind = 'seller' WHERE kind = 'buyer'"],
  ['another id of an account', "UPDATE accounts SET id = 'other' WHERE id = 'losses'"],
  ['to change a transfer', 'UPDATE transfers SET amount = amount + 1'],
  ['to delete a transfer', 'DELETE FROM transfers'],
  ['a transfer of a negative amount', transfer('t', 'pending', 'deposits', 'losses', '-1')],
  ['a transfer of no amount', transfer('t', 'pending', 'deposits', 'losses', 'NULL')],
  ['a transfer from an account to itself', transfer('t', 'pending', 'losses', 'losses', '1')],
  ['a transfer to an account that does not exist', transfer('t', 'pending', 'deposits', 'nobody', '1')],
  ['a transfer with an id that is taken', transfer('p', 'pending', 'deposits', 'losses', '1')],
  ['a buyer to pay a seller without a hold', direct(BUYER, SELLER, 1, CAPTURED, null)],
  ['a buyer to pay the platform', direct(BUYER, "'platform'", 1, CAPTURED, null)],
  ['a deposit without a reference', direct("'deposits'", BUYER, 1, null, null)],
  ['a deposit to a seller', direct("'deposits'", SELLER, 1, null, 'r')],
  ['a deposit to the platform', direct("'deposits'", "'platform'", 1, null, 'r')],
  ['a deposit that a seller pays', direct(SELLER, BUYER, 1, null, 'r')],
  ['a fee of no call', direct(SELLER, "'platform'", 1, null, null)],
  ['a fee of a call that is not captured', direct(SELLER, "'platform'", 0, "state = 'held'", null)],
  ["a fee above its call's charge", direct(SELLER, "'platform'", 6, CAPTURED, null)],
  ["a fee from another than the call's seller", direct("'losses'", "'platform'", 1, CAPTURED, null)],
  ['a capture without a hold', transfer('t', 'post', 'losses', 'platform', '1')],
  ['a capture of a hold that does not exist', transfer('t', 'post', 'losses', 'platform', '1', 'absent')],
  ['a capture above its hold', transfer('t', 'post', 'losses', 'platform', '6', 'p')],
  ['a capture at the cost of another account', transfer('t', 'post', 'deposits', 'platform', '1', 'p')],
  ['a capture between other accounts', transfer('t', 'post', 'losses', 'deposits', '1', 'p')],
  [
    'a capture of what is no hold',
    `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, pending_id, created_at_ms)
      SELECT 't', 'post', debit_account, credit_account, 1, id, 0 FROM transfers WHERE kind = 'direct'`,
  ],
  ['a second capture of a hold', transfer('t', 'post', 'losses', 'platform', '1', 'resolved')],
  ['a release of a captured hold', transfer('t', 'void', 'losses', 'platform', '0', 'resolved')],
  ['a release that moves money', transfer('t', 'void', 'losses', 'platform', '1', 'p')],
  ['to change a resolved call', "UPDATE calls SET state = 'released', charge = 0 WHERE state = 'captured'"],
  ['to open a resolved call again', "UPDATE calls SET state = 'held', finished_at_ms = NULL WHERE state = 'captured'"],
  ['to delete a call', "DELETE FROM calls WHERE state = 'held'"],
  ...(
    [
      ['id', "'call_other'"],
      ['account_id', "'losses'"],
      ['key_id', '(SELECT MIN(id) FROM api_keys WHERE api_keys.id <> calls.key_id)'],
      ['endpoint', "'other'"],
      ['provider', "'other'"],
      ['seller_id', "'other'"],
      ['request_digest', "'other'"],
      ['hold', 'hold + 1'],
      ['fee_bps', 'fee_bps + 1'],
      ['day', "'2026-01-01'"],
      ['created_at_ms', 'created_at_ms + 1'],
    ] as const
  ).map(
    ([column, value]) =>
      [`another ${column} of an open call`, `UPDATE calls SET ${column} = ${value} WHERE state = 'held'`] as const,
  ),
  [
    'a charge above the hold',
    "UPDATE calls SET state = 'captured', charge = hold + 1, finished_at_ms = 1 WHERE state = 'held'",
  ],
  ['a charge of an open call', "UPDATE calls SET charge = 1 WHERE state = 'held'"],
  ['a state that does not exist', "UPDATE calls SET state = 'refunded' WHERE state = 'held'"],
  ['a resolved call without an end', "UPDATE calls SET state = 'released' WHERE state = 'held'"],
  ['an open call with an end', "UPDATE calls SET finished_at_ms = 1 WHERE state = 'held'"],
  ['a call that was sent at no time', "UPDATE calls SET state = 'dispatched' WHERE state = 'held'"],
  [
    'an answer with neither a body nor an error',
    "INSERT INTO answers (call_id, expires_at_ms) SELECT id, 0 FROM calls WHERE state = 'held'",
  ],
  ['a place among the free answers of nobody', 'UPDATE answers SET free_end = 1'],
  ['a receipt of a call that is not captured', receipt("'r'", 2, "state = 'held'")],
  ['a second receipt of a call', receipt("'r'", 2, CAPTURED)],
  ['a second receipt of a number of an account', receipt("'r'", 1, WITHOUT_RECEIPT)],
  ['a receipt before the first', receipt("'r'", 0, WITHOUT_RECEIPT)],
  ["a receipt of another account than its call's", receipt("'r'", 2, WITHOUT_RECEIPT, OTHER_BUYER)],
  ['a receipt with an id that is taken', receipt('(SELECT id FROM receipts)', 2, WITHOUT_RECEIPT)],
  ['to change a receipt', "UPDATE receipts SET message = '{}'"],
  ['to delete a receipt', 'DELETE FROM receipts'],
  ['to delete a published key', 'DELETE FROM receipt_keys'],
  ['another address of a published key', "UPDATE receipt_keys SET address = 'other'"],
  ['another begin of a published key', 'UPDATE receipt_keys SET valid_from = 0'],
  ['another end of a published key', "UPDATE receipt_keys SET valid_until = 3 WHERE address = 'ended'"],
  [
    'a published key that ends before it begins',
    "INSERT INTO receipt_keys (address, valid_from, valid_until) VALUES ('other', 2, 1)",
  ],
  ['an earlier end of a published key', "UPDATE receipt_keys SET valid_until = 1 WHERE address = 'ended'"],
  ['to delete an API key', 'DELETE FROM api_keys WHERE id NOT IN (SELECT key_id FROM calls)'],
  ["to delete a key's day", 'DELETE FROM key_days'],
  ['to delete a rating', 'DELETE FROM ratings'],
  ["to delete a seller's ratings", 'DELETE FROM seller_ratings'],
  ['to change a rating', 'UPDATE ratings SET stars = 1'],
  ['a rating of six stars', rating(6)],
  ['a rating of no star', rating(0)],
  ['ratings of a seller of less than a star', 'UPDATE seller_ratings SET stars_total = 0'],
  ['ratings of a seller of more than five stars', 'UPDATE seller_ratings SET stars_total = 6'],
  ['a seller with no ratings of no stars', 'UPDATE seller_ratings SET stars_total = 0, ratings = 0'],
];

function rating(stars: number, state = 'captured'): string {
  return `INSERT INTO ratings (call_id, account_id, seller_id, provider, endpoint, stars, created_at_ms)
    SELECT id, account_id, seller_id, provider, endpoint, ${stars}, 0 FROM calls WHERE state = '${state}'`;
}

const TABLES = [
  'accounts',
  'transfers',
  'calls',
  'receipts',
  'receipt_keys',
  'api_keys',
  'key_days',
  'ratings',
  'seller_ratings',
];

for (const kind of STORES) {
  describe(`the schema on ${kind.name} refuses`, () => {
    let bank: Bank;

    before(async () => {
      bank = await Bank.open(kind, 100n);
      await bank.captured(5n);
      await bank.opened({ maxChargeMicroUsdc: 5n });
      await bank.tamper((sql) =>
        sql.rows("UPDATE calls SET state = 'captured', finished_at_ms = 1 WHERE state = 'held'"),
      );
      await bank.opened({ maxChargeMicroUsdc: 5n });
      await bank.tamper(async (sql) => {
        await sql.rows(transfer('p', 'pending', 'losses', 'platform', '5'));
        await sql.rows(transfer('resolved', 'pending', 'losses', 'platform', '5'));
        await sql.rows(transfer('done', 'post', 'losses', 'platform', '5', 'resolved'));
        await sql.rows("INSERT INTO receipt_keys (address, valid_from, valid_until) VALUES ('ended', 1, 2)");
        await sql.rows(rating(5, 'held'));
        await sql.rows("INSERT INTO seller_ratings (seller_id, stars_total, ratings) VALUES ('weather-inc', 5, 1)");
      });
      await bank.buyer();
    });
    after(() => bank.database.drop());

    for (const [name, statement] of REFUSED) {
      it(name, async () => {
        const before = await Promise.all(TABLES.map((table) => bank.count(table)));
        await assert.rejects(
          bank.tamper((sql) => sql.rows(statement)),
          (error) => {
            assert.equal(storeFault(error), 'constraint', String(error));
            return true;
          },
        );
        assert.deepEqual(await Promise.all(TABLES.map((table) => bank.count(table))), before);
      });
    }
  });
}

describe('the schema on SQLite refuses', () => {
  let bank: Bank;

  before(async () => {
    bank = await Bank.open(STORES[0]!, 100n);
  });
  after(() => bank.close());

  const TYPELESS: readonly (readonly [name: string, statement: string])[] = [
    ['an amount that is a text', transfer('t', 'pending', 'deposits', 'losses', "'much'")],
    ['an amount that is no whole number', transfer('t', 'pending', 'deposits', 'losses', '1.5')],
    [
      'to replace a transfer',
      transfer('t', 'pending', 'deposits', 'losses', '1').replace('INSERT', 'INSERT OR REPLACE'),
    ],
  ];
  for (const [name, statement] of TYPELESS) {
    it(name, async () => {
      const id = (await bank.store.read.rows("SELECT id FROM transfers WHERE kind = 'direct'"))[0]?.['id'] as string;
      const insert = bank.tamper((sql) =>
        sql.rows(statement.replace("'t'", `'${name === 'to replace a transfer' ? id : 't'}'`)),
      );
      await assert.rejects(insert, (error) => storeFault(error) === 'constraint');
    });
  }
});
