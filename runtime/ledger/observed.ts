/**
 * What the gateway has seen of endpoints: how their most recent calls went, over all accounts. Percentiles are by
 * nearest rank. A call that got no answer has no latency, for it ended when somebody gave up on it, but it counts as a
 * call without success. Nor is one known of a call that the clock says took no call's time.
 */

import { integer, optionalInteger, text } from '../store/column.js';
import type { Row, Sql } from '../store/sql.js';
import type { Observed } from './ledger.js';

/** How many calls of an endpoint are looked at. Older ones say little about it as it is today. */
const WINDOW = 1_000;

const DAYS_30_MS = 30 * 24 * 60 * 60 * 1000;

/** No call takes longer: ten minutes for the upstream, and one to be settled. If more has passed, the clock was changed. */
const LONGEST_MS = 11 * 60 * 1000;

const LATEST_OF_ONE = `SELECT upstream_status, finished_at_ms - dispatched_at_ms AS latency_ms FROM calls
  WHERE dispatched_at_ms IS NOT NULL AND finished_at_ms IS NOT NULL AND endpoint = ? ORDER BY finished_at_ms DESC LIMIT ${WINDOW}`;

/**
 * Skips from endpoint to endpoint along the index, so that the time grows with the endpoints that were called, and not
 * with the calls.
 */
const LAST_OF_EACH = `WITH RECURSIVE called (endpoint) AS (
    SELECT MIN(endpoint) FROM calls WHERE dispatched_at_ms IS NOT NULL
    UNION ALL
    SELECT (SELECT MIN(endpoint) FROM calls WHERE dispatched_at_ms IS NOT NULL AND endpoint > called.endpoint)
    FROM called WHERE endpoint IS NOT NULL),
  ended AS (
    SELECT endpoint, (SELECT MAX(finished_at_ms) FROM calls
      WHERE dispatched_at_ms IS NOT NULL AND endpoint = called.endpoint) AS last_ms
    FROM called WHERE endpoint IS NOT NULL)
  SELECT endpoint, last_ms FROM ended WHERE last_ms >= ?`;

/** An answer that the buyer's arguments caused: any 4xx except those about credentials, limits and time. */
const BUYERS_FAULT =
  'upstream_status BETWEEN 400 AND 499 AND upstream_status NOT IN (401, 403, 407, 408, 421, 425, 429)';

const SUMMARY = `WITH latest AS (${LATEST_OF_ONE}),
  ranked AS (
    SELECT latency_ms, ROW_NUMBER() OVER (ORDER BY latency_ms) AS place, COUNT(*) OVER () AS answered
    FROM latest WHERE upstream_status IS NOT NULL AND latency_ms BETWEEN 0 AND ${LONGEST_MS}),
  percentiles AS (
    SELECT MIN(CASE WHEN place * 100 >= answered * 50 THEN latency_ms END) AS p50_ms,
      MIN(CASE WHEN place * 100 >= answered * 95 THEN latency_ms END) AS p95_ms
    FROM ranked)
  SELECT COUNT(*) AS calls, SUM(CASE WHEN upstream_status BETWEEN 200 AND 299 THEN 1 ELSE 0 END) AS successes,
    SUM(CASE WHEN ${BUYERS_FAULT} THEN 1 ELSE 0 END) AS buyers_faults,
    MAX(p50_ms) AS p50_ms, MAX(p95_ms) AS p95_ms
  FROM latest CROSS JOIN percentiles`;

export async function observed(sql: Sql, endpoint: string): Promise<Observed> {
  const [row] = await sql.rows(SUMMARY, [endpoint]);
  return observedOf(row!);
}

/** When (epoch milliseconds) the last call of each endpoint ended, of those that were called in the last 30 days. */
export async function lastCalled(sql: Sql, nowMs: number): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.rows(LAST_OF_EACH, [nowMs - DAYS_30_MS]);
  return new Map(rows.map((row) => [text(row, 'endpoint'), integer(row, 'last_ms')]));
}

function observedOf(row: Row): Observed {
  const calls = integer(row, 'calls');
  // An answer that the buyer caused says nothing about the endpoint.
  const judged = calls - (optionalInteger(row, 'buyers_faults') ?? 0);
  return {
    calls,
    successRate: judged === 0 ? null : integer(row, 'successes') / judged,
    p50Ms: optionalInteger(row, 'p50_ms') ?? 0,
    p95Ms: optionalInteger(row, 'p95_ms') ?? 0,
  };
}
