/**
 * Keeps what a caller was told, so that a repeated request gets the same again, byte for byte, until it expires.
 */

import type { Binding, Sql } from '../store/sql.js';
import type { CallId, StoredAnswer, StoredError } from './ledger.js';

export async function storeAnswer(
  sql: Sql,
  callId: CallId,
  told: StoredAnswer | StoredError,
  expiresAtMs: number,
): Promise<void> {
  const columns: readonly Binding[] =
    'error' in told
      ? [null, null, null, null, null, JSON.stringify(told.error)]
      : [told.status, JSON.stringify(told.headers), told.contentType, JSON.stringify(told.warnings), told.body, null];
  await sql.rows(
    `INSERT INTO answers (call_id, status, headers, content_type, warnings, body, error, expires_at_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [callId, ...columns, expiresAtMs],
  );
}
