/** What the database refuses by itself, whatever a command tries: each row is a mistake that no test of code excludes. */

import assert from 'node:assert/strict';

import { storeFault } from '../../runtime/store/store-fault.js';
import { Bank } from '../ledger/bank.js';
import { STORES } from './stores.js';

const transfer = (id: string, kind: string, from: string, to: string, amount: string, pending: string | null = null) =>
  `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, pending_id, created_at_ms)
    VALUES ('${id}', '${kind}', '${from}', '${to}', ${amount}, ${pending === null ? 'NULL' : `'${pending}'`}, 0)`;

const receipt = (id: string, number: number, call: string) =>
  `INSERT INTO receipts (id, account_id, number, call_id, message, digest, signature, signer)
    SELECT '${id}', account_id, ${number}, id, '{}', '${id}', '', '' FROM calls WHERE ${call} LIMIT 1`;

const REFUSED: readonly (readonly [name: string, statement: string])[] = [
  ['to overdraw a buyer', "UPDATE accounts SET debits_posted = debits_posted + 1000 WHERE kind = 'buyer'"],
  ['to hold more than a buyer has', "UPDATE accounts SET debits_pending = debits_pending + 1000 WHERE kind = 'buyer'"],
  ['a negative balance column', "UPDATE accounts SET credits_pending = -1 WHERE id = 'platform'"],
  ['a balance column of none', "UPDATE accounts SET credits_pending = NULL WHERE id = 'platform'"],
  ['a balance above 2^62', "UPDATE accounts SET credits_posted = 4611686018427387904 WHERE id = 'platform'"],
  ['to delete an account', "DELETE FROM accounts WHERE id = 'losses'"],
  ['to change a transfer', 'UPDATE transfers SET amount = amount + 1'],
  ['to delete a transfer', 'DELETE FROM transfers'],
  ['a transfer of a negative amount', transfer('t', 'direct', 'deposits', 'losses', '-1')],
  ['a transfer of no amount', transfer('t', 'direct', 'deposits', 'losses', 'NULL')],
  ['a transfer from an account to itself', transfer('t', 'direct', 'losses', 'losses', '1')],
  ['a transfer to an account that does not exist', transfer('t', 'direct', 'deposits', 'nobody', '1')],
  ['a transfer with an id that is taken', transfer('p', 'direct', 'deposits', 'losses', '1')],
  ['a capture without a hold', transfer('t', 'post', 'losses', 'platform', '1')],
  ['a capture of a hold that does not exist', transfer('t', 'post', 'losses', 'platform', '1', 'absent')],
  ['a capture above its hold', transfer('t', 'post', 'losses', 'platform', '6', 'p')],
  ['a capture between other accounts', transfer('t', 'post', 'losses', 'deposits', '1', 'p')],
  ['a capture of what is no hold', transfer('t', 'post', 'losses', 'platform', '1', 'd')],
  ['a second capture of a hold', transfer('t', 'post', 'losses', 'platform', '1', 'resolved')],
  ['a release of a captured hold', transfer('t', 'void', 'losses', 'platform', '0', 'resolved')],
  ['a release that moves money', transfer('t', 'void', 'losses', 'platform', '1', 'p')],
  ['to change a resolved call', "UPDATE calls SET state = 'released', charge = 0 WHERE state = 'captured'"],
  ['to open a resolved call again', "UPDATE calls SET state = 'held', finished_at_ms = NULL WHERE state = 'captured'"],
  ['to delete a call', "DELETE FROM calls WHERE state = 'held'"],
  [
    'a charge above the hold',
    "UPDATE calls SET state = 'captured', charge = hold + 1, finished_at_ms = 1 WHERE state = 'held'",
  ],
  ['a charge of an open call', "UPDATE calls SET charge = 1 WHERE state = 'held'"],
  ['a state that does not exist', "UPDATE calls SET state = 'refunded' WHERE state = 'held'"],
  ['a receipt of a call that is not captured', receipt('r', 2, "state = 'held'")],
  ['a second receipt of a call', receipt('r', 2, "state = 'captured'")],
  ['to change a receipt', "UPDATE receipts SET message = '{}'"],
  ['to delete a receipt', 'DELETE FROM receipts'],
  ['to delete a published key', 'DELETE FROM receipt_keys'],
  ['a rating of six stars', rating(6)],
  ['a rating of no star', rating(0)],
];

function rating(stars: number): string {
  return `INSERT INTO ratings (call_id, account_id, seller_id, provider, endpoint, stars, created_at_ms)
    SELECT id, account_id, seller_id, provider, endpoint, ${stars}, 0 FROM calls LIMIT 1`;
}

for (const kind of STORES) {
  describe(`the schema on ${kind.name} refuses`, () => {
    let bank: Bank;

    before(async () => {
      bank = await Bank.open(kind, 100n);
      await bank.captured(5n);
      await bank.opened({ maxChargeMicroUsdc: 5n });
      await bank.tamper(async (sql) => {
        await sql.rows(transfer('d', 'direct', 'losses', 'platform', '5'));
        await sql.rows(transfer('p', 'pending', 'losses', 'platform', '5'));
        await sql.rows(transfer('resolved', 'pending', 'losses', 'platform', '5'));
        await sql.rows(transfer('done', 'post', 'losses', 'platform', '5', 'resolved'));
      });
    });
    after(() => bank.database.drop());

    for (const [name, statement] of REFUSED) {
      it(name, async () => {
        const before = await Promise.all(
          ['accounts', 'transfers', 'calls', 'receipts', 'ratings'].map((t) => bank.count(t)),
        );
        await assert.rejects(
          bank.tamper((sql) => sql.rows(statement)),
          (error) => {
            assert.equal(storeFault(error), 'constraint', String(error));
            return true;
          },
        );
        assert.deepEqual(
          await Promise.all(['accounts', 'transfers', 'calls', 'receipts', 'ratings'].map((t) => bank.count(t))),
          before,
        );
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
    ['an amount that is a text', transfer('t', 'direct', 'deposits', 'losses', "'much'")],
    ['an amount that is no whole number', transfer('t', 'direct', 'deposits', 'losses', '1.5')],
    [
      'to replace a transfer',
      transfer('t', 'direct', 'deposits', 'losses', '1').replace('INSERT', 'INSERT OR REPLACE'),
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
