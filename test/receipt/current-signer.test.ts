import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openBooks, type Books } from '../../runtime/books.js';
import { systemClock } from '../../runtime/clock.js';
import { readConfig } from '../../runtime/config.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { publishedKeys, publishKey, retireKey } from '../../runtime/receipt/published-keys.js';
import type { Receipt } from '../../runtime/receipt/receipt.js';
import { NO_DIGEST } from '../../runtime/receipt/receipt-type.js';
import { rotateKey } from '../../runtime/receipt/rotate-key.js';
import { verifyChain } from '../../runtime/receipt/verify-receipt.js';
import { captureOf, MINUTE_MS, openOf, receiptOf } from '../ledger/bank.js';
import { OTHER_SIGNER } from './receipts.js';

/** The books of a gateway that runs, and a rotation beside it, as `tollgate receipt rotate-key` makes it. */
describe('a gateway whose receipt key is rotated', () => {
  let dataDirectory: string;
  let books: Books;
  let capture: () => Promise<Receipt>;
  beforeEach(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'tollgate-rotated-'));
    books = await openBooks(readConfig({ TOLLGATE_DATA_DIR: dataDirectory }, {}));
    assert.deepEqual(await publishedKeys(books.store.read), [], 'to open the books publishes no key');
    await books.publishReceiptKey();
    const accountId = await books.accounts.create('buyer');
    await creditByOperator(books.ledger, systemClock, { accountId, amountMicroUsdc: 10_000n, reference: 'test' });
    const { keyId } = await books.keys.create({ accountId, name: 'test' });
    capture = async () => {
      const open = openOf({ accountId, keyId }, systemClock);
      const opened = await books.ledger.openCall(open);
      assert.equal(opened.outcome, 'opened');
      return receiptOf(await books.ledger.capture(captureOf(open.callId, 1n)));
    };
  });
  afterEach(async () => {
    const broken = (await books.ledger.check()).filter(({ violations }) => violations.length > 0);
    await books.store.close();
    rmSync(dataDirectory, { recursive: true });
    assert.deepEqual(broken, []);
  });
  const rotate = () => rotateKey(books.store, systemClock, { dataDirectory, clock: systemClock }, MINUTE_MS);

  it('signs with the new key under load, and every receipt of both keys verifies', async () => {
    const receipts: Receipt[] = [];
    const buying = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let turn = 0; turn < 12; turn += 1) receipts.push(await capture());
      }),
    );
    const rotations = [];
    for (let turn = 0; turn < 3; turn += 1) {
      rotations.push(await rotate());
      receipts.push(await capture());
      await books.followReceiptKey();
      receipts.push(await capture());
    }
    await buying;
    receipts.push(await capture());
    const inOrder = receipts.sort((left, right) => left.message.number - right.message.number);
    assert.deepEqual(
      [...new Set(inOrder.map(({ signer }) => signer))].sort(),
      [...new Set(rotations.flatMap(({ from, to }) => [from, to]))].sort(),
    );
    assert.equal(inOrder.at(-1)!.signer, rotations.at(-1)!.to);
    const signers = await publishedKeys(books.store.read);
    assert.equal(signers.length, 4);
    assert.deepEqual(verifyChain(inOrder, { signers }), { valid: true });
  });

  it('signs a statement with the key that was published before it was made', async () => {
    const before = await books.signDigest(NO_DIGEST);
    await rotate();
    assert.deepEqual(await books.signDigest(NO_DIGEST), before);
    await books.followReceiptKey();
    assert.notEqual((await books.signDigest(NO_DIGEST)).signer, before.signer);
  });

  it('says that its key is another one where the file was lost', async () => {
    rmSync(join(dataDirectory, 'receipt.key'));
    assert.match(
      (await books.followReceiptKey()).warning!,
      /^the receipt key \S+receipt\.key is new to this database, in which 0x/,
    );
    assert.equal((await books.followReceiptKey()).warning, undefined);
  });

  it('takes no calls where its key ends and there is no other, and takes them again with a new one', async () => {
    const { signer } = await capture();
    assert.equal((await books.followReceiptKey()).until, undefined);
    await publishKey(books.store, systemClock, OTHER_SIGNER.address);
    const until = await retireKey(books.store, systemClock, signer, MINUTE_MS);
    assert.equal((await books.followReceiptKey()).until, until);
    await assert.rejects(capture(), /takes no calls, because its receipt key ends at /);
    await rotate();
    assert.deepEqual(await books.followReceiptKey(), { until: undefined, warning: undefined });
    assert.notEqual((await capture()).signer, signer);
  });
});
