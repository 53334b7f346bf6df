import { integer, optionalInteger } from '../store/column.js';
import type { Sql } from '../store/sql.js';

/** Calls that are held and not settled, of all gateways on this database, and how long ago the oldest was opened. */
export async function openHolds(
  sql: Sql,
  nowMs: number,
): Promise<{ readonly calls: number; readonly oldestMs: number }> {
  const [row] = await sql.rows(
    `SELECT COUNT(*) AS calls, MIN(created_at_ms) AS oldest FROM calls WHERE state IN ('held', 'dispatched')`,
  );
  const oldest = optionalInteger(row!, 'oldest');
  return { calls: integer(row!, 'calls'), oldestMs: oldest === undefined ? 0 : Math.max(0, nowMs - oldest) };
}
