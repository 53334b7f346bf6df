import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Delivery } from '../../runtime/call/delivery.js';
import { clientOf } from '../../runtime/call/waiting-client.js';
import { ArgumentValidator } from '../../runtime/catalogue/argument-validator.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { systemClock } from '../../runtime/clock.js';
import { readConfig } from '../../runtime/config.js';
import { createVault } from '../../runtime/credential/vault.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { Reputations } from '../../runtime/discovery/reputations.js';
import { Gateway } from '../../runtime/gateway.js';
import { openBooks, type Books } from '../../runtime/books.js';
import type { AccountId, Ledger } from '../../runtime/ledger/ledger.js';
import { Admission } from '../../runtime/upstream/admission.js';
import { AnswerMemory } from '../../runtime/upstream/answer-memory.js';
import { Breakers } from '../../runtime/upstream/breakers.js';
import { fixedValues } from '../credential/fixed-values.js';

const bug = () => Promise.reject(new TypeError('a bug'));

interface Buggy {
  readonly books: Books;
  readonly admission: Admission;
  readonly accountId: AccountId;
  /** With the same idempotency key each time. */
  readonly call: () => Promise<unknown>;
}

/** A gateway that can send nothing. @param ledgerOf puts a bug into its ledger, too. */
async function withBug(ledgerOf: (ledger: Ledger) => Ledger, check: (buggy: Buggy) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-bug-'));
  const config = readConfig({ TOLLGATE_DATA_DIR: dir, DATABASE_URL: `sqlite:${join(dir, 'tollgate.db')}` }, {});
  const books = await openBooks(config);
  try {
    const admission = new Admission({
      breakers: new Breakers(),
      answers: new AnswerMemory(1_000_000),
      clock: systemClock,
    });
    const gateway = new Gateway(
      {
        ...books,
        ledger: ledgerOf(books.ledger),
        validator: new ArgumentValidator(),
        vault: createVault({ values: fixedValues(new Map()), clock: systemClock, send: bug }),
        sender: { send: bug, close: () => Promise.resolve() },
        admission,
        clock: systemClock,
        onRetry: () => undefined,
        upstreamFor: () => 'http://127.0.0.1:9',
        reputations: new Reputations(books.ledger, books.ratings, systemClock),
        howToDeposit: () => '',
      },
      await Catalogue.open(config.catalogueDir),
    );
    const accountId = await books.accounts.create('test');
    await creditByOperator(books.ledger, systemClock, { accountId, amountMicroUsdc: 1_000_000n });
    const { keyId } = await books.keys.create({ accountId, name: 'test' });
    const caller = { accountId, keyId, accountName: 'test' };
    const request = { endpoint: 'sandbox/get-weather', arguments: { city: 'Paris' }, idempotencyKey: 'k' };
    const call = () =>
      gateway.call(caller, request, clientOf(new AbortController().signal), new Delivery(() => undefined));
    await check({ books, admission, accountId, call });
  } finally {
    await books.store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('a bug of ours while a call is being sent', () => {
  it('comes out as it is, leaves nothing held, and the key tells that the outcome is not known', () =>
    withBug(
      (ledger) => ledger,
      async ({ books, accountId, call }) => {
        await assert.rejects(call(), { name: 'TypeError', message: 'a bug' });
        assert.deepEqual(await books.ledger.balance(accountId), { availableMicroUsdc: 1_000_000n, heldMicroUsdc: 0n });
        await assert.rejects(call(), { code: 'OUTCOME_UNKNOWN', charged: '0.000000' });
      },
    ));
});

describe('a bug of ours while a call is held', () => {
  it("comes out as it is, and leaves the provider's place to others", () =>
    withBug(
      (ledger) => ({ ...ledger, openCall: bug }),
      async ({ admission, call }) => {
        await assert.rejects(call(), { name: 'TypeError', message: 'a bug' });
        assert.deepEqual([...admission.loads()], []);
      },
    ));
});
