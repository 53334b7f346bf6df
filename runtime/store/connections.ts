/**
 * knex's connection pools, reduced to what the store needs: statements on any connection, and one connection held for a
 * transaction. knex's own transactions are not used, because they leave a transaction open on its connection when the
 * COMMIT fails, as it does on a full disk.
 */

import type { Knex } from 'knex';

import type { Dialect } from './store.js';
import type { Binding, Row, Sql } from './sql.js';

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

  constructor(knex: Knex, dialect: Dialect) {
    this.#knex = knex;
    this.#dialect = dialect;
  }

  acquire(): Promise<Connection> {
    return (this.#knex.client as Pool).acquireConnection();
  }

  release(connection: Connection): Promise<void> {
    return (this.#knex.client as Pool).releaseConnection(connection);
  }

  /** Runs one statement on the given connection, or on any where none is given. */
  async rows(statement: string, bindings: readonly Binding[], connection?: Connection): Promise<readonly Row[]> {
    const raw = this.#knex.raw(statement, bindings as readonly Knex.RawBinding[]);
    const answer: unknown = await (connection === undefined ? raw : raw.connection(connection));
    // sqlite3 answers the rows themselves, pg an object that has them.
    return this.#dialect === 'sqlite' ? (answer as readonly Row[]) : (answer as { readonly rows: readonly Row[] }).rows;
  }

  /** The statements of one connection. */
  on(connection: Connection): Sql {
    return { rows: (statement, bindings = []) => this.rows(statement, bindings, connection) };
  }

  close(): Promise<void> {
    return this.#knex.destroy();
  }
}
