/**
 * Opens a call: claims its idempotency key and holds the most that it can cost, or neither.
 *
 * The hold is one conditional UPDATE that carries every guard on money: the account is active, the balance covers the
 * hold, the key's day has room. It comes before anything is inserted, so that a refusal leaves nothing behind.
 */

import { amount, text } from '../store/column.js';
import type { Sql } from '../store/sql.js';
import { BrokenInvariant } from './broken-invariant.js';
import { dayOf, idsOf, sellerAccountId } from './call-ids.js';
import { selectClaim } from './call-record.js';
import type { OpenCall, OpenCallResult } from './ledger.js';

export async function openCall(sql: Sql, open: OpenCall, nowMs: number): Promise<OpenCallResult> {
  if (open.idempotencyDigest !== undefined) {
    const call = await selectClaim(sql, open.accountId, open.idempotencyDigest, nowMs);
    if (call !== undefined) return { outcome: 'claimed', call };
  }
  const day = dayOf(nowMs);
  const availableMicroUsdc = await hold(sql, open, day);
  if (availableMicroUsdc === undefined) return refusal(sql, open, day);
  await insertCall(sql, open, day, nowMs);
  return { outcome: 'opened', availableMicroUsdc };
}

/** The balance after the hold, or nothing where it was refused. */
async function hold(sql: Sql, open: OpenCall, day: string): Promise<bigint | undefined> {
  const held = open.maxChargeMicroUsdc.toString();
  // What costs nothing needs no room in the day's budget, even where the budget was lowered below what is spent.
  const limit = open.maxChargeMicroUsdc > 0n ? open.dailyLimitMicroUsdc : undefined;
  const [row] = await sql.rows(
    `UPDATE accounts SET debits_pending = debits_pending + CAST(? AS BIGINT)
      WHERE id = ? AND kind = 'buyer' AND status = 'active'
        AND credits_posted - debits_posted - debits_pending >= CAST(? AS BIGINT)
        ${limit === undefined ? '' : `AND ${RESERVED} + CAST(? AS BIGINT) <= CAST(? AS BIGINT)`}
      RETURNING CAST(credits_posted - debits_posted - debits_pending AS TEXT) AS available`,
    [held, open.accountId, held, ...(limit === undefined ? [] : [open.keyId, day, held, limit.toString()])],
  );
  return row === undefined ? undefined : amount(row, 'available');
}

/** What the key has reserved on the day, holds included. Two bindings: key and day. */
const RESERVED = 'COALESCE((SELECT reserved FROM key_days WHERE key_id = ? AND day = ?), 0)';

/** Why the hold was refused. Nothing can have changed since: no other writer runs beside this transaction. */
async function refusal(sql: Sql, open: OpenCall, day: string): Promise<OpenCallResult> {
  const [row] = await sql.rows(
    `SELECT status, CAST(credits_posted - debits_posted - debits_pending AS TEXT) AS available,
      CAST(${RESERVED} AS TEXT) AS reserved
      FROM accounts WHERE id = ? AND kind = 'buyer'`,
    [open.keyId, day, open.accountId],
  );
  if (row === undefined) throw new RangeError(`no buyer has the account ${open.accountId}`);
  if (text(row, 'status') === 'frozen') return { outcome: 'frozen' };
  const availableMicroUsdc = amount(row, 'available');
  if (availableMicroUsdc < open.maxChargeMicroUsdc) return { outcome: 'insufficient-funds', availableMicroUsdc };
  if (open.dailyLimitMicroUsdc === undefined) {
    throw new BrokenInvariant(`the hold of ${open.callId} was refused by an account that could pay it`);
  }
  const left = open.dailyLimitMicroUsdc - amount(row, 'reserved');
  return { outcome: 'over-daily-limit', leftMicroUsdc: left > 0n ? left : 0n };
}

async function insertCall(sql: Sql, open: OpenCall, day: string, nowMs: number): Promise<void> {
  const held = open.maxChargeMicroUsdc.toString();
  const sellerAccount = sellerAccountId(open.sellerId);
  await sql.rows(
    `INSERT INTO accounts (id, kind, name, credits_pending, created_at_ms)
      VALUES (?, 'seller', ?, CAST(? AS BIGINT), ?)
      ON CONFLICT (id) DO UPDATE SET credits_pending = accounts.credits_pending + excluded.credits_pending`,
    [sellerAccount, open.sellerId, held, nowMs],
  );
  await sql.rows(
    `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, call_id, created_at_ms)
      VALUES (?, 'pending', ?, ?, CAST(? AS BIGINT), ?, ?)`,
    [idsOf(open.callId).holdId, open.accountId, sellerAccount, held, open.callId, nowMs],
  );
  await sql.rows(
    `INSERT INTO calls (id, account_id, key_id, endpoint, provider, seller_id, idempotency_digest, request_digest,
        state, hold, day, deadline_ms, created_at_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'held', CAST(? AS BIGINT), ?, ?, ?)`,
    [
      open.callId,
      open.accountId,
      open.keyId,
      open.endpoint,
      open.provider,
      open.sellerId,
      open.idempotencyDigest ?? null,
      open.requestDigest,
      held,
      day,
      open.deadlineMs,
      nowMs,
    ],
  );
  await sql.rows(
    `INSERT INTO key_days (key_id, day, reserved) VALUES (?, ?, CAST(? AS BIGINT))
      ON CONFLICT (key_id, day) DO UPDATE SET reserved = key_days.reserved + excluded.reserved`,
    [open.keyId, day, held],
  );
}
