/**
 * The end of a call's hold: the one way by which money leaves the state "held".
 *
 * Invariant: a hold resolves once. The UPDATE of the call is conditional on its being open, so of two that come at once
 * one finds nothing to update; and the transfer that resolves a hold is unique by the hold.
 */

import { amount, optionalText, text } from '../store/column.js';
import type { Sql } from '../store/sql.js';
import { BrokenInvariant } from './broken-invariant.js';
import { idsOf, sellerAccountId } from './call-ids.js';
import type { AccountId, CallId, CallState } from './ledger.js';

export interface Resolution {
  readonly state: Extract<CallState, 'captured' | 'released' | 'unknown'>;
  readonly chargeMicroUsdc: bigint;
  readonly reason?: string;
  readonly upstreamStatus?: number;
  /** Whether the idempotency key can be used again. */
  readonly freesKey: boolean;
  /** Epoch milliseconds at which the answer had ended. */
  readonly finishedAtMs: number;
  /** The states from which it may go, where not every open one. */
  readonly from?: 'held' | 'dispatched';
  /** Only where the call is past its deadline at this time. */
  readonly pastDeadlineAtMs?: number;
}

/** The call as it was claimed, and the account's balance after its resolution. */
export interface ResolvedCall {
  readonly accountId: AccountId;
  readonly sellerId: string;
  readonly endpoint: string;
  readonly requestDigest: string;
  readonly idempotencyDigest?: string;
  readonly availableMicroUsdc: bigint;
}

const FROM = {
  open: "state IN ('held', 'dispatched')",
  held: "state = 'held'",
  dispatched: "state = 'dispatched'",
} as const;

/** Posts the charge and voids the rest of the hold; nothing where the call is not open (any more) or holds less. */
export async function resolveCall(sql: Sql, callId: CallId, resolution: Resolution): Promise<ResolvedCall | undefined> {
  const row = await updateCall(sql, callId, resolution);
  if (row === undefined) return undefined;
  const accountId = text(row, 'account_id') as AccountId;
  const sellerId = text(row, 'seller_id');
  const idempotencyDigest = optionalText(row, 'idempotency_digest');
  const held = amount(row, 'hold');
  const charge = resolution.chargeMicroUsdc;
  const availableMicroUsdc = await post(sql, { callId, accountId, sellerId, held, charge, resolution });
  if (held !== charge) {
    await sql.rows('UPDATE key_days SET reserved = reserved - CAST(? AS BIGINT) WHERE key_id = ? AND day = ?', [
      (held - charge).toString(),
      text(row, 'key_id'),
      text(row, 'day'),
    ]);
  }
  return {
    accountId,
    sellerId,
    endpoint: text(row, 'endpoint'),
    requestDigest: text(row, 'request_digest'),
    ...(idempotencyDigest === undefined ? {} : { idempotencyDigest }),
    availableMicroUsdc,
  };
}

async function updateCall(sql: Sql, callId: CallId, resolution: Resolution) {
  const { state, from = 'open', pastDeadlineAtMs, freesKey } = resolution;
  const [row] = await sql.rows(
    `UPDATE calls SET state = ?, charge = CAST(? AS BIGINT), reason = ?, upstream_status = ?, finished_at_ms = ?
        ${freesKey ? ', idempotency_digest = NULL' : ''}
      WHERE id = ? AND ${FROM[from]} AND hold >= CAST(? AS BIGINT) ${pastDeadlineAtMs === undefined ? '' : 'AND deadline_ms <= ?'}
      RETURNING account_id, key_id, seller_id, endpoint, request_digest, idempotency_digest, day, CAST(hold AS TEXT) AS hold`,
    [
      state,
      resolution.chargeMicroUsdc.toString(),
      resolution.reason ?? null,
      resolution.upstreamStatus ?? null,
      resolution.finishedAtMs,
      callId,
      resolution.chargeMicroUsdc.toString(),
      ...(pastDeadlineAtMs === undefined ? [] : [pastDeadlineAtMs]),
    ],
  );
  return row;
}

interface Posting {
  readonly callId: CallId;
  readonly accountId: AccountId;
  readonly sellerId: string;
  readonly held: bigint;
  readonly charge: bigint;
  readonly resolution: Resolution;
}

/** The two sides of the entry. The buyer's balance after it. */
async function post(sql: Sql, { callId, accountId, sellerId, held, charge, resolution }: Posting): Promise<bigint> {
  const sellerAccount = sellerAccountId(sellerId);
  const { holdId, resolutionId } = idsOf(callId);
  await sql.rows(
    `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, pending_id, call_id, created_at_ms)
      VALUES (?, ?, ?, ?, CAST(? AS BIGINT), ?, ?, ?)`,
    [
      resolutionId,
      resolution.state === 'captured' ? 'post' : 'void',
      accountId,
      sellerAccount,
      charge.toString(),
      holdId,
      callId,
      resolution.finishedAtMs,
    ],
  );
  const [buyer] = await sql.rows(
    `UPDATE accounts SET debits_pending = debits_pending - CAST(? AS BIGINT), debits_posted = debits_posted + CAST(? AS BIGINT)
      WHERE id = ? RETURNING CAST(credits_posted - debits_posted - debits_pending AS TEXT) AS available`,
    [held.toString(), charge.toString(), accountId],
  );
  const [seller] = await sql.rows(
    `UPDATE accounts SET credits_pending = credits_pending - CAST(? AS BIGINT), credits_posted = credits_posted + CAST(? AS BIGINT)
      WHERE id = ? RETURNING id`,
    [held.toString(), charge.toString(), sellerAccount],
  );
  if (buyer === undefined || seller === undefined) {
    throw new BrokenInvariant(`the hold of ${callId} is between ${accountId} and ${sellerAccount}, and one is missing`);
  }
  return amount(buyer, 'available');
}
