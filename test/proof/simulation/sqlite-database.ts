/** A simulated database in a file of its own. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sqlite3 from 'sqlite3';

import type { Optimistic, WriteConnection } from '../../../runtime/store/commit-queue.js';
import { PreparedStatements } from '../../../runtime/store/prepared-statements.js';
import type { Binding, Row } from '../../../runtime/store/sql.js';
import { SimulatedConnection } from './simulated-connection.js';
import type { SimulatedDatabase } from './simulated-database.js';

export class SqliteDatabase implements SimulatedDatabase {
  readonly dialect = 'sqlite';
  writer: object | undefined;
  readonly #directory = mkdtempSync(join(tmpdir(), 'tollgate-simulation-'));
  readonly #connections: SqliteConnection[] = [];

  async connect(): Promise<WriteConnection> {
    const connection = new SqliteConnection(new sqlite3.Database(join(this.#directory, 'simulation.db')));
    this.#connections.push(connection);
    for (const pragma of ['journal_mode = WAL', 'synchronous = OFF', 'foreign_keys = ON', 'recursive_triggers = ON']) {
      await connection.rows(`PRAGMA ${pragma}`);
    }
    return connection;
  }

  async delete(): Promise<void> {
    for (const connection of this.#connections) await connection.close();
    rmSync(this.#directory, { recursive: true });
  }
}

class SqliteConnection extends SimulatedConnection {
  constructor(private readonly database: sqlite3.Database) {
    super(new PreparedStatements(database, 'sqlite'), 'BEGIN IMMEDIATE');
  }

  rows(text: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      this.database.all<Row>(text, bindings, (error, rows) => (error === null ? resolve(rows) : reject(error)));
    });
  }

  async beginOptimistically(): Promise<Optimistic> {
    const asOf = await this.statements.dataVersion();
    return {
      sql: this,
      write: (call) => this.statements.run(call, asOf),
      verify: () => this.statements.verify(asOf),
      end: () => Promise.resolve(),
    };
  }

  async close(): Promise<void> {
    await this.statements.finalize();
    await new Promise<void>((done) => this.database.close(() => done()));
  }
}
