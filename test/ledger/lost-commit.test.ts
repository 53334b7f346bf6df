/** The connection to PostgreSQL breaks where money is committed: what was carried out is told, and moved once. */

import assert from 'node:assert/strict';

import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { GatewayError } from '../../runtime/gateway-error.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import type { Ledger } from '../../runtime/ledger/ledger.js';
import { openStore } from '../../runtime/store/open-store.js';
import type { Store } from '../../runtime/store/store.js';
import { MutedConnection } from '../store/muted-connection.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, releaseOf, SIGNER } from './bank.js';

const postgres = STORES.find(({ name }) => name === 'PostgreSQL')!;

describe('what is done where its COMMIT is not answered', () => {
  let bank: Bank;
  let way: MutedConnection;
  let store: Store;
  /** On the same database, by the way that breaks. */
  let ledger: Ledger;

  beforeEach(async () => {
    bank = await Bank.open(postgres, 10n);
    way = new MutedConnection(bank.database.url);
    store = await openStore({ url: await way.open(), clock: bank.clock, silenceMs: 1_000 });
    ledger = createLedger(store, { clock: bank.clock, signer: SIGNER });
  });
  afterEach(async () => {
    await store.close();
    way.close();
    await bank.close();
  });

  it('a capture is answered as it was carried out, and charged once', async () => {
    const callId = await bank.opened({ maxChargeMicroUsdc: 5n });
    way.muteAnswersAfter('\0COMMIT\0');
    const result = await ledger.capture(captureOf(callId, 3n));
    const call = await bank.ledger.findCall(bank.accountId, callId);
    assert.deepEqual(result, { outcome: 'captured', receipt: call?.receipt, availableMicroUsdc: 7n });
    assert.equal(await bank.available(), 7n);
    assert.equal(await bank.count('receipts'), 1);
  });

  it('a capture is made where it was not carried out', async () => {
    const callId = await bank.opened({ maxChargeMicroUsdc: 5n });
    way.breakBefore('\0COMMIT\0');
    const result = await ledger.capture(captureOf(callId, 3n));
    assert.equal(result.outcome, 'captured');
    assert.equal(await bank.available(), 7n);
    assert.equal(await bank.count('receipts'), 1);
  });

  it('a capture says that it is not known whether it was charged, where the database stays away', async () => {
    const callId = await bank.opened({ maxChargeMicroUsdc: 5n });
    way.muteAnswersAfter('\0COMMIT\0');
    way.close();
    await assert.rejects(ledger.capture(captureOf(callId, 3n)), (error) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(
        error.message,
        `the database of this gateway failed while request ${callId} was stored: whether it was charged is not known yet`,
      );
      assert.deepEqual([error.code, error.retryable, error.charged], ['STORE_UNAVAILABLE', false, null]);
      assert.equal(error.details.request_id, callId);
      return true;
    });
    assert.equal(await bank.available(), 7n);
  });

  it('a call that is told as not opened is not left open, and its key is free', async () => {
    const call = bank.call({ maxChargeMicroUsdc: 5n, idempotencyDigest: 'k', dispatchDeadlineMs: 1_000 });
    way.muteAnswersAfter('\0COMMIT\0');
    await assert.rejects(
      ledger.openCall(call),
      (error) => error instanceof GatewayError && error.code === 'STORE_UNAVAILABLE' && error.retryable,
    );
    const found = await bank.ledger.findCall(bank.accountId, call.callId);
    assert.deepEqual([found?.state, found?.reason, await bank.held()], ['released', 'not_dispatched', 0n]);
    assert.equal((await ledger.openCall(bank.call({ idempotencyDigest: 'k' }))).outcome, 'opened');
  });

  it('a call that was not opened is told as that', async () => {
    const call = bank.call({ maxChargeMicroUsdc: 5n });
    way.breakBefore('\0COMMIT\0');
    await assert.rejects(ledger.openCall(call), (error) => error instanceof GatewayError);
    assert.deepEqual([await bank.count('calls'), await bank.held()], [0, 0n]);
  });

  it('a release is answered as it was carried out, and what the caller was told is kept', async () => {
    const callId = await bank.opened({ maxChargeMicroUsdc: 5n });
    way.muteAnswersAfter('\0COMMIT\0');
    assert.deepEqual(await ledger.release(releaseOf(callId)), { outcome: 'released', availableMicroUsdc: 10n });
    const call = await bank.ledger.findCall(bank.accountId, callId);
    assert.deepEqual([call?.state, call?.told], ['released', { error: { code: 'UPSTREAM_ERROR' } }]);
  });

  it('a release is made where it was not carried out', async () => {
    const callId = await bank.opened({ maxChargeMicroUsdc: 5n });
    way.breakBefore('\0COMMIT\0');
    assert.deepEqual(await ledger.release(releaseOf(callId)), { outcome: 'released', availableMicroUsdc: 10n });
    assert.equal(await bank.held(), 0n);
  });

  it('a release that was not carried out is not answered with what another has made of the call meanwhile', async () => {
    const callId = await bank.opened({ maxChargeMicroUsdc: 5n });
    const pause = () => bank.ledger.release({ callId, reason: 'client_gone' });
    ledger = createLedger(store, { clock: bank.clock, signer: SIGNER, pause });
    way.breakBefore('\0COMMIT\0');
    assert.equal((await ledger.release(releaseOf(callId))).outcome, 'resolved-before');
  });

  for (const reference of [undefined, 'Invoice 7']) {
    const credit = () => ({ accountId: bank.accountId, amountMicroUsdc: 5n, reference });
    const named = reference === undefined ? 'a credit without a reference' : 'a credit';

    it(`${named} is made once, and told as made by itself`, async () => {
      way.muteAnswersAfter('\0COMMIT\0');
      const { credited } = await creditByOperator(ledger, bank.clock, credit());
      assert.deepEqual([credited, await bank.available()], [true, 15n]);
    });

    it(`${named} is made where it was not carried out`, async () => {
      way.breakBefore('\0COMMIT\0');
      const { credited } = await creditByOperator(ledger, bank.clock, credit());
      assert.deepEqual([credited, await bank.available()], [true, 15n]);
    });
  }

  it('a credit names the reference with which to ask again, where the database stays away', async () => {
    way.muteAnswersAfter('\0COMMIT\0');
    way.close();
    const credit = { accountId: bank.accountId, amountMicroUsdc: 5n };
    let reference = '';
    await assert.rejects(creditByOperator(ledger, bank.clock, credit), (error) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(
        error.message,
        `the database failed while 0.000005 USDC were credited to ${bank.accountId}: whether they were is not known yet`,
      );
      [, reference = ''] = /--reference '(credit_\w+)'/.exec(error.remedy) ?? [];
      return true;
    });
    assert.equal(await bank.available(), 15n);
    const { credited } = await creditByOperator(bank.ledger, bank.clock, { ...credit, reference });
    assert.deepEqual([credited, await bank.available()], [false, 15n]);
  });
});
