/**
 * The check of every start: what was added to the books since they were last found sound. Each account's posted balance
 * stands in a checkpoint, as of one transfer; with the transfers since it must come to the balance of now.
 *
 * A checkpoint is no evidence, only a shorter way: whatever contradicts one is judged by the whole of the books, and
 * `tollgate ledger check` never looks at it.
 */

import { amount, integer, text } from '../store/column.js';
import { encodeRecords, recordSet, type RecordValue } from '../store/record-set.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';
import { checkMoney } from './check-ledger.js';
import type { InvariantResult } from './ledger.js';
import { booksSince } from './money-invariants.js';

const COLUMNS = { account_id: 'text', sequence: 'integer', debits_posted: 'amount', credits_posted: 'amount' } as const;

/** In the order of `COLUMNS`. */
type Checkpoint = readonly (readonly RecordValue[])[];

/** Where the books are sound, the next check begins where this one has ended. */
export async function checkSinceCheckpoint(store: Store): Promise<readonly InvariantResult[]> {
  const { results, checkpoint } = await store.patientSnapshot(async (sql) => {
    const sequence = await sequenceOf(sql, 'checkpoints');
    const recent = sequence === 0 ? undefined : await checkMoney(sql, booksSince(sequence));
    const results = recent !== undefined && areSound(recent) ? recent : await checkMoney(sql);
    return { results, ...(areSound(results) ? { checkpoint: await checkpointOf(sql) } : {}) };
  });
  if (checkpoint !== undefined) await save(store, checkpoint);
  return results;
}

function areSound(results: readonly InvariantResult[]): boolean {
  return results.every(({ violations }) => violations.length === 0);
}

async function sequenceOf(sql: Sql, table: 'checkpoints' | 'transfers'): Promise<number> {
  const [row] = await sql.rows(`SELECT COALESCE(MAX(sequence), 0) AS sequence FROM ${table}`);
  return integer(row!, 'sequence');
}

async function checkpointOf(sql: Sql): Promise<Checkpoint> {
  const sequence = await sequenceOf(sql, 'transfers');
  const rows = await sql.rows(
    `SELECT id, CAST(debits_posted AS TEXT) AS debits_posted, CAST(credits_posted AS TEXT) AS credits_posted
      FROM accounts`,
  );
  return rows.map((row) => [
    text(row, 'id'),
    sequence,
    ...['debits_posted', 'credits_posted'].map((column) => amount(row, column).toString()),
  ]);
}

/** Gateways that start at once may each have one. All rows are of the latest, for it has every account of the others. */
async function save(store: Store, checkpoint: Checkpoint): Promise<void> {
  // SQLite needs the WHERE, to tell what follows from a join.
  const statement = `INSERT INTO checkpoints (${Object.keys(COLUMNS).join(', ')}) ${recordSet(store.dialect, COLUMNS)} WHERE true
    ON CONFLICT (account_id) DO UPDATE SET sequence = excluded.sequence, debits_posted = excluded.debits_posted,
      credits_posted = excluded.credits_posted
    WHERE checkpoints.sequence <= excluded.sequence`;
  await store.write((sql) => sql.rows(statement, [encodeRecords(checkpoint)]));
}
