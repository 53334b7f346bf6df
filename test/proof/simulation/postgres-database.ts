/**
 * A simulated database on a PostgreSQL server. It has to be empty, and nobody else's: that is how it is left again.
 *
 * The lock that writers take of the whole database is not taken here, for the scheduler lets one write at a time: what a
 * gateway would wait for in the server, it waits for where the seed decides who goes on.
 */

import pg from 'pg';

import type { WriteConnection } from '../../../runtime/store/commit-queue.js';
import { PreparedStatements } from '../../../runtime/store/prepared-statements.js';
import type { Binding, Row } from '../../../runtime/store/sql.js';
import { SimulatedConnection } from './simulated-connection.js';
import type { SimulatedDatabase } from './simulated-database.js';

export class PostgresDatabase implements SimulatedDatabase {
  readonly dialect = 'postgres';
  writer: object | undefined;
  readonly #connections: PostgresConnection[] = [];

  constructor(private readonly url: string) {}

  async connect(): Promise<WriteConnection> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    const connection = new PostgresConnection(client);
    this.#connections.push(connection);
    await connection.rows('SET synchronous_commit = off');
    return connection;
  }

  async delete(): Promise<void> {
    // The first connection may still be in a transaction: it goes with it.
    for (const connection of this.#connections) await connection.close();
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    await client.query('DROP SCHEMA public CASCADE');
    await client.query('CREATE SCHEMA public');
    await client.end();
  }
}

class PostgresConnection extends SimulatedConnection {
  constructor(private readonly client: pg.Client) {
    super(new PreparedStatements(client, 'postgres'), 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
  }

  async rows(text: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    let parameters = 0;
    const numbered = text.replaceAll('?', () => `$${(parameters += 1)}`);
    return (await this.client.query<Row>(numbered, [...bindings])).rows;
  }

  beginOptimistically(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
