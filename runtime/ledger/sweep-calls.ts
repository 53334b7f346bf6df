/**
 * Ends what nobody else will end: calls past their deadline, after a crash or a lost answer. A call that was never
 * dispatched is released; one that was becomes `unknown`, which costs the buyer nothing either, and keeps its
 * idempotency key claimed, for it may have changed something upstream. Answers that have expired are dropped.
 */

import { text } from '../store/column.js';
import type { Store } from '../store/store.js';
import type { CallId } from './ledger.js';
import { resolveCall } from './resolve-call.js';

export const NEVER_DISPATCHED = 'never_dispatched';
export const OUTCOME_UNKNOWN = 'outcome_unknown';

/** How many rows one round takes. */
const ROUND = 500;

export interface Swept {
  readonly released: number;
  readonly unknown: number;
  readonly answersDropped: number;
}

export async function sweepCalls(store: Store, nowMs: number): Promise<Swept> {
  const swept = { released: 0, unknown: 0 };
  for (;;) {
    const overdue = await store.read.rows(
      `SELECT id, state FROM calls WHERE state IN ('held', 'dispatched') AND deadline_ms <= ? ORDER BY deadline_ms LIMIT ${ROUND}`,
      [nowMs],
    );
    const ended = await Promise.all(
      overdue.map(async (row) => {
        const state = text(row, 'state') === 'held' ? 'released' : 'unknown';
        return (await endCall(store, text(row, 'id') as CallId, state, nowMs)) ? state : undefined;
      }),
    );
    swept.released += ended.filter((state) => state === 'released').length;
    swept.unknown += ended.filter((state) => state === 'unknown').length;
    if (overdue.length < ROUND) break;
  }
  return { ...swept, answersDropped: await dropAnswers(store, nowMs) };
}

/** Nothing where the call was resolved, or got a later deadline, since it was read. */
async function endCall(store: Store, callId: CallId, state: 'released' | 'unknown', nowMs: number): Promise<boolean> {
  const resolved = await store.write((sql) =>
    resolveCall(sql, callId, {
      state,
      chargeMicroUsdc: 0n,
      reason: state === 'released' ? NEVER_DISPATCHED : OUTCOME_UNKNOWN,
      freesKey: state === 'released',
      finishedAtMs: nowMs,
      pastDeadlineAtMs: nowMs,
      from: state === 'released' ? 'held' : 'dispatched',
    }),
  );
  return resolved !== undefined;
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
