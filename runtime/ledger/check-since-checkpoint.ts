/**
 * The check at every start covers what was added to the books since they were last found sound.
 *
 * A checkpoint holds each account's posted balance as of one transfer; with the transfers since then, it must add up to
 * the balance now. A checkpoint is a shortcut, not evidence: if it is contradicted, the whole of the books decides, and
 * `tollgate ledger check` never reads it.
 */

import { amount, integer, text } from '../store/column.js';
import { encodeRecords, recordSet, type RecordValue } from '../store/record-set.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';
import { areSound } from './are-sound.js';
import { checkMoney } from './check-ledger.js';
import type { InvariantResult } from './ledger.js';
import { booksSince } from './money-invariants.js';

const COLUMNS = { account_id: 'text', sequence: 'integer', debits_posted: 'amount', credits_posted: 'amount' } as const;

/** In the order of `COLUMNS`. */
type Checkpoint = readonly (readonly RecordValue[])[];

/** If the books are sound, the next check begins where this one ends. */
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

/**
 * Gateways that start at the same time may each save one. The latest wins in every row, for it has every account that
 * the others have.
 */
async function save(store: Store, checkpoint: Checkpoint): Promise<void> {
  // SQLite needs the WHERE, or it would take ON CONFLICT for the ON of a join.
  const statement = `INSERT INTO checkpoints (${Object.keys(COLUMNS).join(', ')}) ${recordSet(store.dialect, COLUMNS)} WHERE true
    ON CONFLICT (account_id) DO UPDATE SET sequence = excluded.sequence, debits_posted = excluded.debits_posted,
      credits_posted = excluded.credits_posted
    WHERE checkpoints.sequence <= excluded.sequence`;
  await store.write((sql) => sql.rows(statement, [encodeRecords(checkpoint)]));
}
