import { isMissing } from './is-missing.js';
import { StoreNotOpened } from './store-not-opened.js';

/**
 * SQLite would take the log for rubbish, and remove it for good. It is looked at before the database: another gateway
 * that makes both at this moment makes the database first.
 * @throws StoreNotOpened where there is a log with something in it, and no database
 */
export function refuseOrphanedLog(path: string): void {
  const log = `${path}-wal`;
  if (isMissing(log) || !isMissing(path)) return;
  throw new StoreNotOpened(
    `there is no database ${path}, or nothing in it, but its log ${log} holds the latest calls: bring back the database ` +
      'that belongs to it; only where that is lost for good, move the log away',
  );
}
