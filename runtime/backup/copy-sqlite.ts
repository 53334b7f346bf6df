/**
 * Copies a SQLite database as it is at one moment, with what only its log holds so far, while others go on writing. It
 * is read as it stands: neither is its schema brought up to date, nor its journal changed.
 */

import { closeSync, fsyncSync, openSync } from 'node:fs';

import knex from 'knex';

/**
 * @param to an empty file, which keeps its mode.
 * @throws Error of SQLite, with a code
 */
export async function copySqlite(from: string, to: string): Promise<void> {
  const silent = (): void => undefined;
  const database = knex({
    client: 'sqlite3',
    connection: { filename: from, flags: ['OPEN_READWRITE'] },
    useNullAsDefault: true,
    compileSqlOnError: false,
    log: { warn: silent, error: silent, debug: silent, deprecate: silent },
  });
  try {
    await database.raw('PRAGMA busy_timeout = 5000');
    await database.raw('VACUUM INTO ?', [to]);
  } finally {
    await database.destroy();
  }
  const file = openSync(to, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
