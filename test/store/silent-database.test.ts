import assert from 'node:assert/strict';

import { systemClock } from '../../runtime/clock.js';
import { GatewayError } from '../../runtime/gateway-error.js';
import { publishKey, retireKey, timeOfKey } from '../../runtime/receipt/published-keys.js';
import { openStore } from '../../runtime/store/open-store.js';
import type { Store } from '../../runtime/store/store.js';
import { MutedConnection } from './muted-connection.js';
import { STORES, type TestDatabase } from './stores.js';

const postgres = STORES.find(({ name }) => name === 'PostgreSQL')!;

describe('a store whose PostgreSQL falls silent', () => {
  let database: TestDatabase;
  let way: MutedConnection;
  let store: Store;

  beforeEach(async () => {
    database = await postgres.create();
    way = new MutedConnection(database.url);
    store = await openStore({ url: await way.open(), clock: systemClock, silenceMs: 2_000 });
  });
  afterEach(async () => {
    await store.close();
    way.close();
    await database.drop();
  });

  const write = (id: string) =>
    store.write((sql) =>
      sql.rows("INSERT INTO accounts (id, kind, name, created_at_ms) VALUES (?, 'buyer', 'b', 0)", [id]),
    );
  const read = () => store.read.rows("SELECT id FROM accounts WHERE kind = 'buyer' ORDER BY id");
  const ids = async () => (await read()).map(({ id }) => id);
  const unavailable = (error: unknown) => error instanceof GatewayError && error.code === 'STORE_UNAVAILABLE';

  it('says that it cannot be reached, and goes on over another connection', async () => {
    await write('acct_1');
    assert.deepEqual(await ids(), ['acct_1']);
    way.mute();
    await Promise.all([assert.rejects(write('acct_2'), unavailable), assert.rejects(read(), unavailable)]);
    await write('acct_3');
    assert.deepEqual(await ids(), ['acct_1', 'acct_3']);
  });

  it('does not do again what may be done, where the answer to COMMIT is lost', async () => {
    // "READ COMMITTED" is no end of a transaction.
    way.muteAnswersAfter('\0COMMIT\0');
    await assert.rejects(write('acct_1'), unavailable);
    assert.deepEqual(await ids(), ['acct_1']);
    await write('acct_2');
    assert.deepEqual(await ids(), ['acct_1', 'acct_2']);
  });

  it('waits for a snapshot no longer than for a statement of its own', async () => {
    const snapshot = () => store.snapshot((sql) => sql.rows('SELECT 1 AS one'));
    await snapshot();
    way.mute();
    await assert.rejects(snapshot(), unavailable);
    assert.deepEqual(await snapshot(), [{ one: 1 }]);
  });

  it('waits for a patient snapshot however long it takes', async () => {
    await store.patientSnapshot((sql) => sql.rows('SELECT pg_sleep(2.5)'));
  });

  it('waits however long it takes to read every receipt, where a key is ended', async () => {
    await publishKey(store, systemClock, 'a');
    await publishKey(store, systemClock, 'b');
    let holding!: Promise<void>;
    await new Promise<void>((locked) => {
      holding = store.write(async (sql) => {
        await sql.rows('LOCK TABLE receipts');
        locked();
        for (let times = 0; times < 2; times += 1) await sql.rows('SELECT pg_sleep(1.25)');
      });
    });
    const until = await retireKey(store, systemClock, 'a', 0);
    await holding;
    assert.equal((await timeOfKey(store.read, 'a')).validUntil, until);
  });
});
