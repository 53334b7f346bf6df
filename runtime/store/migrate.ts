/**
 * Brings a database's schema to the version that this program knows: forward only, all of it or nothing, in one
 * transaction that excludes every other writer, so that two gateways can start on one database at the same moment and a
 * start that is killed leaves no lock behind (knex's own migrations do).
 */

import type { Clock } from '../clock.js';
import { integer } from './column.js';
import type { WriteConnection } from './commit-queue.js';
import type { Dialect } from './store.js';
import { StoreNotOpened } from './store-not-opened.js';

export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  readonly statements: (dialect: Dialect) => readonly string[];
}

/** PostgreSQL wants the right to create also for `IF NOT EXISTS`, which a role that only works with the tables has not. */
const VERSIONS_EXIST: Readonly<Record<Dialect, string>> = {
  sqlite: "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_versions'",
  postgres: "SELECT 1 WHERE to_regclass('schema_versions') IS NOT NULL",
};

/**
 * @param onNew is called before the first version of the schema is made; what it throws keeps that from being made.
 * @throws StoreNotOpened where the database was written by a newer program.
 */
export async function migrate(
  connection: WriteConnection,
  dialect: Dialect,
  migrations: readonly Migration[],
  clock: Clock,
  onNew?: () => void,
): Promise<void> {
  try {
    await connection.begin();
    if ((await connection.rows(VERSIONS_EXIST[dialect])).length === 0) {
      await connection.rows(
        'CREATE TABLE schema_versions (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at_ms BIGINT NOT NULL)',
      );
    }
    const [row] = await connection.rows('SELECT COALESCE(MAX(version), 0) AS version FROM schema_versions');
    const present = integer(row!, 'version');
    const newest = migrations.length;
    if (present > newest) {
      throw new StoreNotOpened(
        `the database has schema version ${present}, and this version of tollgate knows ${newest} at most: ` +
          'run the newer tollgate that wrote it, or restore a backup from before',
      );
    }
    if (present === 0) onNew?.();
    for (const migration of migrations.slice(present)) {
      for (const statement of migration.statements(dialect)) await connection.rows(statement);
      await connection.rows('INSERT INTO schema_versions (version, name, applied_at_ms) VALUES (?, ?, ?)', [
        migration.version,
        migration.name,
        clock.nowMs(),
      ]);
    }
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw error;
  }
}
