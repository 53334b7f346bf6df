/**
 * A key that is lost is made anew without a word, since that is how a first start gets one. Where the database knows
 * another key, the operator most likely has that one in a backup, is in the wrong directory, or starts another gateway
 * beside the one that signs with it. A database that is lost is made anew likewise, but the key beside it tells. And a
 * key whose time was ended begins anew with any start that still has it, and why it was ended only the operator knows.
 */

import { isoTime } from '../clock.js';
import type { Sql } from '../store/sql.js';
import { publishedKeys, timeOfKey } from './published-keys.js';

/**
 * To be asked before the key is published.
 * @param path the file of the key that signs from now on
 * @returns a line for the operator, where other keys have signed and this one has not.
 */
export async function newKeyWarning(sql: Sql, address: string, path: string): Promise<string | undefined> {
  const keys = await publishedKeys(sql);
  const others = keys.filter(({ validUntil }) => validUntil === undefined).map((key) => key.address);
  if (others.length === 0 || keys.some((key) => key.address === address)) return undefined;
  return (
    `the receipt key ${path} is new to this database, in which ${others.join(' and ')} signed so far: those receipts ` +
    `verify for good, and ${address} is published beside it and signs from now on; if another gateway signs with the key ` +
    'before, give all of them one key, by TOLLGATE_RECEIPT_KEY or one TOLLGATE_DATA_DIR, for "tollgate receipt rotate-key" ' +
    'replaces the key of one data directory alone; if the key before was lost, stop, bring it back from a backup and start ' +
    'again, or end its time with "tollgate receipt retire-key <address>"'
  );
}

/** A line for the operator, where books were made beside a key that was there. @param path the file of the key */
export function newBooksWarning(path: string): string {
  return (
    `the receipt key ${path} is older than the books, which were made now and know no account: if there were books ` +
    'before, stop, and bring their database back from a backup, or set TOLLGATE_DATA_DIR and DATABASE_URL as they were'
  );
}

/**
 * To be asked before the key is published.
 * @returns a line for the operator, where the time of the key was ended.
 */
export async function endedKeyWarning(sql: Sql, address: string): Promise<string | undefined> {
  const { validFrom, validUntil } = await timeOfKey(sql, address);
  if (validFrom === undefined || validUntil === undefined) return undefined;
  return (
    `the receipt key ${address}, whose end was set to ${isoTime(validUntil)}, signs again from now on: if somebody else ` +
    'may know it, stop every gateway that has it, give them another, and end its time again with "tollgate receipt ' +
    `retire-key ${address}"`
  );
}
