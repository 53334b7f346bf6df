/** Commands that need books make none: to open a database that is not there would make it. */

import { StoreNotOpened } from '../store/store-not-opened.js';

/**
 * @param path left out where there is a database, and nothing in it; whoever opens it adds which.
 * @throws StoreNotOpened
 */
export function refuseNew(path?: string): never {
  if (path === undefined) {
    throw new StoreNotOpened(
      'there are no books in it: run this where the gateway runs, or set DATABASE_URL as it has it; the first start of ' +
        'the gateway makes them',
    );
  }
  throw new StoreNotOpened(
    `there is no database ${path}: run this where the gateway runs, or set TOLLGATE_DATA_DIR or DATABASE_URL as it has ` +
      'them; the first start of the gateway makes one',
  );
}
