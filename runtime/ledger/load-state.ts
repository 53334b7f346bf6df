/**
 * Loads the part of the books that a batch of commands touches: a handful of statements, however many commands there
 * are. Read within the transaction that writes, so that nothing of it changes between its reading and its use.
 */

import { amount, integer, optionalInteger, optionalText, text } from '../store/column.js';
import { encodeRecords, recordSet, type RecordValue } from '../store/record-set.js';
import type { PreparedSql, Row } from '../store/sql.js';
import type { Dialect } from '../store/store.js';
import { dayOf, sellerAccountId } from './call-ids.js';
import type { LedgerCommand } from './command.js';
import type { AccountId, CallId, CallState, KeyId } from './ledger.js';
import { claimKey, dayKey, emptyState, type Account, type Call, type LedgerState } from './ledger-state.js';

export type LoadState = (sql: PreparedSql, commands: readonly LedgerCommand[]) => Promise<LedgerState>;

export function stateLoader(dialect: Dialect): LoadState {
  const statements = statementsOf(dialect);
  return async (sql, commands) => {
    const state = emptyState();
    const select = async (statement: string, wanted: Wanted, each: (row: Row) => void): Promise<void> => {
      if (wanted.size === 0) return;
      for (const row of await sql.prepared(statement, [encodeRecords([...wanted.values()])])) each(row);
    };
    const wanted = { ...wantedBy(commands) };
    await select(statements.calls, wanted.calls, (row) => {
      const call = callOf(row);
      state.calls.set(call.callId, call);
      want(wanted.accounts, call.accountId);
      want(wanted.accounts, sellerAccountId(call.sellerId));
      want(wanted.days, call.keyId, call.day);
      // Its end is needed where the call is captured, which it is nearly always.
      want(wanted.chains, call.accountId);
    });
    await select(statements.claims, wanted.claims, (row) => {
      const accountId = text(row, 'account_id') as AccountId;
      state.claims.set(claimKey(accountId, text(row, 'idempotency_digest')), text(row, 'id') as CallId);
    });
    await select(statements.accounts, wanted.accounts, (row) => {
      state.accounts.set(text(row, 'id'), accountOf(row));
    });
    await select(statements.days, wanted.days, (row) => {
      state.reserved.set(dayKey(text(row, 'key_id') as KeyId, text(row, 'day')), amount(row, 'reserved'));
    });
    await select(statements.chains, wanted.chains, (row) => {
      const end = { number: integer(row, 'number'), digest: text(row, 'digest') };
      state.chainEnds.set(text(row, 'account_id') as AccountId, end);
    });
    await select(statements.deposits, wanted.deposits, (row) => {
      const credited = { accountId: text(row, 'credit_account'), amountMicroUsdc: amount(row, 'amount') };
      state.deposits.set(text(row, 'reference'), credited);
    });
    return state;
  };
}

/** Records by what makes them unique. */
type Wanted = Map<string, readonly RecordValue[]>;

function want(wanted: Wanted, ...record: readonly string[]): void {
  wanted.set(record.join(' '), record);
}

function wantedBy(commands: readonly LedgerCommand[]) {
  const calls: Wanted = new Map();
  const claims: Wanted = new Map();
  const accounts: Wanted = new Map();
  const days: Wanted = new Map();
  const chains: Wanted = new Map();
  const deposits: Wanted = new Map();
  for (const command of commands) {
    switch (command.kind) {
      case 'open': {
        const { accountId, keyId, sellerId, idempotencyDigest } = command.open;
        want(accounts, accountId);
        want(accounts, sellerAccountId(sellerId));
        want(days, keyId, dayOf(command.nowMs));
        if (idempotencyDigest !== undefined) want(claims, accountId, idempotencyDigest);
        break;
      }
      case 'capture':
        want(calls, command.capture.callId);
        want(accounts, 'platform');
        break;
      case 'release':
        want(calls, command.release.callId);
        break;
      case 'dispatch':
      case 'expire':
        want(calls, command.callId);
        break;
      case 'deposit':
        want(accounts, command.accountId);
        want(accounts, 'deposits');
        want(deposits, command.reference);
        break;
    }
  }
  return { calls, claims, accounts, days, chains, deposits };
}

function statementsOf(dialect: Dialect) {
  const ids = recordSet(dialect, { id: 'text' });
  return {
    calls: `SELECT id, account_id, key_id, endpoint, provider, seller_id, idempotency_digest, request_digest, state,
        CAST(hold AS TEXT) AS hold, CAST(charge AS TEXT) AS charge, fee_bps, reason, upstream_status, day, deadline_ms,
        created_at_ms, dispatched_at_ms, finished_at_ms
      FROM calls WHERE id IN (${ids})`,
    claims: `SELECT calls.id, calls.account_id, calls.idempotency_digest
      FROM (${recordSet(dialect, { account_id: 'text', idempotency_digest: 'text' })}) AS wanted
      JOIN calls ON calls.account_id = wanted.account_id AND calls.idempotency_digest = wanted.idempotency_digest`,
    accounts: `SELECT id, kind, status, CAST(debits_pending AS TEXT) AS debits_pending,
        CAST(debits_posted AS TEXT) AS debits_posted, CAST(credits_pending AS TEXT) AS credits_pending,
        CAST(credits_posted AS TEXT) AS credits_posted
      FROM accounts WHERE id IN (${ids})`,
    days: `SELECT key_days.key_id, key_days.day, CAST(key_days.reserved AS TEXT) AS reserved
      FROM (${recordSet(dialect, { key_id: 'text', day: 'text' })}) AS wanted
      JOIN key_days ON key_days.key_id = wanted.key_id AND key_days.day = wanted.day`,
    chains: `SELECT receipts.account_id, receipts.number, receipts.digest FROM (${ids}) AS wanted
      JOIN receipts ON receipts.account_id = wanted.id
        AND receipts.number = (SELECT MAX(last.number) FROM receipts AS last WHERE last.account_id = wanted.id)`,
    deposits: `SELECT reference, credit_account, CAST(amount AS TEXT) AS amount FROM transfers WHERE reference IN (${ids})`,
  };
}

function accountOf(row: Row): Account {
  return {
    kind: text(row, 'kind') as Account['kind'],
    frozen: text(row, 'status') === 'frozen',
    debitsPending: amount(row, 'debits_pending'),
    debitsPosted: amount(row, 'debits_posted'),
    creditsPending: amount(row, 'credits_pending'),
    creditsPosted: amount(row, 'credits_posted'),
  };
}

function callOf(row: Row): Call {
  const idempotencyDigest = optionalText(row, 'idempotency_digest');
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
    ...(idempotencyDigest === undefined ? {} : { idempotencyDigest }),
    requestDigest: text(row, 'request_digest'),
    state: text(row, 'state') as CallState,
    heldMicroUsdc: amount(row, 'hold'),
    chargeMicroUsdc: amount(row, 'charge'),
    feeBps: integer(row, 'fee_bps'),
    ...(reason === undefined ? {} : { reason }),
    ...(upstreamStatus === undefined ? {} : { upstreamStatus }),
    day: text(row, 'day'),
    deadlineMs: integer(row, 'deadline_ms'),
    createdAtMs: integer(row, 'created_at_ms'),
    ...(dispatchedAtMs === undefined ? {} : { dispatchedAtMs }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
  };
}
