/**
 * Whether the answers that are kept, and given again where a caller asks, are those that their receipts are for. It reads
 * them all, some megabytes at a time.
 */

import { createHash } from 'node:crypto';

import { bytes, integer, text } from '../store/column.js';
import type { Row, Sql } from '../store/sql.js';
import type { InvariantResult } from './ledger.js';

/** How many violations are told. */
const SHOWN = 20;

/** How many answers are looked up at once, and how many bytes of them are in memory, one that is larger apart. */
const PAGE = 500;
const PAGE_BYTES = 16 * 1024 * 1024;

const KEPT = `FROM answers JOIN receipts ON receipts.call_id = answers.call_id
  WHERE answers.expires_at_ms > CAST(? AS BIGINT)`;

/** @param nowMs what has expired by then is given to nobody, and is not looked at. */
export async function checkAnswers(sql: Sql, nowMs: number): Promise<InvariantResult> {
  const violations: string[] = [];
  let after = '';
  for (;;) {
    const page = await sql.rows(
      `SELECT answers.call_id, receipts.message, COALESCE(LENGTH(answers.body), 0) AS size ${KEPT}
        AND answers.call_id > ? ORDER BY answers.call_id LIMIT ${PAGE}`,
      [nowMs, after],
    );
    for (const rows of chunksOf(page)) {
      const bodies = await sql.rows(
        `SELECT answers.call_id, answers.body ${KEPT} AND body IS NOT NULL AND answers.call_id BETWEEN ? AND ?`,
        [nowMs, text(rows[0]!, 'call_id'), text(rows.at(-1)!, 'call_id')],
      );
      const digests = new Map(bodies.map((row) => [text(row, 'call_id'), digestOf(bytes(row, 'body'))]));
      for (const row of rows) {
        const callId = text(row, 'call_id');
        if (answerDigestOf(text(row, 'message')) !== digests.get(callId)) {
          violations.push(`the answer of ${callId} is not the one of its receipt`);
        }
      }
    }
    const last = page.at(-1);
    if (last === undefined || violations.length >= SHOWN) break;
    after = text(last, 'call_id');
  }
  return { invariant: 'a stored answer is the one that its receipt is for', violations: violations.slice(0, SHOWN) };
}

function chunksOf(page: readonly Row[]): readonly (readonly Row[])[] {
  const chunks: Row[][] = [];
  let size = Infinity;
  for (const row of page) {
    size += integer(row, 'size');
    if (size > PAGE_BYTES) {
      chunks.push([]);
      size = integer(row, 'size');
    }
    chunks.at(-1)!.push(row);
  }
  return chunks;
}

function digestOf(body: Uint8Array): string {
  return `0x${createHash('sha256').update(body).digest('hex')}`;
}

/** Nothing where the message is none, which is another invariant's to tell. */
function answerDigestOf(message: string): unknown {
  try {
    const parsed = JSON.parse(message) as { readonly answerDigest?: unknown } | null;
    return parsed?.answerDigest ?? null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
