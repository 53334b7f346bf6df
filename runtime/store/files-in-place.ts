/**
 * Whether the files of a SQLite database are still where they were opened. Whoever has them open can go on writing when
 * they are moved, replaced or removed, and notices nothing: what is charged then is gone with the process. With a
 * rollback journal SQLite looks for itself (SQLITE_READONLY_DBMOVED), with a log it does not.
 */

import { realpathSync, statSync } from 'node:fs';

import type { Clock } from '../clock.js';

/** So much may be written in vain: to look before each write would cost a call more than its own writing. */
const LOOK_EVERY_MS = 1_000;

export class DatabaseMoved extends Error {
  override readonly name = 'DatabaseMoved';

  /** @param code as SQLite's own errors have one */
  constructor(
    file: string,
    readonly code: 'DATABASE_MOVED' | 'DATABASE_LOG_MOVED',
  ) {
    super(`${file} is not the file that was opened`);
  }
}

/**
 * @param path of a database that is open, and stays so: with its last connection SQLite removes its log.
 * @returns what says whether they are in place, and looks once a second at most. It throws DatabaseMoved until they are
 *   back.
 */
export function filesInPlace(path: string, clock: Clock): () => void {
  // SQLite keeps the log beside the file that a link leads to.
  const real = realpathSync(path);
  const opened = [path, `${real}-wal`, `${real}-shm`].map((file) => ({ file, inode: inodeOf(file) }));
  let lookedAtMs = clock.nowMs();
  let moved: DatabaseMoved | undefined;
  return () => {
    const nowMs = clock.nowMs();
    // If it was looked later than now, the clock was set back.
    if (nowMs < lookedAtMs || nowMs - lookedAtMs >= LOOK_EVERY_MS) {
      lookedAtMs = nowMs;
      const away = opened.find(({ file, inode }) => inodeOf(file) !== inode);
      moved = away && new DatabaseMoved(away.file, away.file === path ? 'DATABASE_MOVED' : 'DATABASE_LOG_MOVED');
    }
    if (moved !== undefined) throw moved;
  };
}

/** Undefined where there is no file. */
function inodeOf(file: string): number | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false })?.ino;
  } catch {
    // A folder on the way is gone, or may not be entered any more.
    return undefined;
  }
}
