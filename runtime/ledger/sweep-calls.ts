/**
 * Ends what nobody else will end: calls past their deadline, after a crash or a lost answer, and stranded ones. Answers
 * that have expired are dropped, and so is what was noted of undelivered ones.
 */

import { integer, text } from '../store/column.js';
import { encodeRecords, recordSet } from '../store/record-set.js';
import type { Row } from '../store/sql.js';
import type { Store } from '../store/store.js';
import type { Outcomes } from './command.js';
import type { CallId } from './ledger.js';
import { LONGEST_CALL_MS, type StrandedCalls } from './stranded-calls.js';

/** How many rows one round takes. */
const ROUND = 500;

export interface Swept {
  readonly released: number;
  readonly unknown: number;
  readonly answersDropped: number;
}

/**
 * @param expire gives the command that ends one call; those of a round are executed together.
 * @param elapsedMs on a clock that is never set.
 */
export async function sweepCalls(
  store: Store,
  expire: (callId: CallId, isStranded: boolean) => Promise<Outcomes['expire']>,
  stranded: StrandedCalls,
  { nowMs, elapsedMs }: { readonly nowMs: number; readonly elapsedMs: number },
): Promise<Swept> {
  const swept = { released: 0, unknown: 0 };
  const end = async (calls: readonly CallId[], isStranded: boolean): Promise<readonly Outcomes['expire'][]> => {
    const ended = await Promise.all(calls.map((callId) => expire(callId, isStranded)));
    for (const { outcome } of ended) if (outcome !== 'not-due') swept[outcome] += 1;
    return ended;
  };
  // The farthest first: with more than a round takes, those of gateways whose clocks are right are not in their way.
  const far = await store.read.rows(
    `SELECT id FROM calls WHERE state IN ('held', 'dispatched') AND deadline_ms > ?
      ORDER BY deadline_ms DESC LIMIT ${ROUND}`,
    [nowMs + LONGEST_CALL_MS],
  );
  await end(stranded.overdue(far.map(idOf), elapsedMs), true);
  for (;;) {
    const overdue = await store.read.rows(
      `SELECT id FROM calls WHERE state IN ('held', 'dispatched') AND deadline_ms <= ? ORDER BY deadline_ms LIMIT ${ROUND}`,
      [nowMs],
    );
    const ended = await end(overdue.map(idOf), false);
    // If the clock was set back meanwhile, none is due any more, and the same calls would be found again and again.
    if (overdue.length < ROUND || ended.every(({ outcome }) => outcome === 'not-due')) break;
  }
  await store.write((sql) => sql.rows('DELETE FROM undelivered WHERE expires_at_ms <= ?', [nowMs]));
  return { ...swept, answersDropped: await dropAnswers(store, nowMs) };
}

function idOf(row: Row): CallId {
  return text(row, 'id') as CallId;
}

/**
 * They are looked for beside the writes, each round from where the one before it ended: while a backup or a check reads
 * for long, PostgreSQL passes by every row that was deleted since it began, and no call shall wait for that.
 */
async function dropAnswers(store: Store, nowMs: number): Promise<number> {
  const drop = `DELETE FROM answers WHERE call_id IN (${recordSet(store.dialect, { call_id: 'text' })}) RETURNING call_id`;
  let dropped = 0;
  let fromMs = 0;
  for (;;) {
    const expired = await store.read.rows(
      `SELECT call_id, expires_at_ms FROM answers WHERE expires_at_ms >= ? AND expires_at_ms <= ?
        ORDER BY expires_at_ms LIMIT ${ROUND}`,
      [fromMs, nowMs],
    );
    const last = expired.at(-1);
    if (last === undefined) return dropped;
    const records = encodeRecords(expired.map((row) => [text(row, 'call_id')]));
    dropped += (await store.write((sql) => sql.rows(drop, [records]))).length;
    if (expired.length < ROUND) return dropped;
    fromMs = integer(last, 'expires_at_ms');
  }
}
