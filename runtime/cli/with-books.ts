/**
 * For commands that work on the books alone: opens them, closes them whatever happens. A database that is not there is
 * not made: in the wrong folder a command would find empty books, and call them sound.
 */

import { readConfig } from '../config.js';
import type { Books } from '../books.js';
import { isMissing, refuseNew, sqlitePath } from './sqlite-file.js';

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
