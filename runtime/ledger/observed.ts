/**
 * What the gateway has seen of endpoints: how their most recent calls went, over all accounts. Percentiles are by
 * nearest rank. A call that got no answer has no latency, for it ended when somebody gave up on it, but it counts as a
 * call without success.
 */

import { integer, optionalInteger, text } from '../store/column.js';
import type { Binding, Row, Sql } from '../store/sql.js';
import type { Observed } from './ledger.js';

/** How many calls of an endpoint are looked at. Older ones say little about it as it is today. */
const WINDOW = 1_000;

const DAYS_30_MS = 30 * 24 * 60 * 60 * 1000;

const COLUMNS = 'endpoint, upstream_status, finished_at_ms - dispatched_at_ms AS latency_ms';
const ENDED = 'dispatched_at_ms IS NOT NULL AND finished_at_ms IS NOT NULL';

const LATEST_OF_ONE = `SELECT ${COLUMNS} FROM calls WHERE ${ENDED} AND endpoint = ?
  ORDER BY finished_at_ms DESC LIMIT ${WINDOW}`;

const LATEST_OF_EACH = `SELECT * FROM (
  SELECT ${COLUMNS}, ROW_NUMBER() OVER (PARTITION BY endpoint ORDER BY finished_at_ms DESC) AS age
  FROM calls WHERE ${ENDED} AND finished_at_ms >= ?) AS aged WHERE age <= ${WINDOW}`;

export async function observed(sql: Sql, endpoint: string): Promise<Observed> {
  const [row] = await summaries(sql, LATEST_OF_ONE, [endpoint]);
  return row === undefined ? { calls: 0, successRate: 0, p50Ms: 0, p95Ms: 0 } : observedOf(row);
}

/** Every endpoint that was called in the last 30 days. */
export async function observedAll(sql: Sql, nowMs: number): Promise<ReadonlyMap<string, Observed>> {
  const rows = await summaries(sql, LATEST_OF_EACH, [nowMs - DAYS_30_MS]);
  return new Map(rows.map((row) => [text(row, 'endpoint'), observedOf(row)]));
}

function summaries(sql: Sql, latest: string, bindings: readonly Binding[]): Promise<readonly Row[]> {
  return sql.rows(
    `WITH latest AS (${latest}),
      ranked AS (
        SELECT endpoint, latency_ms, ROW_NUMBER() OVER (PARTITION BY endpoint ORDER BY latency_ms) AS place,
          COUNT(*) OVER (PARTITION BY endpoint) AS answered
        FROM latest WHERE upstream_status IS NOT NULL),
      percentiles AS (
        SELECT endpoint, MIN(CASE WHEN place * 100 >= answered * 50 THEN latency_ms END) AS p50_ms,
          MIN(CASE WHEN place * 100 >= answered * 95 THEN latency_ms END) AS p95_ms
        FROM ranked GROUP BY endpoint)
      SELECT latest.endpoint, COUNT(*) AS calls,
        SUM(CASE WHEN upstream_status BETWEEN 200 AND 299 THEN 1 ELSE 0 END) AS successes,
        MAX(p50_ms) AS p50_ms, MAX(p95_ms) AS p95_ms
      FROM latest LEFT JOIN percentiles ON percentiles.endpoint = latest.endpoint
      GROUP BY latest.endpoint`,
    bindings,
  );
}

function observedOf(row: Row): Observed {
  const calls = integer(row, 'calls');
  return {
    calls,
    successRate: integer(row, 'successes') / calls,
    p50Ms: optionalInteger(row, 'p50_ms') ?? 0,
    p95Ms: optionalInteger(row, 'p95_ms') ?? 0,
  };
}
