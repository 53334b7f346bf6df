/**
 * A gateway goes on with the state of its batch before. Here each step is a batch of its own, and between two of them
 * something changes the books behind its back, or in a way that is not kept.
 */

import assert from 'node:assert/strict';

import { createAccounts } from '../../runtime/account/accounts.js';
import { createAuthenticator } from '../../runtime/account/authenticate.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import { keptOf } from '../../runtime/ledger/kept-state.js';
import { emptyState } from '../../runtime/ledger/ledger-state.js';
import type { Ledger, OpenCall } from '../../runtime/ledger/ledger.js';
import type { GroupCommand } from '../../runtime/store/commit-queue.js';
import type { PreparedSql } from '../../runtime/store/sql.js';
import type { Store } from '../../runtime/store/store.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, MINUTE_MS, receiptOf, SIGNER } from './bank.js';

for (const kind of STORES) {
  describe(`the state that a batch leaves to the next, on ${kind.name}`, () => {
    let bank: Bank;
    /** Of a gateway beside it. */
    let other: Ledger;

    beforeEach(async () => {
      bank = await Bank.open(kind, 10n);
      other = await bank.anotherLedger();
      await bank.captured(1n, { fresh: true });
    });
    afterEach(() => bank.close());

    const outcome = async (changes: Partial<OpenCall> = {}): Promise<string> =>
      (await bank.ledger.openCall(bank.call({ maxChargeMicroUsdc: 9n, ...changes }))).outcome;

    it('has what another gateway deposits, also where a refusal writes nothing', async () => {
      assert.equal(await outcome({ maxChargeMicroUsdc: 12n }), 'insufficient-funds');
      await other.deposit(bank.accountId, 3n, 'test:more');
      assert.equal(await outcome({ maxChargeMicroUsdc: 12n }), 'opened');
    });

    it('lacks what another gateway spends', async () => {
      await other.openCall(bank.call());
      assert.deepEqual(await bank.ledger.openCall(bank.call({ maxChargeMicroUsdc: 9n })), {
        outcome: 'insufficient-funds',
        availableMicroUsdc: 8n,
      });
    });

    it('goes on with the chain of receipts that another gateway adds to', async () => {
      const open = bank.call({ fresh: true });
      await other.openCall(open);
      const theirs = receiptOf(await other.capture(captureOf(open.callId, 1n)));
      const callId = await bank.opened({ fresh: true });
      const ours = receiptOf(await bank.ledger.capture(captureOf(callId, 1n)));
      assert.deepEqual([theirs.message.number, ours.message.number], [2, 3]);
      assert.equal(ours.message.previousDigest, theirs.digest);
    });

    it('does not make money of a call that was opened elsewhere and is expired here', async () => {
      await other.openCall(bank.call());
      bank.clock.advance(2 * MINUTE_MS);
      assert.equal((await bank.ledger.sweep()).released, 1);
      assert.equal(await outcome(), 'opened');
    });

    it('knows of an account that another process has frozen', async () => {
      const store = await bank.database.open(bank.clock);
      const { clock } = bank;
      const accounts = createAccounts(store, { clock, authenticator: createAuthenticator(store, { clock }) });
      await accounts.freeze(bank.accountId);
      assert.equal(await outcome(), 'frozen');
      await accounts.unfreeze(bank.accountId);
      assert.equal(await outcome(), 'opened');
    });

    it('knows of an answer that another gateway notes as undelivered', async () => {
      const callId = await bank.captured(1n);
      await other.markUndelivered(callId);
      assert.equal(await outcome(), 'undelivered');
    });

    it('knows of one that it has noted itself, also when it has done other things since', async () => {
      const callId = await bank.captured(1n);
      await bank.ledger.markUndelivered(callId);
      await bank.captured(1n, { requestDigest: 'ee'.repeat(32) });
      assert.equal(await outcome(), 'undelivered');
    });

    it('has the budget that another gateway has used', async () => {
      const limited = { fresh: true, dailyLimitMicroUsdc: 3n, maxChargeMicroUsdc: 1n };
      assert.equal(await outcome(limited), 'opened');
      await other.openCall(bank.call(limited));
      assert.deepEqual(await bank.ledger.openCall(bank.call(limited)), {
        outcome: 'over-daily-limit',
        leftMicroUsdc: 0n,
      });
    });

    it('is the whole of what a call like the one before needs', async () => {
      const reads: string[] = [];
      const { clock, store, accountId } = bank;
      const ledger = createLedger(noting(store, reads), { clock, signer: SIGNER });
      const call = async (): Promise<void> => {
        const open = bank.call({ fresh: true });
        assert.equal((await ledger.openCall(open)).outcome, 'opened');
        assert.equal((await ledger.capture(captureOf(open.callId, 1n))).outcome, 'captured');
      };
      await call();
      reads.length = 0;
      await call();
      assert.equal(reads.length, kind.name === 'SQLite' ? 0 : 2);
      await createLedger(store, { clock, signer: SIGNER }).deposit(accountId, 1n, 'test:one');
      await call();
      assert.equal(reads.length, kind.name === 'SQLite' ? 2 : 4);
    });
  });
}

it('a state of more than 4,000 rows is not left to the next batch', () => {
  const state = emptyState();
  for (let key = 1; key <= 4_000; key += 1) state.reserved.set(`key_${key} 2026-03-09`, 1n);
  assert.equal(keptOf(state).reserved.size, 4_000);
  state.reserved.set('key_4001 2026-03-09', 1n);
  assert.equal(keptOf(state).reserved.size, 0);
});

/** The store, with a note of each statement by which a group reads. */
function noting(store: Store, reads: string[]): Store {
  const noted = new Map<unknown, unknown>();
  return {
    ...store,
    writeTogether: <Input, Result>(group: GroupCommand<Input, Result>, input: Input) => {
      const known = noted.get(group) as GroupCommand<Input, Result> | undefined;
      const each: GroupCommand<Input, Result> =
        known ??
        ((sql, inputs, basis) => {
          const prepared: PreparedSql['prepared'] = (statement, bindings) => {
            reads.push(statement);
            return sql.prepared(statement, bindings);
          };
          return group({ rows: sql.rows.bind(sql), run: sql.run.bind(sql), prepared }, inputs, basis);
        });
      noted.set(group, each);
      return store.writeTogether(each, input);
    },
  };
}
