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
import type { AccountId, CallId, CallState, KeyId, StoredError } from './ledger.js';
import { claimKey, dayKey, emptyState, requestKey, type Account, type Call, type LedgerState } from './ledger-state.js';

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
    // Nearly no account has undelivered answers: only one that has costs a statement of its own.
    const requests: Wanted = new Map();
    await select(statements.accounts, wanted.accounts, (row) => {
      const id = text(row, 'id');
      state.accounts.set(id, accountOf(row));
      if (integer(row, 'undelivered') > 0)
        for (const digest of wanted.requests.get(id) ?? []) want(requests, id, digest);
    });
    await select(statements.undelivered, requests, (row) => {
      const call = callOf(row);
      const { callId, accountId, requestDigest } = call;
      const key = requestKey(accountId, requestDigest);
      const note = { callId, accountId, requestDigest, expiresAtMs: integer(row, 'expires_at_ms') };
      state.undelivered.set(key, [...(state.undelivered.get(key) ?? []), note]);
      state.calls.set(callId, call);
      const error = optionalText(row, 'error');
      if (error !== undefined) state.told.set(callId, { error: JSON.parse(error) as StoredError['error'] });
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
  /** By account, the digests of calls that an undelivered answer would do for. */
  const requests = new Map<string, Set<string>>();
  for (const command of commands) {
    switch (command.kind) {
      case 'open': {
        const { accountId, keyId, sellerId, idempotencyDigest, requestDigest, fresh } = command.open;
        want(accounts, accountId);
        want(accounts, sellerAccountId(sellerId));
        want(days, keyId, dayOf(command.nowMs));
        if (idempotencyDigest !== undefined) want(claims, accountId, idempotencyDigest);
        else if (fresh !== true) requests.set(accountId, (requests.get(accountId) ?? new Set()).add(requestDigest));
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
      case 'delivery':
        want(calls, command.callId);
        break;
      case 'deposit':
        want(accounts, command.accountId);
        want(accounts, 'deposits');
        want(deposits, command.reference);
        break;
    }
  }
  return { calls, claims, accounts, days, chains, deposits, requests };
}

const CALL_COLUMNS = `calls.id, calls.account_id, calls.key_id, calls.endpoint, calls.provider, calls.seller_id,
  calls.idempotency_digest, calls.request_digest, calls.state, CAST(calls.hold AS TEXT) AS hold,
  CAST(calls.charge AS TEXT) AS charge, calls.fee_bps, calls.reason, calls.upstream_status, calls.day, calls.deadline_ms,
  calls.created_at_ms, calls.dispatched_at_ms, calls.finished_at_ms`;

/** Of calls that are alike: more than a batch has calls to be answered with them. */
const MOST_UNDELIVERED = 200;

function statementsOf(dialect: Dialect) {
  const ids = recordSet(dialect, { id: 'text' });
  return {
    calls: `SELECT ${CALL_COLUMNS} FROM calls WHERE id IN (${ids})`,
    claims: `SELECT calls.id, calls.account_id, calls.idempotency_digest
      FROM (${recordSet(dialect, { account_id: 'text', idempotency_digest: 'text' })}) AS wanted
      JOIN calls ON calls.account_id = wanted.account_id AND calls.idempotency_digest = wanted.idempotency_digest`,
    accounts: `SELECT id, kind, status, CAST(debits_pending AS TEXT) AS debits_pending,
        CAST(debits_posted AS TEXT) AS debits_posted, CAST(credits_pending AS TEXT) AS credits_pending,
        CAST(credits_posted AS TEXT) AS credits_posted,
        CASE WHEN EXISTS (SELECT 1 FROM undelivered WHERE undelivered.account_id = accounts.id) THEN 1 ELSE 0 END AS undelivered
      FROM accounts WHERE id IN (${ids})`,
    undelivered: `SELECT ${CALL_COLUMNS}, notes.expires_at_ms, answers.error
      FROM (
        SELECT undelivered.call_id, undelivered.expires_at_ms, ROW_NUMBER() OVER (
          PARTITION BY undelivered.account_id, undelivered.request_digest ORDER BY undelivered.expires_at_ms, undelivered.call_id
        ) AS place
        FROM (${recordSet(dialect, { account_id: 'text', request_digest: 'text' })}) AS wanted
        JOIN undelivered ON undelivered.account_id = wanted.account_id
          AND undelivered.request_digest = wanted.request_digest
      ) AS notes
      JOIN calls ON calls.id = notes.call_id
      LEFT JOIN answers ON answers.call_id = calls.id
      WHERE notes.place <= ${MOST_UNDELIVERED} ORDER BY notes.place`,
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
