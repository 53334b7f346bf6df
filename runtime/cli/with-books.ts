/**
 * For commands that work on the books alone: opens them, closes them whatever happens. A database that is not there is
 * not made: in the wrong folder a command would find empty books, and call them sound.
 */

import { statSync } from 'node:fs';

import { readConfig } from '../config.js';
import type { Books } from '../books.js';
import { StoreNotOpened } from '../store/store-not-opened.js';

export interface WithBooksOptions {
  /** Told the path of a SQLite database before it is made. Without it, none is made. */
  readonly onNew?: (path: string) => void;
}

/** @throws StoreNotOpened where there is no database and none may be made, and what `openBooks` throws. */
export async function withBooks<Result>(
  work: (books: Books) => Promise<Result>,
  { onNew = refuseNew }: WithBooksOptions = {},
): Promise<Result> {
  const config = readConfig();
  const path = sqlitePath(config.databaseUrl);
  if (path !== undefined && isMissing(path)) onNew(path);
  const { openBooks } = await import('../books.js');
  const books = await openBooks(config);
  try {
    return await work(books);
  } finally {
    await books.store.close();
  }
}

/** Where the database is, if it is SQLite. */
export function sqlitePath(databaseUrl: string): string | undefined {
  return databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined;
}

/** @throws StoreNotOpened */
export function refuseNew(path: string): never {
  throw new StoreNotOpened(
    `there is no database ${path}: run this where the gateway runs, or set TOLLGATE_DATA_DIR or DATABASE_URL as it has ` +
      'them; the first start of the gateway makes one',
  );
}

/** An empty file is what SQLite would make a new database of. What cannot be looked at is told when it is opened. */
export function isMissing(path: string): boolean {
  try {
    return statSync(path).size === 0;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
