/**
 * Opens the database: SQLite for one gateway, PostgreSQL for several. Both run the same SQL through knex.
 *
 * Invariant: a store that is handed out is durable (what COMMIT acknowledged is on disk), enforces its foreign keys, and
 * has the schema of this program. That is asserted, not assumed: a file system without shared memory refuses WAL
 * silently, for instance. Where its files were moved away or replaced meanwhile, it takes no writes.
 */

import { closeSync, constants, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import knex, { type Knex } from 'knex';

import type { Clock } from '../clock.js';
import { giveToOwner } from '../give-to-owner.js';
import { makePrivateFolder } from '../private-folder.js';
import { CommitQueue } from './commit-queue.js';
import { Connections } from './connections.js';
import { parseDatabaseUrl, withoutPassword } from './database-url.js';
import { filesInPlace } from './files-in-place.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations.js';
import { refuseOrphanedLog } from './refuse-orphaned-log.js';
import type { Sql } from './sql.js';
import type { Dialect, Store } from './store.js';
import { operatorRemedy, ROLE_RIGHTS, storeFault, storeUnavailable } from './store-fault.js';
import { StoreNotOpened } from './store-not-opened.js';
import { PooledWriteConnection } from './write-connection.js';

export interface StoreOptions {
  /** `sqlite:data/tollgate.db` or `postgres://user:password@host/database`. */
  readonly url: string;
  readonly clock: Clock;
  /** How many commands one transaction takes at most. */
  readonly maxBatch?: number;
  /** How long PostgreSQL may be silent after a statement, in milliseconds: a minute unless given. */
  readonly silenceMs?: number;
  /** Called before the schema is made in a database without one; what it throws keeps that from being made. */
  readonly onNew?: () => void;
}

const BUSY_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
const SQLITE_READERS = 2;
const POSTGRES_READERS = 8;
/**
 * Connections for snapshots, which may read a year of an account's calls: each call has to read who makes it, and must
 * not wait for one of those. Of SQLite it is one, since each of its connections that reads takes one of the four threads
 * that Node has for files, names and databases.
 */
const SQLITE_SNAPSHOTS = 1;
const POSTGRES_SNAPSHOTS = 4;
/**
 * How long a gateway may keep the turn to write without a statement. Only one gateway writes at a time. If its machine
 * is gone or stands still, the server does not notice for hours, and no other gateway could write.
 */
const STANDSTILL_MS = 30_000;
/**
 * How long a statement is waited for. If the network swallows packets, nothing else ends the connection for a quarter
 * of an hour. It is longer than another gateway can keep its turn.
 */
const SILENCE_MS = 2 * STANDSTILL_MS;
/** Connections of PostgreSQL for work that may take its time: migrations, and reading whole books. */
const POSTGRES_PATIENT = 4;

/**
 * A standby takes no writes, and what is read of it may be out of date. While a failover is under way an address may lead
 * to one for a while. A connection that is made then would stay in its pool when the address leads to the primary again.
 */
const REFUSE_STANDBY = `DO $$ BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'the server is a standby, which takes no writes' USING ERRCODE = '25006';
  END IF;
END $$`;

/**
 * What a role or a database sets: `silenceMs` alone says how long is waited. The turn to write may come late, and patient
 * work takes its time. Servers before PostgreSQL 17 do not know the last, so that SET would fail.
 */
const NO_TIME_LIMITS = `SELECT set_config(name, '0', false) FROM pg_settings
  WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout')`;

/** Pragmas of every SQLite connection, with the value that each must read back. */
const PRAGMAS: readonly (readonly [name: string, set: string, reads: string])[] = [
  ['busy_timeout', String(BUSY_TIMEOUT_MS), String(BUSY_TIMEOUT_MS)],
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', '2'],
  ['foreign_keys', 'ON', '1'],
  // Without it, INSERT OR REPLACE would delete a row past the triggers that forbid it.
  ['recursive_triggers', 'ON', '1'],
  // In KiB: the hot ends of the indexes stay in memory, and no page is written twice within a transaction.
  ['cache_size', '-16384', '-16384'],
  // A statement that fails half-way is undone from a journal of its own, which need not be a file.
  ['temp_store', 'MEMORY', '2'],
  // In pages: what many transactions write to one page is copied from the log to the database once.
  ['wal_autocheckpoint', '8000', '8000'],
];

/**
 * Opens the database, creates it where it does not exist, and brings its schema up to date.
 * @throws StoreNotOpened where that cannot be done, with the remedy.
 */
export async function openStore({ url, clock, maxBatch, silenceMs = SILENCE_MS, onNew }: StoreOptions): Promise<Store> {
  const parsed = parseDatabaseUrl(url);
  if ('fault' in parsed) {
    throw new StoreNotOpened(
      `the database URL "${withoutPassword(url)}" ${parsed.fault}: write sqlite:PATH, like sqlite:data/tollgate.db, or ` +
        'postgres://USER:PASSWORD@HOST/DATABASE',
    );
  }
  const { dialect, location } = parsed;
  if (dialect === 'sqlite') {
    refuseOrphanedLog(location);
    createFile(location);
  }
  const shown = dialect === 'sqlite' ? location : withoutPassword(location);
  const pool = (options: PoolOptions): Connections =>
    new Connections(knex(configuration(dialect, location, options)), dialect);
  const writers = pool({ max: 1, readOnly: false, silenceMs });
  const readingPool = (sqlite: number, postgres: number): Connections =>
    pool({ max: dialect === 'sqlite' ? sqlite : postgres, readOnly: true, silenceMs });
  const readers = readingPool(SQLITE_READERS, POSTGRES_READERS);
  const snapshots = readingPool(SQLITE_SNAPSHOTS, POSTGRES_SNAPSHOTS);
  const patient = dialect === 'sqlite' ? undefined : pool({ max: POSTGRES_PATIENT, readOnly: false });
  // SQLite puts its log into the database with the last connection, unless another is being closed at that moment.
  const closePools = async (): Promise<void> => {
    await Promise.all([readers.close(), snapshots.close(), patient?.close()]).finally(() => writers.close());
  };
  const connection = new PooledWriteConnection(writers, dialect);
  let assertInPlace: (() => void) | undefined;
  try {
    await whenNotBusy(async () => {
      if (patient === undefined) await assertSqlite(writers);
      else {
        await assertOwnSessions(writers, patient);
        await assertPostgres(writers);
      }
      const migrating = patient === undefined ? connection : new PooledWriteConnection(patient, dialect);
      await migrate(migrating, dialect, MIGRATIONS, clock, onNew);
    });
    if (dialect === 'sqlite') {
      // Opens a connection that is never closed before the store is, as one that writes may be.
      await readers.rows('SELECT 1', []);
      assertInPlace = filesInPlace(location, clock);
    }
  } catch (error) {
    await closePools();
    const remedy = error instanceof StoreNotOpened ? '' : remedyOf(dialect, error);
    throw new StoreNotOpened(`cannot open the database ${shown}: ${reason(error)}${remedy}`, { cause: error });
  }
  const queue = new CommitQueue(connection, { maxBatch });
  const writing = <Result>(submit: () => Promise<Result>): Promise<Result> => {
    try {
      assertInPlace?.();
    } catch (error) {
      return Promise.reject(storeUnavailable(error));
    }
    return submit();
  };

  return {
    dialect,
    write: (command) => writing(() => queue.submit(command)),
    writeTogether: (group, input) => writing(() => queue.submitTo(group, input)),
    read: { rows: (statement, bindings = []) => reading(() => readers.preparedOnAny(statement, bindings)) },
    snapshot: (work) => reading(() => snapshot(snapshots, dialect, work)),
    patientSnapshot: (work) => reading(() => snapshot(patient ?? snapshots, dialect, work)),
    close: async () => {
      await queue.close();
      await closePools();
    },
  };
}

/**
 * The file is made here and not by SQLite, which would let others read it. Its -wal and -shm files get the same mode.
 */
function createFile(path: string): void {
  try {
    makePrivateFolder(dirname(path));
    closeSync(makeOrOpen(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StoreNotOpened(
      `cannot write the database file ${path} (${code}): make it and its directory writable for this user, or set DATABASE_URL to another path`,
      { cause: error },
    );
  }
}

/**
 * Only a file that is made here is given to the folder's owner. A link that leads nowhere is not followed: whoever may
 * write into the folder could have root make a file anywhere, and give it away.
 */
function makeOrOpen(path: string): number {
  try {
    const file = openSync(path, 'ax', 0o600);
    giveToOwner(file, path);
    return file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return openSync(path, constants.O_WRONLY | constants.O_APPEND);
  }
}

interface PoolOptions {
  readonly max: number;
  readonly readOnly: boolean;
  /** On PostgreSQL: see `StoreOptions`. Without it, any time. */
  readonly silenceMs?: number;
}

function configuration(dialect: Dialect, location: string, { max, readOnly, silenceMs }: PoolOptions): Knex.Config {
  const common = {
    // Otherwise the message of an error would hold the values: answers, digests, comments.
    compileSqlOnError: false,
    acquireConnectionTimeout: CONNECT_TIMEOUT_MS,
    // What knex would print is in the errors that it throws.
    log: { warn: silent, error: silent, debug: silent, deprecate: silent },
  };
  if (dialect === 'postgres') {
    const setUp = [
      REFUSE_STANDBY,
      NO_TIME_LIMITS,
      ...(readOnly
        ? ['SET default_transaction_read_only = on']
        : ['SET synchronous_commit = on', `SET idle_in_transaction_session_timeout = ${STANDSTILL_MS}`]),
    ];
    return {
      ...common,
      client: 'pg',
      connection: {
        connectionString: location,
        application_name: 'tollgate',
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        ...(silenceMs === undefined ? {} : { query_timeout: silenceMs }),
      },
      pool: { min: 0, max, afterCreate: runAll('query', 'end', setUp) },
    };
  }
  const setUp = PRAGMAS.map(([name, set]) => `PRAGMA ${name} = ${set}`);
  return {
    ...common,
    client: 'sqlite3',
    connection: { filename: location },
    useNullAsDefault: true,
    // None is closed while it is idle: SQLite closes no connection that has statements left.
    pool: {
      min: max,
      max,
      afterCreate: runAll('exec', 'close', readOnly ? [...setUp, 'PRAGMA query_only = ON'] : setUp),
    },
  };
}

const silent = (): void => undefined;

type Done = (error: Error | null, connection: unknown) => void;
type Run = (statement: string, done: (error: Error | null) => void) => void;

/**
 * What knex calls with each new connection of a pool: sqlite3's `exec` or pg's `query`, on one string of statements.
 * knex would leave a connection open on which they fail.
 */
function runAll<Method extends string, Close extends string>(
  method: Method,
  close: Close,
  statements: readonly string[],
) {
  return (connection: Record<Method, Run> & Record<Close, () => unknown>, done: Done) => {
    connection[method](statements.join('; '), (error) => {
      if (error !== null) connection[close]();
      done(error, connection);
    });
  };
}

/**
 * SQLite has no patience while a new file becomes a WAL database: the busy timeout does not apply, so that another
 * process that opens the file at the same moment fails at once. It is tried again for as long as the timeout says.
 */
async function whenNotBusy(open: () => Promise<void>): Promise<void> {
  const pauseMs = 100;
  for (let attempts = BUSY_TIMEOUT_MS / pauseMs; ; attempts -= 1) {
    try {
      await open();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'SQLITE_BUSY' || attempts === 0) throw error;
      await setTimeout(pauseMs);
    }
  }
}

async function assertSqlite(connections: Connections): Promise<void> {
  for (const [name, , reads] of PRAGMAS) {
    const [row] = await connections.rows(`PRAGMA ${name}`, []);
    const value = String(Object.values(row ?? {})[0]);
    if (value !== reads) {
      throw new StoreNotOpened(
        `SQLite reads ${name} as ${value} where ${reads} is needed: keep the file on a local disk, or use PostgreSQL`,
      );
    }
  }
}

/**
 * A pooler may lend a connection of the server for single transactions. Then what is set for one gateway's connection
 * holds for whoever gets that one next, and a prepared statement is run in the place of another one of the same name.
 * It is told by two connections that share one of the server's, or one that is given several in turn.
 */
async function assertOwnSessions(one: Connections, other: Connections): Promise<void> {
  const sessions: unknown[] = [];
  for (const connections of [one, one, other]) {
    const [row] = await connections.rows('SELECT pg_backend_pid() AS session', []);
    sessions.push(row?.['session']);
  }
  const [first, again, second] = sessions;
  if (first === again && first !== second) return;
  throw new StoreNotOpened(
    'a pooler before PostgreSQL lends its connections for single transactions, where settings and prepared statements ' +
      'of several gateways are mixed up: let it pool by session (PgBouncer: pool_mode = session), or go past it',
  );
}

async function assertPostgres(connections: Connections): Promise<void> {
  const unsafe = 'with which a crash can lose money that was acknowledged: set it to on';
  const needed = [
    ['synchronous_commit', 'on', unsafe],
    ['fsync', 'on', unsafe],
    ['full_page_writes', 'on', unsafe],
    [
      'session_replication_role',
      'origin',
      'with which it runs none of the triggers that keep the books from being changed: set it to origin',
    ],
    [
      'server_encoding',
      'UTF8',
      'in which an answer may have no place, and its call could not be charged: make the database with ENCODING UTF8',
    ],
  ] as const;
  for (const [name, wanted, otherwise] of needed) {
    const [row] = await connections.rows(`SELECT current_setting('${name}') AS value`, []);
    if (row?.['value'] !== wanted) {
      throw new StoreNotOpened(`PostgreSQL has ${name} = ${String(row?.['value'])}, ${otherwise}`);
    }
  }
}

async function snapshot<Result>(
  connections: Connections,
  dialect: Dialect,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const connection = await connections.acquire();
  const sql = connections.on(connection);
  try {
    await sql.rows(dialect === 'sqlite' ? 'BEGIN' : 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const result = await work(sql);
    await sql.rows('COMMIT');
    return result;
  } catch (error) {
    // Closing the connection ends the transaction whatever its state is, and errors are rare.
    connection.__knex__disposed = error;
    throw error;
  } finally {
    await connections.release(connection);
  }
}

async function reading<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw storeFault(error) === 'unavailable' ? storeUnavailable(error) : error;
  }
}

/** What to do where the database itself said no. */
function remedyOf(dialect: Dialect, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === '42501') {
    return `; start this version once as the role that owns the tables, or is to, and have it grant this one ${ROLE_RIGHTS}`;
  }
  if (dialect === 'postgres' && code !== '53300')
    return '; see that the server runs, and that DATABASE_URL is right for it';
  if (code === 'SQLITE_NOTADB') return '; bring it back from a backup, or set DATABASE_URL to another path';
  if (code === 'SQLITE_READONLY' || code === 'SQLITE_CANTOPEN') {
    return '; make it and its directory writable for this user, or set DATABASE_URL to another path';
  }
  const remedy = operatorRemedy(error);
  return remedy === undefined ? '' : `; ${remedy}`;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
