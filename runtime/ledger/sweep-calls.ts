/**
 * Ends what nobody else will end: calls past their deadline, after a crash or a lost answer. Answers that have expired
 * are dropped, and so is what was noted of undelivered ones.
 */

import { text } from '../store/column.js';
import type { Store } from '../store/store.js';
import type { Outcomes } from './command.js';
import type { CallId } from './ledger.js';

/** How many rows one round takes. */
const ROUND = 500;

export interface Swept {
  readonly released: number;
  readonly unknown: number;
  readonly answersDropped: number;
}

/** @param expire gives the command that ends one call; those of a round are executed together. */
export async function sweepCalls(
  store: Store,
  expire: (callId: CallId) => Promise<Outcomes['expire']>,
  nowMs: number,
): Promise<Swept> {
  const swept = { released: 0, unknown: 0 };
  for (;;) {
    const overdue = await store.read.rows(
      `SELECT id FROM calls WHERE state IN ('held', 'dispatched') AND deadline_ms <= ? ORDER BY deadline_ms LIMIT ${ROUND}`,
      [nowMs],
    );
    const ended = await Promise.all(overdue.map((row) => expire(text(row, 'id') as CallId)));
    for (const { outcome } of ended) if (outcome !== 'not-due') swept[outcome] += 1;
    // If the clock was set back meanwhile, none is due any more, and the same calls would be found again and again.
    if (overdue.length < ROUND || ended.every(({ outcome }) => outcome === 'not-due')) break;
  }
  await store.write((sql) => sql.rows('DELETE FROM undelivered WHERE expires_at_ms <= ?', [nowMs]));
  return { ...swept, answersDropped: await dropAnswers(store, nowMs) };
}

async function dropAnswers(store: Store, nowMs: number): Promise<number> {
  let dropped = 0;
  for (;;) {
    const rows = await store.write((sql) =>
      sql.rows(
        `DELETE FROM answers WHERE call_id IN
          (SELECT call_id FROM answers WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ${ROUND})
          RETURNING call_id`,
        [nowMs],
      ),
    );
    dropped += rows.length;
    if (rows.length < ROUND) return dropped;
  }
}
