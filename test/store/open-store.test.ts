import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import { systemClock } from '../../runtime/clock.js';
import { GatewayError } from '../../runtime/gateway-error.js';
import { MIGRATIONS } from '../../runtime/store/migrations.js';
import { openStore } from '../../runtime/store/open-store.js';
import type { Sql } from '../../runtime/store/sql.js';
import { StoreNotOpened } from '../../runtime/store/store-not-opened.js';
import { Bank } from '../ledger/bank.js';
import { TestClock } from '../ledger/test-clock.js';
import { until } from '../proof/until.js';
import { SharedConnection } from './shared-connection.js';
import { database as openedBy, STORES, type TestDatabase } from './stores.js';

const notOpened =
  (...words: readonly string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof StoreNotOpened, String(error));
    for (const word of words) assert.ok(error.message.includes(word), `"${error.message}" does not say "${word}"`);
    return true;
  };

/** Nothing where there is none any more. */
const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

for (const kind of STORES) {
  describe(`opening a store on ${kind.name}`, () => {
    let database: TestDatabase;

    beforeEach(async () => {
      database = await kind.create();
    });
    afterEach(() => database.drop());

    it('makes the schema on an empty database', async () => {
      const store = await database.open();
      const rows = await store.read.rows("SELECT id FROM accounts WHERE kind <> 'buyer' ORDER BY id");
      assert.deepEqual(
        rows.map(({ id }) => id),
        ['deposits', 'losses', 'platform'],
      );
    });

    it('finds what was written when it is opened again', async () => {
      const first = await database.open();
      await first.write((sql) =>
        sql.rows("INSERT INTO accounts (id, kind, name, created_at_ms) VALUES ('acct_1', 'buyer', 'b', 0)"),
      );
      await first.close();
      const second = await database.open();
      assert.equal((await second.read.rows("SELECT id FROM accounts WHERE id = 'acct_1'")).length, 1);
    });

    it('can be opened by five gateways at the same moment', async () => {
      const stores = await Promise.all(Array.from({ length: 5 }, () => database.open()));
      const rows = await stores[4]!.read.rows('SELECT version FROM schema_versions ORDER BY version');
      assert.deepEqual(
        rows.map(({ version }) => Number(version)),
        MIGRATIONS.map(({ version }) => version),
      );
    });

    it('refuses a database that a newer program has written', async () => {
      const store = await database.open();
      await store.write((sql) =>
        sql.rows("INSERT INTO schema_versions (version, name, applied_at_ms) VALUES (999, 'of the future', 0)"),
      );
      await store.close();
      await assert.rejects(database.open(), notOpened('schema version 999', 'run the newer tollgate'));
    });

    it('reads on connections that cannot write', async () => {
      const store = await database.open();
      await assert.rejects(store.read.rows("UPDATE accounts SET name = 'x' WHERE id = 'platform'"));
    });

    it('shows a snapshot as it was at one moment', async () => {
      const store = await database.open();
      await store.snapshot(async (sql) => {
        const count = () => sql.rows('SELECT COUNT(*) AS count FROM accounts').then(([row]) => Number(row?.['count']));
        const before = await count();
        await store.write((write) =>
          write.rows("INSERT INTO accounts (id, kind, name, created_at_ms) VALUES ('acct_2', 'buyer', 'b', 0)"),
        );
        assert.equal(await count(), before);
      });
    });

    it('reads and writes while snapshots take their time, however many there are', async () => {
      const store = await database.open();
      let release!: () => void;
      const released = new Promise<void>((resolve) => (release = resolve));
      const snapshots = Array.from({ length: 10 }, () => store.snapshot(() => released));
      assert.deepEqual(await store.read.rows("SELECT id FROM accounts WHERE id = 'platform'"), [{ id: 'platform' }]);
      await store.write((sql) => sql.rows("UPDATE accounts SET name = 'fees' WHERE id = 'platform'"));
      release();
      await Promise.all(snapshots);
    });

    it('shows what is new after snapshots that have failed', async () => {
      const store = await database.open();
      const names = () => store.read.rows("SELECT name FROM accounts WHERE id = 'losses'");
      for (let time = 0; time < 8; time += 1) {
        await assert.rejects(
          store.snapshot(async (sql) => {
            await sql.rows('SELECT id FROM accounts');
            throw new Error('unreadable');
          }),
          /unreadable/,
        );
      }
      await store.write((sql) => sql.rows("UPDATE accounts SET name = 'new' WHERE id = 'losses'"));
      const read = await Promise.all(Array.from({ length: 8 }, names));
      assert.deepEqual(
        read.flat(),
        Array.from({ length: 8 }, () => ({ name: 'new' })),
      );
      await store.snapshot(async (sql) => assert.equal((await sql.rows('SELECT id FROM accounts')).length, 3));
    });

    it('finishes what it was given to write before it closes', async () => {
      const store = await database.open();
      const written = store.write((sql) => sql.rows("UPDATE accounts SET name = 'last' WHERE id = 'losses'"));
      await store.close();
      await written;
      const again = await database.open();
      assert.deepEqual(await again.read.rows("SELECT name FROM accounts WHERE id = 'losses'"), [{ name: 'last' }]);
    });

    it('keeps amounts of 64 bits exact, there and back', async () => {
      const store = await database.open();
      const rows = await store.write((sql) =>
        sql.rows(
          `INSERT INTO accounts (id, kind, name, credits_posted, created_at_ms)
            VALUES ('acct_3', 'buyer', 'b', CAST(? AS BIGINT), 0) RETURNING CAST(credits_posted AS TEXT) AS amount`,
          ['4611686018427387903'],
        ),
      );
      assert.equal(rows[0]?.['amount'], '4611686018427387903');
    });

    it('undoes all that a command wrote before it threw', async () => {
      const store = await database.open();
      const command = store.write(async (sql) => {
        await sql.rows("INSERT INTO accounts (id, kind, name, created_at_ms) VALUES ('acct_4', 'buyer', 'b', 0)");
        throw new Error('after the insert');
      });
      await assert.rejects(command, /after the insert/);
      assert.deepEqual(await store.read.rows("SELECT id FROM accounts WHERE id = 'acct_4'"), []);
    });

    it('shows no bound value in an error', async () => {
      const store = await database.open();
      const command = store.write((sql) =>
        sql.rows('INSERT INTO accounts (id, kind, name, created_at_ms) VALUES (?, ?, ?, 0)', ['a', 'canary-kind', 'n']),
      );
      await assert.rejects(command, (error: Error) => !error.message.includes('canary-kind'));
    });
  });
}

describe('a SQLite store', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tollgate-open-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is a file that nobody else can read, in a directory that is made for it', async () => {
    const path = join(directory, 'deep', 'er', 'tollgate.db');
    const store = await openStore({ url: `sqlite:${path}`, clock: systemClock });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(`${path}-wal`).mode & 0o777, 0o600);
    await store.close();
  });

  it('closes every connection, also one on which a snapshot has failed', async function () {
    if (process.platform !== 'linux') this.skip();
    const open = () =>
      readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(directory)).length;
    const store = await openStore({ url: `sqlite:${join(directory, 'a.db')}`, clock: systemClock });
    const read = () => store.read.rows('SELECT id FROM accounts');
    await Promise.all([read(), read(), store.write((sql) => sql.rows("UPDATE accounts SET name = 'x'"))]);
    for (let time = 0; time < 2; time += 1) {
      await assert.rejects(
        store.snapshot(() => Promise.reject(new Error('unreadable'))),
        /unreadable/,
      );
    }
    await Promise.all([read(), read()]);
    assert.notEqual(open(), 0);
    await store.close();
    assert.equal(open(), 0);
  });

  it('has all in its one file when it is closed, though several connections were open', async () => {
    const path = join(directory, 'tollgate.db');
    for (let time = 0; time < 30; time += 1) {
      const store = await openStore({ url: `sqlite:${path}`, clock: systemClock });
      await Promise.all([
        ...Array.from({ length: 4 }, () => store.read.rows('SELECT id FROM accounts')),
        store.snapshot((sql) => sql.rows('SELECT id FROM accounts')),
        store.write((sql) => sql.rows("UPDATE accounts SET name = 'x' WHERE id = 'platform'")),
      ]);
      await store.close();
      assert.deepEqual(readdirSync(directory), ['tollgate.db'], `time ${time}`);
    }
  });

  const PRAGMAS: readonly (readonly [name: string, want: string | number])[] = [
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['foreign_keys', 1],
    ['recursive_triggers', 1],
    ['busy_timeout', 5000],
  ];
  for (const [name, want] of PRAGMAS) {
    it(`writes with ${name} = ${want}`, async () => {
      const store = await openStore({ url: `sqlite:${join(directory, 'a.db')}`, clock: systemClock });
      const [row] = await store.write((sql) => sql.rows(`PRAGMA ${name}`));
      await store.close();
      assert.equal(Object.values(row!)[0], want);
    });
  }

  it('says which file cannot be written, and what to do', async () => {
    writeFileSync(join(directory, 'a-file'), '');
    const path = join(directory, 'a-file', 'tollgate.db');
    await assert.rejects(openStore({ url: `sqlite:${path}`, clock: systemClock }), notOpened(path, 'set DATABASE_URL'));
  });

  it('is not made where a link leads that leads nowhere yet', async () => {
    const [path, elsewhere] = [join(directory, 'tollgate.db'), join(directory, 'elsewhere')];
    symlinkSync(elsewhere, path);
    await assert.rejects(openStore({ url: `sqlite:${path}`, clock: systemClock }), notOpened(path, 'ENOENT'));
    assert.equal(existsSync(elsewhere), false);
  });

  const LOST_LOG = 'has lost its log, the file -wal or -shm beside it';
  for (const [end, fault] of [
    ['', 'was moved, replaced or removed while the gateway ran'],
    ['-wal', LOST_LOG],
    ['-shm', LOST_LOG],
  ] as const) {
    for (const [what, replace] of [
      ['is gone', () => undefined],
      ['is another', (path: string) => writeFileSync(path, 'another')],
    ] as const) {
      it(`takes no write where tollgate.db${end} ${what}, and takes writes again when it is back`, async () => {
        const clock = new TestClock();
        const database = join(directory, 'tollgate.db');
        const path = `${database}${end}`;
        const store = await openStore({ url: `sqlite:${database}`, clock });
        const write = () => store.write((sql) => sql.rows("UPDATE accounts SET name = 'x' WHERE id = 'platform'"));
        await write();
        renameSync(path, `${path}.away`);
        replace(path);
        clock.advance(1_000);
        await assert.rejects(write(), (error) => {
          assert.ok(error instanceof GatewayError);
          assert.equal(error.message, `the database of this gateway ${fault}`);
          assert.deepEqual([error.code, error.retryable], ['STORE_UNAVAILABLE', true]);
          assert.equal((error.cause as Error).message, `${path} is not the file that was opened`);
          return true;
        });
        renameSync(`${path}.away`, path);
        clock.advance(1_000);
        await write();
        await store.close();
      });
    }
  }

  it('keeps what was written to a log that was removed, where it is closed', async () => {
    const url = `sqlite:${join(directory, 'tollgate.db')}`;
    const store = await openStore({ url, clock: systemClock });
    await store.write((sql) => sql.rows("UPDATE accounts SET name = 'x' WHERE id = 'platform'"));
    rmSync(join(directory, 'tollgate.db-wal'));
    await store.close();
    const again = await openStore({ url, clock: systemClock });
    assert.deepEqual(await again.read.rows("SELECT name FROM accounts WHERE id = 'platform'"), [{ name: 'x' }]);
    await again.close();
  });

  it('takes writes by way of a link, and after a transaction that could not be undone', async () => {
    const clock = new TestClock();
    mkdirSync(join(directory, 'elsewhere'));
    writeFileSync(join(directory, 'elsewhere', 'a.db'), '');
    symlinkSync(join(directory, 'elsewhere', 'a.db'), join(directory, 'tollgate.db'));
    const store = await openStore({ url: `sqlite:${join(directory, 'tollgate.db')}`, clock });
    const ended = store.write((sql) => sql.rows('ROLLBACK').then(() => sql.rows('not SQL')));
    await assert.rejects(ended);
    clock.advance(1_000);
    await store.write((sql) => sql.rows("UPDATE accounts SET name = 'x' WHERE id = 'platform'"));
    await store.close();
  });

  for (const [what, lose] of [
    ['is gone', rmSync],
    ['is empty', truncateSync],
  ] as const) {
    it(`is not made anew where it ${what} and its log is left, which stays as it is`, async () => {
      const path = join(directory, 'tollgate.db');
      const open = () => openStore({ url: `sqlite:${path}`, clock: systemClock });
      const store = await open();
      await store.write((sql) => sql.rows("UPDATE accounts SET name = 'x' WHERE id = 'platform'"));
      const log = readFileSync(`${path}-wal`);
      await store.close();
      lose(path);
      writeFileSync(`${path}-wal`, log);
      await assert.rejects(
        open(),
        notOpened(
          `there is no database ${path}`,
          `its log ${path}-wal holds the latest calls`,
          'bring back the database',
        ),
      );
      assert.deepEqual(readFileSync(`${path}-wal`), log);
      rmSync(`${path}-wal`);
      await (await open()).close();
    });
  }

  it('says which file is no database', async () => {
    const path = join(directory, 'a-text');
    writeFileSync(path, 'this is a text, and it is longer than the header of a database. '.repeat(20));
    await assert.rejects(
      openStore({ url: `sqlite:${path}`, clock: systemClock }),
      notOpened(path, 'SQLITE_NOTADB: file is not a database; bring it back from a backup, or set DATABASE_URL'),
    );
  });

  it('says which file is damaged, and what to do', async () => {
    const path = join(directory, 'tollgate.db');
    const open = () => openStore({ url: `sqlite:${path}`, clock: systemClock });
    await (await open()).close();
    truncateSync(path, 8192);
    await assert.rejects(
      open(),
      notOpened(path, 'SQLITE_CORRUPT: database disk image is malformed; bring it back from a backup'),
    );
  });
});

describe('a PostgreSQL store', function () {
  this.timeout(30_000);
  let database: TestDatabase;

  beforeEach(async () => {
    database = await STORES[1]!.create();
  });
  afterEach(() => database.drop());

  async function ask(statement: string): Promise<string> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<[string]>({ text: statement, rowMode: 'array' });
    await client.end();
    return rows[0]?.[0] ?? '';
  }

  it('flushes each commit, also where the database is set to flush none', async () => {
    const name = await ask('SELECT current_database()');
    await ask(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    try {
      assert.equal(await ask('SHOW synchronous_commit'), 'off');
      const store = await database.open();
      const [row] = await store.write((sql) => sql.rows('SHOW synchronous_commit'));
      assert.deepEqual(row, { synchronous_commit: 'on' });
    } finally {
      await ask(`ALTER DATABASE ${name} RESET synchronous_commit`);
    }
  });

  it('takes as many connections as the README says, and leaves the rest to wait', async () => {
    const store = await database.open();
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    let locked!: () => void;
    const lock = new Promise<void>((resolve) => (locked = resolve));
    const write = store.write(async (sql) => {
      await sql.rows('SELECT pg_advisory_xact_lock(1)');
      locked();
      await released;
    });
    await lock;
    const twenty = <Result>(work: () => Promise<Result>) => Promise.all(Array.from({ length: 20 }, work));
    const all = [
      write,
      twenty(() => store.read.rows('SELECT pg_advisory_xact_lock_shared(1)')),
      twenty(() => store.snapshot(() => released)),
      twenty(() => store.patientSnapshot(() => released)),
    ];
    const connections = () =>
      ask("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tollgate'");
    await until(async () => Number(await connections()) >= 17);
    release();
    await Promise.all(all);
    assert.equal(await connections(), '17');
    assert.match(readFileSync('README.md', 'utf8'), /Each takes up to 17\s+connections of the database/);
  });

  for (const setting of ['statement_timeout', 'lock_timeout', 'transaction_timeout']) {
    it(`waits as long as it means to, also where the database sets a ${setting}`, async function () {
      // PostgreSQL 17 was the first with a limit for transactions.
      if ((await ask(`SELECT COUNT(*) FROM pg_settings WHERE name = '${setting}'`)) === '0') this.skip();
      const name = await ask('SELECT current_database()');
      await ask(`ALTER DATABASE ${name} SET ${setting} = '1s'`);
      try {
        assert.equal(await ask(`SHOW ${setting}`), '1s');
        const store = await database.open();
        const show = (sql: Sql) => sql.rows(`SHOW ${setting}`);
        for (const rows of [store.write(show), store.snapshot(show), store.patientSnapshot(show)]) {
          assert.deepEqual(await rows, [{ [setting]: '0' }]);
        }
      } finally {
        await ask(`ALTER DATABASE ${name} RESET ${setting}`);
      }
    });
  }

  it('is not opened on a database that cannot hold every text', async () => {
    const url = new URL(database.url);
    url.pathname = '/tollgate_test_latin1';
    await ask("CREATE DATABASE tollgate_test_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    try {
      const opened = openStore({ url: url.href, clock: systemClock });
      await assert.rejects(opened, notOpened('PostgreSQL has server_encoding = LATIN1', 'ENCODING UTF8'));
    } finally {
      await ask('DROP DATABASE tollgate_test_latin1 WITH (FORCE)');
    }
  });

  it('takes the turn to write from a gateway that stands still within a transaction, half a minute after it stopped', async () => {
    const [stuck, other] = [await database.open(), await database.open()];
    const insert = (id: string) =>
      `INSERT INTO accounts (id, kind, name, created_at_ms) VALUES ('${id}', 'buyer', 'b', 0) RETURNING id`;
    const lost = stuck.write(async (sql) => {
      const [row] = await sql.rows('SHOW idle_in_transaction_session_timeout');
      assert.deepEqual(row, { idle_in_transaction_session_timeout: '30s' });
      await sql.rows('SET LOCAL idle_in_transaction_session_timeout = 100');
      await sql.rows(insert('acct_1'));
      assert.equal((await other.write((next) => next.rows(insert('acct_2')))).length, 1);
      await sql.rows(insert('acct_3'));
    });
    await assert.rejects(lost, { code: 'STORE_UNAVAILABLE' });
    assert.deepEqual(await other.read.rows("SELECT id FROM accounts WHERE kind = 'buyer'"), [{ id: 'acct_2' }]);
    assert.equal((await stuck.write((sql) => sql.rows(insert('acct_4')))).length, 1);
  });

  it('keeps no connection to a standby, so that it goes on when its address leads to a primary again', async () => {
    const name = await ask('SELECT current_database()');
    const connections = `FROM pg_stat_activity WHERE datname = '${name}' AND application_name = 'tollgate'`;
    const noneIsOpen = () => until(async () => (await ask(`SELECT COUNT(*) ${connections}`)) === '0');
    const store = await database.open();
    const write = (id: string) =>
      store.write((sql) =>
        sql.rows("INSERT INTO accounts (id, kind, name, created_at_ms) VALUES (?, 'buyer', 'b', 0)", [id]),
      );
    const read = () => store.read.rows("SELECT id FROM accounts WHERE kind = 'buyer'");
    await write('acct_1');
    assert.deepEqual(await read(), [{ id: 'acct_1' }]);

    // The server says of itself that it is a standby, as long as its own function is not the first to be found.
    await ask(`ALTER DATABASE ${name} SET search_path = public, pg_catalog`);
    try {
      await ask("CREATE FUNCTION public.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'");
      await ask(`SELECT pg_terminate_backend(pid) ${connections}`);
      await noneIsOpen();
      const unavailable = { code: 'STORE_UNAVAILABLE', message: 'the database of this gateway cannot be written' };
      await assert.rejects(write('acct_2'), unavailable);
      await assert.rejects(read(), unavailable);
      await assert.rejects(database.open(), notOpened('the server is a standby, which takes no writes'));
      await noneIsOpen();

      await ask('DROP FUNCTION public.pg_is_in_recovery()');
      await write('acct_3');
      assert.deepEqual(await read(), [{ id: 'acct_1' }, { id: 'acct_3' }]);
    } finally {
      await ask(`ALTER DATABASE ${name} RESET search_path`);
    }
  });

  it('is not opened by way of a pooler that lends one connection of the server to several of the gateway', async () => {
    const pooler = new SharedConnection(database.url);
    const opened = openStore({ url: await pooler.open(), clock: systemClock });
    await assert.rejects(opened, notOpened('lends its connections for single transactions', 'pool_mode = session'));
    pooler.close();
  });

  /** @param check gets the database as a role opens it that may work with the rows and make nothing. */
  async function asRoleForRows(check: (ofRole: TestDatabase) => Promise<void>): Promise<void> {
    await (await database.open()).close();
    await ask("CREATE ROLE tollgate_test_rows LOGIN PASSWORD 'rows'");
    await ask('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    await ask('GRANT USAGE ON SCHEMA public TO tollgate_test_rows');
    await ask('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tollgate_test_rows');
    const url = new URL(database.url);
    [url.username, url.password] = ['tollgate_test_rows', 'rows'];
    const ofRole = openedBy(url.href, async () => {
      await ask('DROP OWNED BY tollgate_test_rows');
      await ask('DROP ROLE tollgate_test_rows');
    });
    try {
      await check(ofRole);
    } finally {
      await ofRole.drop();
    }
  }

  it('is opened by a role that may work with the rows and make nothing, once the schema is there', () =>
    asRoleForRows(async (ofRole) => {
      const bank = await Bank.open({ name: 'PostgreSQL', create: () => Promise.resolve(ofRole) }, 1n);
      await bank.captured(1n);
      assert.deepEqual(await bank.broken(), []);
    }));

  it('is not opened by such a role where a newer version is to change its tables, and says whose turn that is', () =>
    asRoleForRows(async (ofRole) => {
      await ask('DELETE FROM schema_versions WHERE version >= 7');
      await assert.rejects(
        ofRole.open(),
        notOpened(
          'must be owner of table accounts',
          '; start this version once as the role that owns the tables, or is to, and have it grant this one SELECT, ' +
            'INSERT, UPDATE and DELETE on every table',
        ),
      );
    }));

  it('tells of a table, as a newer version makes them, that its role has no right to', () =>
    asRoleForRows(async (ofRole) => {
      const store = await ofRole.open();
      await ask('REVOKE ALL ON undelivered FROM tollgate_test_rows');
      const refused = (error: GatewayError) => {
        assert.equal(error.message, 'the database of this gateway refuses its role');
        assert.match(error.remedy, /who can grant it SELECT, INSERT, UPDATE and DELETE on every table$/);
        return true;
      };
      await assert.rejects(store.read.rows('SELECT call_id FROM undelivered'), refused);
      await assert.rejects(
        store.write((sql) => sql.rows('DELETE FROM undelivered')),
        refused,
      );
    }));

  it('is not opened where its sessions run no triggers', async function () {
    // Only a superuser may set that.
    if (process.env['TEST_POSTGRES_URL'] !== undefined) this.skip();
    const url = new URL(database.url);
    url.searchParams.set('options', '-c session_replication_role=replica');
    await assert.rejects(
      openStore({ url: url.href, clock: systemClock }),
      notOpened('PostgreSQL has session_replication_role = replica', 'set it to origin'),
    );
  });

  for (const [why, change, fault, remedy] of [
    ['refuses its role', 'NOLOGIN', 'does not let it in', 'the user, the password or the database in DATABASE_URL'],
    ['has no connection left', 'CONNECTION LIMIT 0', 'has no connection left for it', 'raise max_connections there'],
  ] as const) {
    it(`is unavailable, and not a bug, while the server ${why}, which the gateway gets to know in place of a connection`, () =>
      asRoleForRows(async (ofRole) => {
        const store = await ofRole.open();
        await ask(`ALTER ROLE tollgate_test_rows ${change}`);
        await ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tollgate_test_rows'");
        const refused = (error: unknown) => {
          assert.ok(error instanceof GatewayError, String(error));
          return error.message === `the database of this gateway ${fault}` && error.remedy.includes(remedy);
        };
        const use = () => Promise.all([store.read.rows('SELECT 1'), store.write((sql) => sql.rows('SELECT 1'))]);
        // Those that were ended are noticed a moment later.
        await until(() => use().then(() => false, refused));
        await assert.rejects(
          store.write((sql) => sql.rows('SELECT 1')),
          refused,
        );
        await assert.rejects(store.read.rows('SELECT 1'), refused);
      }));
  }

  it('is not opened where the server has no connection left, and says whose limit that is', () =>
    asRoleForRows(async (ofRole) => {
      await ask('ALTER ROLE tollgate_test_rows CONNECTION LIMIT 0');
      await assert.rejects(
        ofRole.open(),
        notOpened('too many connections for role', '; raise max_connections there: each gateway takes up to 17'),
      );
    }));

  for (const setting of ['fsync', 'full_page_writes']) {
    it(`is not opened on a server whose ${setting} is off`, async function () {
      // Only the run's own server is nobody else's to be set otherwise.
      if (process.env['TEST_POSTGRES_URL'] !== undefined) this.skip();
      const set = async (statement: string, value: string): Promise<void> => {
        await ask(statement);
        await ask('SELECT pg_reload_conf()');
        await until(async () => (await ask(`SHOW ${setting}`)) === value);
      };
      await set(`ALTER SYSTEM SET ${setting} = off`, 'off');
      try {
        await assert.rejects(database.open(), notOpened(`PostgreSQL has ${setting} = off`, 'set it to on'));
      } finally {
        await set(`ALTER SYSTEM RESET ${setting}`, 'on');
      }
    });
  }
});

describe("a store's url", () => {
  for (const url of ['mysql://root@localhost/x', 'data/tollgate.db', 'sqlite:', '']) {
    it(`"${url}" is refused with an example`, () =>
      assert.rejects(openStore({ url, clock: systemClock }), notOpened(`"${url}"`, 'sqlite:data/tollgate.db')));
  }

  it('is named with a remedy where no server answers', () =>
    assert.rejects(
      openStore({ url: 'postgres://127.0.0.1:1/x', clock: systemClock }),
      notOpened('ECONNREFUSED', 'see that the server runs, and that DATABASE_URL is right for it'),
    ));

  it('never shows its password', async () => {
    for (const url of [
      'postgres://me:canary@127.0.0.1:1/x',
      'postgres://127.0.0.1:1/x?user=me&password=canary',
      'mysql://me:canary@localhost/x',
    ]) {
      await assert.rejects(openStore({ url, clock: systemClock }), (error: Error) => {
        assert.ok(error.message.includes('[redacted]'), error.message);
        return !error.message.includes('canary');
      });
    }
  });
});
