/** A receipt is of a time in which its key may sign: also that of the slowest call, and also where the clock is set back. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openBooks, type Books } from '../../runtime/books.js';
import { readConfig } from '../../runtime/config.js';
import { Secret } from '../../runtime/credential/secret.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import type { AccountId } from '../../runtime/ledger/ledger.js';
import { STORES } from '../store/stores.js';
import { publishedKeys, publishKey, retireKey } from '../../runtime/receipt/published-keys.js';
import { digestSigner } from '../../runtime/receipt/sign-digest.js';
import { exportStatement } from '../../runtime/statement/export-statement.js';
import { verifyStatement } from '../../runtime/statement/verify-statement.js';
import { CurrentSigner } from '../../runtime/receipt/current-signer.js';
import { OTHER_SIGNER } from '../receipt/receipts.js';
import { Bank, captureOf, MINUTE_MS, openOf, receiptOf, SIGNER } from './bank.js';
import { TestClock } from './test-clock.js';

const NOW = 1_773_057_600;
const SIGN = digestSigner(new Secret(`0x${'11'.repeat(32)}`));

describe('a ledger whose receipt key ends', () => {
  let bank: Bank;
  beforeEach(async () => {
    bank = await Bank.open(STORES[0]!, 10n);
  });
  afterEach(() => bank.close());

  it('opens no call that could be captured after it: ten minutes for the upstream, and one on either side', async () => {
    const { clock, store } = bank;
    const endsAtMs = clock.nowMs() + 12 * MINUTE_MS + 1;
    const ledger = createLedger(store, { clock, signer: SIGNER, keyEndsAtMs: () => endsAtMs });
    const open = bank.call({ deadlineMs: clock.nowMs() + MINUTE_MS });
    assert.equal((await ledger.openCall(open)).outcome, 'opened');
    clock.advance(1);
    await assert.rejects(ledger.openCall(bank.call()), /takes no calls, because its receipt key ends at /);
    clock.advance(MINUTE_MS - 1);
    assert.equal(await ledger.markDispatched(open.callId, clock.nowMs() + 11 * MINUTE_MS), true);
    clock.advance(11 * MINUTE_MS);
    const { message } = receiptOf(await ledger.capture(captureOf(open.callId, 1n)));
    assert.ok(message.issuedAt * 1000 <= endsAtMs);
  });
});

describe('a ledger whose clock is set forward beyond the end of its receipt key while a call runs', () => {
  it('dates the receipt with the last second of the key, and it verifies', async () => {
    const bank = await Bank.open(STORES[0]!, 10n);
    try {
      const { clock, store } = bank;
      await publishKey(store, clock, OTHER_SIGNER.address);
      const until = await retireKey(store, clock, SIGNER.address, 60 * MINUTE_MS);
      const ledger = createLedger(store, { clock, signer: SIGNER, keyEndsAtMs: () => until * 1000 });
      const callId = await bank.opened();
      clock.advance(120 * MINUTE_MS);
      assert.equal(receiptOf(await ledger.capture(captureOf(callId, 1n))).message.issuedAt, NOW + 3_600);
    } finally {
      await bank.close();
    }
  });
});

describe('a ledger whose receipt key is replaced while it signs', () => {
  let bank: Bank;
  beforeEach(async () => {
    bank = await Bank.open(STORES[0]!, 10n);
  });
  afterEach(() => bank.close());

  it('names the key that has signed', async () => {
    const signer: CurrentSigner = new CurrentSigner({
      ...SIGNER,
      signAll: (digests) => {
        signer.replace(OTHER_SIGNER);
        return SIGNER.signAll(digests);
      },
    });
    const ledger = createLedger(bank.store, { clock: bank.clock, signer });
    const receipt = receiptOf(await ledger.capture(captureOf(await bank.opened(), 1n)));
    assert.equal(receipt.signer, SIGNER.address);
    assert.notEqual(signer.address, SIGNER.address);
  });

  it('dates by the key that signs it what was asked of it before, where the key begins by a clock that is ahead', async () => {
    const { clock, store } = bank;
    clock.advance(MINUTE_MS);
    await publishKey(store, clock, OTHER_SIGNER.address);
    clock.advance(-MINUTE_MS);
    const signer = new CurrentSigner(SIGNER);
    let beginsAtMs = clock.nowMs();
    const ledger = createLedger(store, { clock, signer, keyBeginsAtMs: () => beginsAtMs });
    const capturing = ledger.capture(captureOf(await bank.opened(), 1n));
    beginsAtMs += MINUTE_MS;
    signer.replace(OTHER_SIGNER);
    const { message, signer: address } = receiptOf(await capturing);
    assert.deepEqual([address, message.issuedAt], [OTHER_SIGNER.address, NOW + 60]);
  });
});

for (const kind of STORES) {
  describe(`a receipt key on ${kind.name} that is retired after the clock was set back`, () => {
    let bank: Bank;
    beforeEach(async () => {
      bank = await Bank.open(kind, 10n);
      await publishKey(bank.store, bank.clock, OTHER_SIGNER.address);
    });
    // Closing it verifies every receipt.
    afterEach(() => bank.close());

    it('ends with the latest receipt that it has signed', async () => {
      const { clock, store } = bank;
      clock.advance(60 * MINUTE_MS);
      await bank.captured(1n);
      clock.advance(30 * MINUTE_MS);
      const ledger = createLedger(store, { clock, signer: OTHER_SIGNER });
      await ledger.capture(captureOf(await bank.opened(), 1n));
      clock.advance(-90 * MINUTE_MS);
      await bank.captured(1n);
      assert.equal(await retireKey(store, clock, SIGNER.address, MINUTE_MS), NOW + 3_600);
    });

    it('ends no earlier than a statement that it has signed, of whatever time that is', async () => {
      const { clock, store, accountId } = bank;
      clock.advance(60 * MINUTE_MS);
      const statement = await exportStatement(store, clock, SIGN, { accountId, until: NOW });
      clock.advance(-60 * MINUTE_MS);
      await retireKey(store, clock, SIGNER.address, MINUTE_MS);
      assert.deepEqual(verifyStatement(statement, { signers: await publishedKeys(store.read) }), { valid: true });
    });

    it('may sign the entries of an account whose statement covers a later time', async () => {
      const { clock, store, accountId } = bank;
      clock.advance(60 * MINUTE_MS);
      await exportStatement(store, clock, SIGN, { accountId });
      clock.advance(-60 * MINUTE_MS);
      assert.equal(await retireKey(store, clock, SIGNER.address, MINUTE_MS), NOW + 3_600);
      await bank.captured(1n);
    });
  });
}

describe('a gateway whose clock is set back behind the beginning of its receipt key', () => {
  let dataDirectory: string;
  let clock: TestClock;
  let books: Books;
  let accountId: AccountId;
  const start = () => openBooks(readConfig({ TOLLGATE_DATA_DIR: dataDirectory }, {}), clock);
  beforeEach(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'tollgate-clock-'));
    clock = new TestClock();
    books = await start();
    await books.publishReceiptKey();
    accountId = await books.accounts.create('buyer');
    await books.ledger.deposit(accountId, 10n, 'test:funds');
  });
  afterEach(async () => {
    await books.store.close();
    rmSync(dataDirectory, { recursive: true });
  });

  it('issues its receipts of that beginning, and they verify', async () => {
    const { keyId } = await books.keys.create({ accountId, name: 'test' });
    const issuedAt = async (): Promise<number> => {
      const open = openOf({ accountId, keyId }, clock);
      await books.ledger.openCall(open);
      return receiptOf(await books.ledger.capture(captureOf(open.callId, 1n))).message.issuedAt;
    };
    clock.advance(-60 * MINUTE_MS);
    const running = await issuedAt();
    await books.store.close();
    books = await start();
    await books.publishReceiptKey();
    const startedAgain = await issuedAt();
    clock.advance(61 * MINUTE_MS);
    assert.deepEqual([running, startedAgain, await issuedAt()], [1_773_057_600, 1_773_057_600, 1_773_057_660]);
    const results = await books.ledger.check();
    assert.deepEqual(
      results.filter(({ violations }) => violations.length > 0),
      [],
    );
  });

  it('issues a statement of that beginning, and it verifies', async () => {
    clock.advance(-60 * MINUTE_MS);
    const { store, signDigest, keyBeginsAt } = books;
    const statement = await exportStatement(store, clock, signDigest, { accountId, keyBeginsAt: keyBeginsAt() });
    const { until, issuedAt } = statement.message;
    assert.deepEqual([until, issuedAt], [NOW - 3_600, NOW]);
    assert.deepEqual(verifyStatement(statement, { signers: await publishedKeys(store.read) }), { valid: true });
  });
});
