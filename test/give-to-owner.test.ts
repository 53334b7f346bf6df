import assert from 'node:assert/strict';
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openBooks } from '../runtime/books.js';
import { systemClock } from '../runtime/clock.js';
import { readConfig } from '../runtime/config.js';
import { CredentialStore } from '../runtime/credential/credential-store.js';
import { rotateKey } from '../runtime/receipt/rotate-key.js';

const [USER, GROUP] = [47_110, 47_111];

describe("what root leaves in another user's folder", () => {
  let dir: string;
  before(function () {
    if (process.getuid?.() !== 0) this.skip();
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-owner-'));
    chownSync(dir, USER, GROUP);
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const ownerOf = (...path: readonly string[]) => {
    const { uid, gid } = statSync(join(dir, ...path));
    return [uid, gid];
  };

  it("is that user's: a new database, and a receipt key that is made or rotated", async () => {
    const books = await openBooks(readConfig({ TOLLGATE_DATA_DIR: dir }, {}));
    for (const name of ['receipt.key', 'tollgate.db', 'tollgate.db-wal'])
      assert.deepEqual(ownerOf(name), [USER, GROUP]);
    await books.publishReceiptKey();
    await rotateKey(books.store, systemClock, { dataDirectory: dir, clock: systemClock }, 0);
    assert.deepEqual(ownerOf('receipt.key'), [USER, GROUP]);
    await books.store.close();
  });

  it("is that user's: credentials that are set, and their key that is made or rotated", () => {
    const store = new CredentialStore({ dataDir: dir, clock: systemClock, keyFile: join(dir, 'vault.key') });
    store.change(() => undefined);
    for (const name of ['credentials.json', 'vault.key']) assert.deepEqual(ownerOf(name), [USER, GROUP]);
    store.rotateKey();
    for (const name of ['credentials.json', 'vault.key']) assert.deepEqual(ownerOf(name), [USER, GROUP]);
  });

  it("stays the user's whose file it was, whoever has the folder", () => {
    const store = new CredentialStore({ dataDir: dir, clock: systemClock, keyFile: join(dir, 'vault.key') });
    store.change(() => undefined);
    chownSync(dir, 0, 0);
    store.rotateKey();
    for (const name of ['credentials.json', 'vault.key']) assert.deepEqual(ownerOf(name), [USER, GROUP]);
  });
});
