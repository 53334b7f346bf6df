/**
 * knex's connection pools, reduced to what the store needs: statements on any connection, and one connection held for a
 * transaction. knex's own transactions are not used, because they leave a transaction open on its connection when the
 * COMMIT fails, as it does on a full disk.
 */

import type { Knex } from 'knex';

import { PreparedStatements, type DataVersion } from './prepared-statements.js';
import type { Dialect } from './store.js';
import type { Binding, RoutineCall, Row, Sql } from './sql.js';
import { isSilence, NoConnection } from './store-fault.js';

/** A connection of a pool. A disposed one is closed, not lent again. */
export interface Connection {
  __knex__disposed?: unknown;
}

/** The part of a knex client that knex gives no type. */
interface Pool {
  acquireConnection(): Promise<Connection>;
  releaseConnection(connection: Connection): Promise<void>;
}

export class Connections {
  readonly #knex: Knex;
  readonly #dialect: Dialect;
  /** Weak, since a connection of PostgreSQL may die in the pool without notice. */
  readonly #prepared = new WeakMap<Connection, PreparedStatements>();
  /** SQLite closes no connection that has statements left. */
  readonly #toFinalize = new Set<PreparedStatements>();

  constructor(knex: Knex, dialect: Dialect) {
    this.#knex = knex;
    this.#dialect = dialect;
  }

  /** @throws NoConnection */
  async acquire(): Promise<Connection> {
    try {
      return await (this.#knex.client as Pool).acquireConnection();
    } catch (error) {
      throw new NoConnection(error as Error);
    }
  }

  async release(connection: Connection): Promise<void> {
    if (connection.__knex__disposed !== undefined) await this.#forget(connection);
    await (this.#knex.client as Pool).releaseConnection(connection);
  }

  /** Runs one statement on the given connection, or on any where none is given. */
  async rows(statement: string, bindings: readonly Binding[], connection?: Connection): Promise<readonly Row[]> {
    const raw = this.#knex.raw(statement, bindings as readonly Knex.RawBinding[]);
    const answer: unknown = await (connection === undefined ? raw : heard(connection, raw.connection(connection)));
    // sqlite3 answers the rows themselves, pg an object that has them.
    return this.#dialect === 'sqlite' ? (answer as readonly Row[]) : (answer as { readonly rows: readonly Row[] }).rows;
  }

  /** Runs a statement that stays prepared on any connection. */
  async preparedOnAny(statement: string, bindings: readonly Binding[]): Promise<readonly Row[]> {
    const connection = await this.acquire();
    try {
      return await this.prepared(statement, bindings, connection);
    } finally {
      await this.release(connection);
    }
  }

  /** Runs a statement that stays prepared on the given connection. */
  prepared(statement: string, bindings: readonly Binding[], connection: Connection): Promise<readonly Row[]> {
    return heard(connection, this.#statementsOf(connection).rows(statement, bindings));
  }

  /**
   * Runs a routine on the given connection.
   * @throws ChangedMeanwhile see `PreparedStatements`.
   */
  run(call: RoutineCall, connection: Connection, asOf?: DataVersion): Promise<void> {
    return heard(connection, this.#statementsOf(connection).run(call, asOf));
  }

  /** On SQLite: see `PreparedStatements`. */
  dataVersion(connection: Connection): Promise<DataVersion> {
    return this.#statementsOf(connection).dataVersion();
  }

  /** Likewise. @throws ChangedMeanwhile */
  verify(connection: Connection, asOf: DataVersion): Promise<void> {
    return this.#statementsOf(connection).verify(asOf);
  }

  /** To be called when a transaction of this connection was undone. */
  undone(connection: Connection): void {
    this.#prepared.get(connection)?.undone();
  }

  /** The statements of one connection. */
  on(connection: Connection): Sql {
    return { rows: (statement, bindings = []) => this.rows(statement, bindings, connection) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#toFinalize].map((statements) => statements.finalize()));
    await this.#knex.destroy();
  }

  #statementsOf(connection: Connection): PreparedStatements {
    let statements = this.#prepared.get(connection);
    if (statements === undefined) {
      statements = new PreparedStatements(connection, this.#dialect);
      this.#prepared.set(connection, statements);
      if (this.#dialect === 'sqlite') this.#toFinalize.add(statements);
    }
    return statements;
  }

  async #forget(connection: Connection): Promise<void> {
    const statements = this.#prepared.get(connection);
    if (statements === undefined) return;
    await statements.finalize();
    this.#prepared.delete(connection);
    this.#toFinalize.delete(statements);
  }
}

/**
 * A connection on which an answer did not come in time is of no more use: the late answer could be taken for that to
 * another statement.
 */
async function heard<Answer>(connection: Connection, answer: PromiseLike<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (isSilence(error)) connection.__knex__disposed = error;
    throw error;
  }
}
