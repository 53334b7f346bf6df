import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openBooks } from '../../runtime/books.js';
import { isoTime, systemClock } from '../../runtime/clock.js';
import { readConfig } from '../../runtime/config.js';
import { publishedKeys, retireKey } from '../../runtime/receipt/published-keys.js';
import { openStore } from '../../runtime/store/open-store.js';

describe('a receipt key that is new to a database, or ended in it', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'tollgate-new-key-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  async function start(environment: Readonly<Record<string, string>> = {}) {
    const books = await openBooks(readConfig({ TOLLGATE_DATA_DIR: dir, ...environment }, {}));
    const warning = await books.publishReceiptKey();
    const addresses = (await publishedKeys(books.store.read)).map(({ address }) => address);
    await books.store.close();
    return { warning, addresses };
  }

  it("is told of at its first start, with the key before and what to do, be that another gateway's or lost, and only then", async () => {
    const first = await start();
    assert.equal(first.warning, undefined);
    assert.equal((await start()).warning, undefined);
    rmSync(join(dir, 'receipt.key'));
    const { warning, addresses } = await start();
    const before = first.addresses[0]!;
    const now = addresses.find((address) => address !== before)!;
    assert.equal(
      warning,
      `the receipt key ${join(dir, 'receipt.key')} is new to this database, in which ${before} signed so far: those ` +
        `receipts verify for good, and ${now} is published beside it and signs from now on; if another gateway signs with ` +
        'the key before, give all of them one key, by TOLLGATE_RECEIPT_KEY or one TOLLGATE_DATA_DIR, for "tollgate receipt ' +
        'rotate-key" replaces the key of one data directory alone; if the key before was lost, stop, bring it back from a ' +
        'backup and start again, or end its time with "tollgate receipt retire-key <address>"',
    );
    assert.equal((await start()).warning, undefined);
  });

  it('is told of where the books are made anew beside it, and only then', async () => {
    assert.equal((await start()).warning, undefined);
    for (const end of ['', '-wal', '-shm']) rmSync(join(dir, `tollgate.db${end}`), { force: true });
    assert.equal(
      (await start()).warning,
      `the receipt key ${join(dir, 'receipt.key')} is older than the books, which were made now and know no account: if ` +
        'there were books before, stop, and bring their database back from a backup, or set TOLLGATE_DATA_DIR and ' +
        'DATABASE_URL as they were',
    );
    assert.equal((await start()).warning, undefined);
  });

  it('is told of without the keys whose time has ended', async () => {
    const { addresses } = await start();
    rmSync(join(dir, 'receipt.key'));
    const second = (await start()).addresses.find((address) => address !== addresses[0])!;
    const store = await openStore({ url: `sqlite:${join(dir, 'tollgate.db')}`, clock: systemClock });
    await retireKey(store, systemClock, addresses[0]!, 0);
    await store.close();
    rmSync(join(dir, 'receipt.key'));
    assert.match((await start()).warning!, new RegExp(` in which ${second} signed so far`));
  });

  for (const [from, environment] of [
    ['the file', {}],
    ['the environment', { TOLLGATE_RECEIPT_KEY: '1'.repeat(64) }],
  ] as const) {
    it(`is told of where its time was ended and it comes back from ${from}, once`, async () => {
      const [key] = (await start(environment)).addresses;
      await start({ TOLLGATE_RECEIPT_KEY: '2'.repeat(64) });
      const store = await openStore({ url: `sqlite:${join(dir, 'tollgate.db')}`, clock: systemClock });
      const until = await retireKey(store, systemClock, key!, 0);
      await store.close();
      assert.equal(
        (await start(environment)).warning,
        `the receipt key ${key}, whose end was set to ${isoTime(until)}, signs again from now on: if somebody else may ` +
          'know it, stop every gateway that has it, give them another, and end its time again with "tollgate receipt ' +
          `retire-key ${key}"`,
      );
      assert.equal((await start(environment)).warning, undefined);
    });
  }

  it('is not told of where the environment names it', async () => {
    await start();
    const { warning, addresses } = await start({ TOLLGATE_RECEIPT_KEY: '1'.repeat(64) });
    assert.deepEqual([warning, addresses.length], [undefined, 2]);
  });
});
