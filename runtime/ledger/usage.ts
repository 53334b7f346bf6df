/**
 * What an account has called and paid, by call or by group, a page at a time. The first page has the totals of all of
 * them, as of its moment: to add them up for each page anew would read every call of the query each time.
 */

import { GatewayError } from '../gateway-error.js';
import { amount, integer, text } from '../store/column.js';
import type { Binding, Row, Sql } from '../store/sql.js';
import { selectCalls } from './call-record.js';
import type { CallRecord, UsagePage, UsageQuery, UsageRow, UsageTotal } from './ledger.js';

/** A condition with the values that it binds. */
interface Condition {
  readonly sql: string;
  readonly bindings: readonly Binding[];
}

const SUMS = `COUNT(*) AS calls, CAST(COALESCE(SUM(charge), 0) AS TEXT) AS charged,
  COALESCE(SUM(CASE WHEN state IN ('released', 'unknown') THEN 1 ELSE 0 END), 0) AS failures`;

/** Days come with the latest first, names in alphabetical order. */
const GROUPS = {
  endpoint: { column: 'endpoint', order: 'ASC', after: '>' },
  provider: { column: 'provider', order: 'ASC', after: '>' },
  day: { column: 'day', order: 'DESC', after: '<' },
} as const;

/** @throws GatewayError `INVALID_REQUEST` where the cursor is none that was handed out for such a query. */
export async function usage(sql: Sql, query: UsageQuery): Promise<UsagePage> {
  const window = windowOf(query);
  const page = query.groupBy === undefined ? await callRows(sql, query, window) : await groupRows(sql, query, window);
  if (query.cursor !== undefined) return page;
  const [totals] = await sql.rows(`SELECT ${SUMS} FROM calls WHERE ${window.sql}`, window.bindings);
  return { ...page, total: sumsOf(totals!) };
}

function windowOf({ accountId, sinceMs, untilMs }: UsageQuery): Condition {
  return {
    sql: [
      'account_id = ?',
      ...(sinceMs === undefined ? [] : ['created_at_ms >= ?']),
      ...(untilMs === undefined ? [] : ['created_at_ms < ?']),
    ].join(' AND '),
    bindings: [accountId, ...(sinceMs === undefined ? [] : [sinceMs]), ...(untilMs === undefined ? [] : [untilMs])],
  };
}

type Page = Pick<UsagePage, 'rows' | 'nextCursor'>;

async function callRows(sql: Sql, { limit, cursor }: UsageQuery, window: Condition): Promise<Page> {
  const after = cursor === undefined ? undefined : readCursor(cursor, ['number', 'string']);
  const calls = await selectCalls(
    sql,
    `WHERE ${window.sql} ${after === undefined ? '' : 'AND (created_at_ms, id) < (?, ?)'}
      ORDER BY created_at_ms DESC, id DESC LIMIT ?`,
    [...window.bindings, ...(after ?? []), limit + 1],
  );
  return pageOf(calls, limit, rowOfCall, (call) => [call.createdAtMs, call.callId]);
}

function rowOfCall(call: CallRecord): UsageRow {
  return {
    group: call.callId,
    calls: 1,
    failures: call.state === 'released' || call.state === 'unknown' ? 1 : 0,
    chargedMicroUsdc: call.chargeMicroUsdc,
    call,
  };
}

async function groupRows(sql: Sql, { groupBy, limit, cursor }: UsageQuery, window: Condition): Promise<Page> {
  const { column, order, after } = GROUPS[groupBy!];
  const last = cursor === undefined ? undefined : readCursor(cursor, ['string']);
  const rows = await sql.rows(
    `SELECT ${column} AS name, ${SUMS} FROM calls
      WHERE ${window.sql} ${last === undefined ? '' : `AND ${column} ${after} ?`}
      GROUP BY ${column} ORDER BY ${column} ${order} LIMIT ?`,
    [...window.bindings, ...(last ?? []), limit + 1],
  );
  return pageOf(rows, limit, rowOfGroup, (row) => [text(row, 'name')]);
}

function rowOfGroup(row: Row): UsageRow {
  return { group: text(row, 'name'), ...sumsOf(row) };
}

/** Of a row that has `SUMS`. */
function sumsOf(row: Row): UsageTotal {
  return {
    calls: integer(row, 'calls'),
    failures: integer(row, 'failures'),
    chargedMicroUsdc: amount(row, 'charged'),
  };
}

/** One row more than the limit was read, which tells whether there is a next page. */
function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  rowOf: (item: Item) => UsageRow,
  keyOf: (item: Item) => readonly (string | number)[],
): Page {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const rows = shown.map(rowOf);
  return items.length > limit && last !== undefined ? { rows, nextCursor: writeCursor(keyOf(last)) } : { rows };
}

function writeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function readCursor(cursor: string, types: readonly ('string' | 'number')[]): readonly (string | number)[] {
  const key = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (Array.isArray(key) && key.length === types.length && key.every((part, index) => isPart(part, types[index]!))) {
    return key as (string | number)[];
  }
  throw new GatewayError(
    'INVALID_REQUEST',
    `cursor "${cursor.slice(0, 80)}" is none that this query handed out`,
    'leave the cursor out to begin with the first page, and keep the other arguments the same from page to page',
  );
}

/** A number or a text that both databases can compare with: no fraction, and no NUL. */
function isPart(part: unknown, type: 'string' | 'number'): boolean {
  return type === 'number' ? Number.isSafeInteger(part) : typeof part === 'string' && !part.includes('\0');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so none of ours: the caller says so.
    return undefined;
  }
}
