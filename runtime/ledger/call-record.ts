/**
 * Reads a call together with its stored answer and its receipt in one statement, so that all three are of the same
 * moment.
 */

import { parseExact } from '../exact-numbers.js';
import type { Receipt, ReceiptMessage } from '../receipt/receipt.js';
import { amount, bytes, integer, json, optionalInteger, optionalText, text } from '../store/column.js';
import { encodeRecords, recordSet } from '../store/record-set.js';
import type { Binding, PreparedSql, Row, Sql } from '../store/sql.js';
import type { Dialect } from '../store/store.js';
import type { AccountId, CallId, CallRecord, CallState, KeyId, StoredAnswer, StoredError } from './ledger.js';

const CALL_COLUMNS = `calls.id, calls.account_id, calls.key_id, calls.endpoint, calls.provider, calls.seller_id,
  calls.request_digest, calls.state, CAST(calls.hold AS TEXT) AS hold, CAST(calls.charge AS TEXT) AS charge,
  calls.reason, calls.upstream_status, calls.created_at_ms, calls.dispatched_at_ms, calls.finished_at_ms`;

/** An answer that has expired is not shown, whether or not it has been dropped yet. */
const SELECT_CALL = `SELECT ${CALL_COLUMNS},
  answers.status AS answer_status, answers.headers, answers.content_type, answers.warnings, answers.body, answers.error,
  answers.expires_at_ms, receipts.message, receipts.digest, receipts.signature, receipts.signer
  FROM calls
  LEFT JOIN answers ON answers.call_id = calls.id AND answers.expires_at_ms > ?
  LEFT JOIN receipts ON receipts.call_id = calls.id`;

/**
 * Selects calls by their ids, whichever account they belong to, as they are within the transaction. For the ledger's
 * own use: whatever answers an account must name the account.
 */
export function recordsSelector(dialect: Dialect) {
  const statement = `${SELECT_CALL} WHERE calls.id IN (${recordSet(dialect, { id: 'text' })})`;
  return async (
    sql: PreparedSql,
    callIds: readonly CallId[],
    nowMs: number,
  ): Promise<ReadonlyMap<CallId, CallRecord>> => {
    if (callIds.length === 0) return new Map();
    const wanted = encodeRecords([...new Set(callIds)].map((callId) => [callId]));
    const rows = await sql.prepared(statement, [nowMs, wanted]);
    return new Map(rows.map(recordOf).map((record) => [record.callId, record]));
  };
}

export function selectCallOf(
  sql: Sql,
  accountId: AccountId,
  callId: CallId,
  nowMs: number,
): Promise<CallRecord | undefined> {
  return selectOne(sql, 'calls.account_id = ? AND calls.id = ?', [accountId, callId], nowMs);
}

export function selectClaim(
  sql: Sql,
  accountId: AccountId,
  idempotencyDigest: string,
  nowMs: number,
): Promise<CallRecord | undefined> {
  return selectOne(sql, 'calls.account_id = ? AND calls.idempotency_digest = ?', [accountId, idempotencyDigest], nowMs);
}

async function selectOne(
  sql: Sql,
  condition: string,
  bindings: readonly Binding[],
  nowMs: number,
): Promise<CallRecord | undefined> {
  const [row] = await sql.rows(`${SELECT_CALL} WHERE ${condition}`, [nowMs, ...bindings]);
  return row === undefined ? undefined : recordOf(row);
}

function recordOf(row: Row): CallRecord {
  const told = toldOf(row);
  return {
    ...callOf(row),
    ...(told === undefined ? {} : { told }),
    ...(row['digest'] === null ? {} : { receipt: receiptOf(row) }),
  };
}

/** Calls without their answers and receipts, for lists. `tail` follows the FROM clause and holds no outside text. */
export async function selectCalls(
  sql: Sql,
  tail: string,
  bindings: readonly Binding[],
): Promise<readonly CallRecord[]> {
  return (await sql.rows(`SELECT ${CALL_COLUMNS} FROM calls ${tail}`, bindings)).map(callOf);
}

function callOf(row: Row): CallRecord {
  const reason = optionalText(row, 'reason');
  const upstreamStatus = optionalInteger(row, 'upstream_status');
  const dispatchedAtMs = optionalInteger(row, 'dispatched_at_ms');
  const finishedAtMs = optionalInteger(row, 'finished_at_ms');
  return {
    callId: text(row, 'id') as CallId,
    accountId: text(row, 'account_id') as AccountId,
    keyId: text(row, 'key_id') as KeyId,
    endpoint: text(row, 'endpoint'),
    provider: text(row, 'provider'),
    sellerId: text(row, 'seller_id'),
    requestDigest: text(row, 'request_digest'),
    state: text(row, 'state') as CallState,
    maxChargeMicroUsdc: amount(row, 'hold'),
    chargeMicroUsdc: amount(row, 'charge'),
    ...(reason === undefined ? {} : { reason }),
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    createdAtMs: integer(row, 'created_at_ms'),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    ...(dispatchedAtMs === undefined || finishedAtMs === undefined ? {} : { latencyMs: finishedAtMs - dispatchedAtMs }),
  };
}

function toldOf(row: Row): StoredAnswer | StoredError | undefined {
  if (row['expires_at_ms'] === null) return undefined;
  if (row['error'] !== null) return { error: json(row, 'error', parseExact) as StoredError['error'] };
  return {
    status: integer(row, 'answer_status'),
    headers: json(row, 'headers') as StoredAnswer['headers'],
    contentType: text(row, 'content_type'),
    body: bytes(row, 'body'),
    warnings: json(row, 'warnings') as StoredAnswer['warnings'],
  };
}

/** A receipt from the columns `message`, `digest`, `signature`, `signer`. */
export function receiptOf(row: Row): Receipt {
  return {
    message: json(row, 'message') as ReceiptMessage,
    digest: text(row, 'digest'),
    signature: text(row, 'signature'),
    signer: text(row, 'signer'),
  };
}
