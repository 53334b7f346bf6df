/**
 * For commands that work on the books alone: opens them, closes them whatever happens. A database that is not there is
 * not made: in the wrong folder a command would find empty books, and call them sound.
 */

import { readConfig } from '../config.js';
import type { Books } from '../books.js';
import { systemClock } from '../clock.js';
import { sqlitePath } from '../store/database-url.js';
import { isMissing } from '../store/is-missing.js';
import { refuseOrphanedLog } from '../store/refuse-orphaned-log.js';
import { refuseNew } from './refuse-new.js';

export interface WithBooksOptions {
  /** Told before books are made: the path of a SQLite database, which is new too. Without it, none are made. */
  readonly onNew?: (path?: string) => void;
}

/** @throws StoreNotOpened where there is no database and none may be made, and what `openBooks` throws. */
export async function withBooks<Result>(
  work: (books: Books) => Promise<Result>,
  { onNew = refuseNew }: WithBooksOptions = {},
): Promise<Result> {
  const config = readConfig();
  const path = sqlitePath(config.databaseUrl);
  const makesFile = path !== undefined && isMissing(path);
  if (makesFile) {
    refuseOrphanedLog(path);
    onNew(path);
  }
  const { openBooks } = await import('../books.js');
  const books = await openBooks(config, systemClock, makesFile ? {} : { onNew: () => onNew() });
  try {
    return await work(books);
  } finally {
    await books.store.close();
  }
}
