/**
 * The transactions of the one connection that writes.
 *
 * Invariant: from `begin` to `commit` or `rollback` no other writer of the same database is between its own, in any
 * process. SQLite has a lock for that, which `BEGIN IMMEDIATE` takes before anything is read (a deferred transaction
 * that reads first fails with SQLITE_BUSY when it comes to write). PostgreSQL gets an advisory lock, held to the end of
 * the transaction; with READ COMMITTED each statement after it sees what the writer before has committed. So a balance
 * can neither change between its check and its use, nor can two batches deadlock over the accounts that they share.
 *
 * On SQLite, what consists of reading and one routine needs no lock while it reads: the routine is a transaction of its
 * own, whose first statement looks whether any other connection has written since (optimistic concurrency control: Kung
 * and Robinson, 1981). A turn of SQLite's thread is spared for BEGIN and one for COMMIT.
 */

import type { Optimistic, WriteConnection } from './commit-queue.js';
import type { Connection, Connections } from './connections.js';
import type { Dialect } from './store.js';
import type { Binding, RoutineCall, Row } from './sql.js';

/** Any number that nothing else in this database locks: the letters "tollgate". */
const WRITER_LOCK = '8390043843661231205';

export class PooledWriteConnection implements WriteConnection {
  readonly #connections: Connections;
  readonly #dialect: Dialect;
  #open: Connection | undefined;

  constructor(connections: Connections, dialect: Dialect) {
    this.#connections = connections;
    this.#dialect = dialect;
  }

  async begin(): Promise<void> {
    this.#open = await this.#connections.acquire();
    if (this.#dialect === 'sqlite') {
      await this.prepared('BEGIN IMMEDIATE');
    } else {
      await this.prepared('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
      await this.prepared(`SELECT pg_advisory_xact_lock(${WRITER_LOCK})`);
    }
  }

  async rows(statement: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    return this.#connections.rows(statement, bindings, this.#begun());
  }

  async prepared(statement: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    return this.#connections.prepared(statement, bindings, this.#begun());
  }

  async run(call: RoutineCall): Promise<void> {
    await this.#connections.run(call, this.#begun());
  }

  async commit(): Promise<void> {
    await this.prepared('COMMIT');
    await this.#release();
  }

  async rollback(): Promise<void> {
    if (this.#open === undefined) return;
    this.#connections.undone(this.#open);
    try {
      // What does not answer is not asked: its transaction ends with the connection.
      if (this.#open.__knex__disposed === undefined) await this.rows('ROLLBACK');
    } catch (error) {
      // The database has undone it by itself, or the connection is gone: in either case it must not be lent again.
      this.#open.__knex__disposed = error;
    }
    await this.#release();
  }

  async beginOptimistically(): Promise<Optimistic | undefined> {
    if (this.#dialect !== 'sqlite') return undefined;
    const connection = await this.#connections.acquire();
    this.#open = connection;
    try {
      const asOf = await this.#connections.dataVersion(connection);
      return {
        sql: this,
        verify: () => this.#connections.verify(connection, asOf),
        write: (call) => this.#connections.run(call, connection, asOf),
        end: () => this.#release(),
      };
    } catch (error) {
      await this.#release();
      throw error;
    }
  }

  #begun(): Connection {
    if (this.#open === undefined) throw new Error('a command ran SQL after its transaction had ended');
    return this.#open;
  }

  async #release(): Promise<void> {
    const connection = this.#open;
    this.#open = undefined;
    if (connection !== undefined) await this.#connections.release(connection);
  }
}
