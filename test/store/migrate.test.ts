/**
 * A database that any earlier version has written opens in this one, with every micro-USDC and every receipt in it. The
 * books of version 1 are as that version wrote them: rows of one buyer with a call in each state that a call ends in.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import knex from 'knex';

import { systemClock } from '../../runtime/clock.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import type { AccountId, CallId, KeyId } from '../../runtime/ledger/ledger.js';
import { Connections } from '../../runtime/store/connections.js';
import { migrate } from '../../runtime/store/migrate.js';
import { MIGRATIONS } from '../../runtime/store/migrations.js';
import type { Binding } from '../../runtime/store/sql.js';
import { PooledWriteConnection } from '../../runtime/store/write-connection.js';
import { runCommand, runCommands } from '../cli/run-command.js';
import { captureOf, MINUTE_MS, SIGNER } from '../ledger/bank.js';
import { TestClock } from '../ledger/test-clock.js';
import { STORES, type StoreKind, type TestDatabase } from './stores.js';

type Value = string | number | { readonly bytes: string };

const BOOKS = JSON.parse(
  readFileSync(new URL('books-of-version-1.json', import.meta.url), 'utf8'),
) as readonly (readonly [table: string, row: Readonly<Record<string, Value>>])[];

const BUYER = 'acct_a00936f1447489dc9ecc2fb55bd73bc5' as AccountId;
const KEY = 'key_db3fd117ee2f9bea284b41af70c76487' as KeyId;
const CAPTURED = 'call_2bc375473f6c1b888574a226577dd530' as CallId;
const RELEASED = 'call_b134664425f8a5199e998607b037a120' as CallId;
const HELD = 'call_dafa3ae08ec98b921544043eb3487526' as CallId;

for (const kind of STORES) {
  describe(`a database of an earlier version, on ${kind.name}`, function () {
    this.timeout(60_000);
    let database: TestDatabase;

    beforeEach(async () => {
      database = await kind.create();
    });
    afterEach(() => database.drop());

    for (const { version } of MIGRATIONS) {
      it(`of version ${version} keeps its books: money, states, answers and receipts`, async () => {
        await writeBooks(kind, database, version);
        const clock = new TestClock();
        const store = await database.open(clock);
        const ledger = createLedger(store, { clock, signer: SIGNER });

        assert.deepEqual(await broken(ledger), []);
        assert.deepEqual(await ledger.balance(BUYER), { availableMicroUsdc: 85n, heldMicroUsdc: 5n });
        const captured = await ledger.findClaim(BUYER, '12'.repeat(32));
        assert.equal(captured?.callId, CAPTURED);
        assert.deepEqual(
          [captured.state, captured.chargeMicroUsdc, captured.receipt?.message.number],
          ['captured', 7n, 1],
        );
        assert.ok(captured.told !== undefined && 'body' in captured.told);
        assert.equal(Buffer.from(captured.told.body).toString(), '{"temperature":21.5}');
        const released = await ledger.findCall(BUYER, RELEASED);
        assert.deepEqual([released?.state, released?.told], ['released', { error: { code: 'UPSTREAM_ERROR' } }]);

        // Its open call goes on, and the next receipt follows on its last one.
        assert.equal(await ledger.markDispatched(HELD, clock.nowMs() + MINUTE_MS), true);
        const result = await ledger.capture(captureOf(HELD, 4n));
        assert.ok(result.outcome === 'captured');
        assert.equal(result.receipt.message.number, 3);
        const opened = await ledger.openCall({
          callId: `call_${'ab'.repeat(16)}` as CallId,
          accountId: BUYER,
          keyId: KEY,
          endpoint: 'weather/forecast',
          provider: 'weather',
          sellerId: 'weather-inc',
          requestDigest: 'ab'.repeat(32),
          maxChargeMicroUsdc: 86n,
          deadlineMs: clock.nowMs() + MINUTE_MS,
        });
        assert.deepEqual(opened, { outcome: 'opened', availableMicroUsdc: 0n });
        assert.deepEqual(await broken(ledger), []);
      });
    }

    it('is brought up to date once by two processes that open it at the same moment', async () => {
      await writeBooks(kind, database, 1);
      const directory = mkdtempSync(join(tmpdir(), 'tollgate-migrate-'));
      const environment = { DATABASE_URL: database.url, TOLLGATE_DATA_DIR: directory };
      const check = () => runCommand(['ledger', 'check'], environment);
      for (const { code, stderr, stdout } of await runCommands([check, check])) {
        assert.deepEqual([code, stderr], [0, '']);
        assert.match(stdout, /the books are sound\n$/);
      }
      rmSync(directory, { recursive: true });
      const store = await database.open();
      const rows = await store.read.rows('SELECT version FROM schema_versions ORDER BY version');
      assert.deepEqual(
        rows.map(({ version }) => Number(version)),
        MIGRATIONS.map(({ version }) => version),
      );
    });
  });
}

/** The books of version 1 as a program of the given version leaves them. */
async function writeBooks(kind: StoreKind, { url }: TestDatabase, version: number): Promise<void> {
  const dialect = kind.name === 'SQLite' ? 'sqlite' : 'postgres';
  const driver =
    dialect === 'sqlite'
      ? { client: 'sqlite3', connection: { filename: url.slice('sqlite:'.length) }, useNullAsDefault: true }
      : { client: 'pg', connection: url };
  const connections = new Connections(knex({ ...driver, pool: { min: 0, max: 1 } }), dialect);
  const connection = new PooledWriteConnection(connections, dialect);
  await migrate(connection, dialect, MIGRATIONS.slice(0, 1), systemClock);
  await connection.begin();
  await connection.rows("UPDATE accounts SET debits_posted = 100 WHERE id = 'deposits'");
  for (const [table, row] of BOOKS) {
    const marks = Object.keys(row).map(() => '?');
    await connection.rows(
      `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${marks.join(', ')})`,
      Object.values(row).map((value): Binding => (typeof value === 'object' ? Buffer.from(value.bytes) : value)),
    );
  }
  await connection.commit();
  await migrate(connection, dialect, MIGRATIONS.slice(0, version), systemClock);
  await connections.close();
}

async function broken(ledger: ReturnType<typeof createLedger>): Promise<readonly string[]> {
  const results = await ledger.check();
  return results.filter(({ violations }) => violations.length > 0).map(({ invariant }) => invariant);
}
