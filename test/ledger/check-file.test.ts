import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

import { checkFile } from '../../runtime/ledger/check-file.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import { STORES } from '../store/stores.js';
import { Bank, SIGNER } from './bank.js';

const INVARIANT = 'the file of the database is whole, and its indexes have every row of their tables';

describe('the check of the file of a database', () => {
  it('finds an index that lacks a call by its idempotency key, which no invariant of the books shows', async () => {
    const bank = await Bank.open(STORES[0]!, 100n);
    try {
      const idempotencyDigest = 'ab'.repeat(32);
      await bank.captured(5n, { idempotencyDigest });
      assert.deepEqual(await checkFile(bank.store), [{ invariant: INVARIANT, violations: [] }]);
      await bank.store.close();
      const path = bank.database.url.slice('sqlite:'.length);
      const file = readFileSync(path);
      // Only the index has the two side by side.
      const entry = file.indexOf(`${bank.accountId}${idempotencyDigest}`);
      assert.notEqual(entry, -1);
      file[entry + bank.accountId.length]! ^= 1;
      writeFileSync(path, file);
      const store = await bank.database.open(bank.clock);
      assert.deepEqual(await checkFile(store), [
        { invariant: INVARIANT, violations: ['row 1 missing from index sqlite_autoindex_calls_2'] },
      ]);
      const books = await createLedger(store, { clock: bank.clock, signer: SIGNER }).check();
      assert.deepEqual(
        books.filter(({ violations }) => violations.length > 0),
        [],
      );
    } finally {
      await bank.database.drop();
    }
  });

  it('says nothing of PostgreSQL', async () => {
    const bank = await Bank.open(STORES[1]!);
    assert.deepEqual(await checkFile(bank.store), []);
    await bank.close();
  });
});
