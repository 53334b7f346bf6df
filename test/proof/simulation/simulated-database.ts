/**
 * A real SQLite file that several simulated gateways share, each with connections of its own. Nothing is flushed to the
 * disk, for the processes that die in a simulation do not take the machine with them.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sqlite3 from 'sqlite3';

import { PreparedStatements } from '../../../runtime/store/prepared-statements.js';
import type { Binding, PreparedSql, Routine, Row } from '../../../runtime/store/sql.js';

export class SimulatedDatabase {
  readonly #directory = mkdtempSync(join(tmpdir(), 'tollgate-simulation-'));
  readonly #connections: SimulatedConnection[] = [];
  /** Who has begun a transaction that writes: SQLite lets one do so at a time. */
  writer: object | undefined;

  async connect(): Promise<SimulatedConnection> {
    const connection = new SimulatedConnection(new sqlite3.Database(join(this.#directory, 'simulation.db')));
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

export class SimulatedConnection implements PreparedSql {
  readonly #statements: PreparedStatements;

  constructor(private readonly database: sqlite3.Database) {
    this.#statements = new PreparedStatements(database, 'sqlite');
  }

  rows(text: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      this.database.all<Row>(text, bindings, (error, rows) => (error === null ? resolve(rows) : reject(error)));
    });
  }

  prepared(text: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    return this.#statements.rows(text, bindings);
  }

  run(routine: Routine, bindings: readonly (readonly Binding[] | undefined)[]): Promise<void> {
    return this.#statements.run(routine, bindings);
  }

  async rollback(): Promise<void> {
    this.#statements.undone();
    await this.prepared('ROLLBACK');
  }

  async close(): Promise<void> {
    await this.#statements.finalize();
    await new Promise<void>((done) => this.database.close(() => done()));
  }
}
