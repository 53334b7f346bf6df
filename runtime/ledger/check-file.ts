/**
 * Whether the file of a SQLite database is whole. The invariants of the books read tables, where a bit of an index that
 * flipped is not seen; but a call whose idempotency key is not found by its index is charged again.
 */

import { text } from '../store/column.js';
import type { Store } from '../store/store.js';
import { isDamage } from '../store/store-fault.js';
import type { InvariantResult } from './ledger.js';

/** How many violations are told. */
const SHOWN = 20;

/** @returns nothing on PostgreSQL, whose server has its own means. */
export async function checkFile(store: Store): Promise<readonly InvariantResult[]> {
  if (store.dialect === 'postgres') return [];
  const found = await lookedAt(store);
  return [
    {
      invariant: 'the file of the database is whole, and its indexes have every row of their tables',
      violations: found.filter((line) => line !== 'ok'),
    },
  ];
}

async function lookedAt(store: Store): Promise<readonly string[]> {
  try {
    const rows = await store.patientSnapshot((sql) => sql.rows(`PRAGMA integrity_check(${SHOWN})`));
    return rows.map((row) => text(row, 'integrity_check'));
  } catch (error) {
    // The check itself ends where a table cannot be read.
    if (!isDamage(error)) throw error;
    return ['it is damaged so that it cannot be read to its end: bring it back from a backup'];
  }
}
