/**
 * Loads the part of the books that a batch of commands touches and that the state lacks: in one statement, however many
 * commands there are, and in none if nothing is missing. The store sees to it that what was read still holds when it is
 * written upon: it is read within the transaction that writes, or the write fails if anybody else has written since.
 */

import { parseExact } from '../exact-numbers.js';
import { amount, integer, json, optionalInteger, optionalText, text } from '../store/column.js';
import { encodeRecords, recordSet, type RecordValue } from '../store/record-set.js';
import type { PreparedSql, Row } from '../store/sql.js';
import type { Dialect } from '../store/store.js';
import { dayOf, sellerAccountId } from './call-ids.js';
import type { LedgerCommand } from './command.js';
import type { AccountId, CallId, CallState, KeyId, OpenCall, StoredError } from './ledger.js';
import { claimKey, dayKey, requestKey, type Account, type Call, type LedgerState } from './ledger-state.js';

/**
 * @param state is added to.
 * @param withClaims whether it is looked up which idempotency keys are claimed.
 */
export type LoadState = (
  sql: PreparedSql,
  commands: readonly LedgerCommand[],
  state: LedgerState,
  withClaims: boolean,
) => Promise<void>;

export function stateLoader(dialect: Dialect): LoadState {
  const selectTouched = touchedStatement(dialect);
  const selectUndelivered = undeliveredStatement(dialect);
  return async (sql, commands, state, withClaims) => {
    const wanted = wantedBy(commands, state, withClaims);
    if (Object.values(wanted).every(({ size }) => size === 0)) return;
    /** Hardly any account has undelivered answers; one that has costs another statement. */
    const unanswered: Wanted = new Map();
    const requests = repeatableRequests(commands);
    for (const { part, record } of await sql.prepared(selectTouched, [encodeWanted(wanted)])) {
      const row = JSON.parse(record as string) as Row;
      takeRow(state, part as Part, row);
      if (part !== 'accounts' || integer(row, 'undelivered') === 0) continue;
      const accountId = text(row, 'id');
      state.owed.add(accountId);
      for (const digest of requests.get(accountId) ?? []) want(unanswered, accountId, digest);
    }
    if (unanswered.size === 0) return;
    for (const row of await sql.prepared(selectUndelivered, [encodeRecords([...unanswered.values()])])) {
      takeUndelivered(state, row);
    }
  };
}

/** What is loaded, by the tables that it stands in. */
type Part = 'calls' | 'errors' | 'claims' | 'accounts' | 'days' | 'chains' | 'deposits';

function takeRow(state: LedgerState, part: Part, row: Row): void {
  switch (part) {
    case 'calls':
      state.calls.set(text(row, 'id') as CallId, callOf(row));
      return;
    case 'errors':
      takeError(state, text(row, 'call_id') as CallId, row);
      return;
    case 'claims': {
      const key = claimKey(text(row, 'account_id') as AccountId, text(row, 'idempotency_digest'));
      state.claims.set(key, text(row, 'id') as CallId);
      return;
    }
    case 'accounts':
      state.accounts.set(text(row, 'id'), accountOf(row));
      return;
    case 'days':
      state.reserved.set(dayKey(text(row, 'key_id') as KeyId, text(row, 'day')), amount(row, 'reserved'));
      return;
    case 'chains': {
      const end = { number: integer(row, 'number'), digest: text(row, 'digest') };
      state.chainEnds.set(text(row, 'account_id') as AccountId, end);
      return;
    }
    case 'deposits': {
      state.deposits.set(text(row, 'reference'), {
        transferId: text(row, 'transfer_id'),
        accountId: text(row, 'credit_account'),
        amountMicroUsdc: amount(row, 'amount'),
      });
      return;
    }
  }
}

function takeUndelivered(state: LedgerState, row: Row): void {
  const call = callOf(row);
  const { callId, accountId, requestDigest } = call;
  const key = requestKey(accountId, requestDigest);
  const note = { callId, accountId, requestDigest, expiresAtMs: integer(row, 'expires_at_ms') };
  state.undelivered.set(key, [...(state.undelivered.get(key) ?? []), note]);
  state.calls.set(callId, call);
  if (row['error'] !== null) takeError(state, callId, row);
}

function takeError(state: LedgerState, callId: CallId, row: Row): void {
  state.told.set(callId, { error: json(row, 'error', parseExact) as StoredError['error'] });
}

/** Records by what makes them unique. */
type Wanted = Map<string, readonly RecordValue[]>;

function want(wanted: Wanted, ...record: readonly string[]): void {
  wanted.set(record.join(' '), record);
}

function wantedBy(commands: readonly LedgerCommand[], state: LedgerState, withClaims: boolean) {
  const calls: Wanted = new Map();
  const claims: Wanted = new Map();
  const accounts: Wanted = new Map();
  const days: Wanted = new Map();
  const chains: Wanted = new Map();
  const deposits: Wanted = new Map();

  function wantAccount(accountId: string): void {
    if (!state.accounts.has(accountId)) want(accounts, accountId);
  }
  function wantDay(keyId: KeyId, day: string): void {
    if (!state.reserved.has(dayKey(keyId, day))) want(days, keyId, day);
  }
  /** A call, and all that its end changes. */
  function wantCall(callId: CallId): void {
    const call = state.calls.get(callId);
    if (call === undefined) return want(calls, callId);
    wantAccount(call.accountId);
    wantAccount(sellerAccountId(call.sellerId));
    wantDay(call.keyId, call.day);
    if (!state.chainEnds.has(call.accountId)) want(chains, call.accountId);
  }

  for (const command of commands) {
    switch (command.kind) {
      case 'open': {
        const { accountId, keyId, sellerId, idempotencyDigest } = command.open;
        wantAccount(accountId);
        wantAccount(sellerAccountId(sellerId));
        wantDay(keyId, dayOf(command.nowMs));
        if (withClaims && idempotencyDigest !== undefined) want(claims, accountId, idempotencyDigest);
        break;
      }
      case 'capture':
        wantCall(command.capture.callId);
        wantAccount('platform');
        break;
      case 'release':
        wantCall(command.release.callId);
        break;
      case 'dispatch':
      case 'expire':
      case 'delivery':
        wantCall(command.callId);
        break;
      case 'collect':
        wantAccount(command.accountId);
        break;
      case 'deposit':
        wantAccount(command.accountId);
        wantAccount('deposits');
        want(deposits, command.reference);
        break;
    }
  }
  return { calls, claims, accounts, days, chains, deposits };
}

/** By account, the digests of the requests that an undelivered answer could serve. */
function repeatableRequests(commands: readonly LedgerCommand[]): ReadonlyMap<string, ReadonlySet<string>> {
  const requests = new Map<string, Set<string>>();
  for (const command of commands) {
    const repeated = repeatedBy(command);
    if (repeated === undefined) continue;
    const { accountId, requestDigest } = repeated;
    const digests = requests.get(accountId) ?? new Set();
    requests.set(accountId, digests.add(requestDigest));
  }
  return requests;
}

function repeatedBy(command: LedgerCommand): Pick<OpenCall, 'accountId' | 'requestDigest'> | undefined {
  if (command.kind === 'collect') return command;
  if (command.kind !== 'open' || command.open.fresh === true || command.open.idempotencyDigest !== undefined) return;
  return command.open;
}

/** The records of each part, in one parameter. */
function encodeWanted(wanted: Readonly<Partial<Record<Part, Wanted>>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(wanted).map(([part, records]) => [part, [...records.values()]])),
  );
}

/** Of calls that are alike. No batch has as many calls that could be answered with them. */
const MOST_UNDELIVERED = 200;

/**
 * Columns by their names in a row. Amounts are text: as numbers of JSON or sqlite3 they would lose digits above 2^53.
 */
type Columns = Readonly<Record<string, string>>;

const CALL_COLUMNS: Columns = {
  id: 'calls.id',
  account_id: 'calls.account_id',
  key_id: 'calls.key_id',
  endpoint: 'calls.endpoint',
  provider: 'calls.provider',
  seller_id: 'calls.seller_id',
  idempotency_digest: 'calls.idempotency_digest',
  request_digest: 'calls.request_digest',
  state: 'calls.state',
  hold: 'CAST(calls.hold AS TEXT)',
  charge: 'CAST(calls.charge AS TEXT)',
  fee_bps: 'calls.fee_bps',
  reason: 'calls.reason',
  upstream_status: 'calls.upstream_status',
  day: 'calls.day',
  deadline_ms: 'calls.deadline_ms',
  created_at_ms: 'calls.created_at_ms',
  dispatched_at_ms: 'calls.dispatched_at_ms',
  finished_at_ms: 'calls.finished_at_ms',
};

const ACCOUNT_COLUMNS: Columns = {
  id: 'id',
  kind: 'kind',
  status: 'status',
  stated_until_ms: 'stated_until_ms',
  debits_pending: 'CAST(debits_pending AS TEXT)',
  debits_posted: 'CAST(debits_posted AS TEXT)',
  credits_pending: 'CAST(credits_pending AS TEXT)',
  credits_posted: 'CAST(credits_posted AS TEXT)',
  undelivered:
    'CASE WHEN EXISTS (SELECT 1 FROM undelivered WHERE undelivered.account_id = accounts.id) THEN 1 ELSE 0 END',
};

/** All that is wanted in one statement, each row as a JSON object beside the name of its part. */
function touchedStatement(dialect: Dialect): string {
  const object = dialect === 'sqlite' ? 'json_object' : 'json_build_object';
  const select = (part: Part, columns: Columns, from: string): string => {
    const members = Object.entries(columns).map(([name, expression]) => `'${name}', ${expression}`);
    return `SELECT '${part}' AS part, CAST(${object}(${members.join(', ')}) AS TEXT) AS record FROM ${from}`;
  };
  const records = (part: Part, ...columns: readonly string[]): string =>
    recordSet(
      dialect,
      Object.fromEntries(columns.map((column) => [column, 'text'])),
      `(SELECT records -> '${part}' FROM wanted)`,
    );
  const selects = [
    select('calls', CALL_COLUMNS, 'touched AS calls'),
    // Of calls that failed before, which are touched to note that they are undelivered: another command may ask for them.
    select(
      'errors',
      { call_id: 'answers.call_id', error: 'answers.error' },
      `touched JOIN answers ON answers.call_id = touched.id
        WHERE touched.state = 'released' AND answers.error IS NOT NULL`,
    ),
    select(
      'claims',
      { id: 'calls.id', account_id: 'calls.account_id', idempotency_digest: 'calls.idempotency_digest' },
      `(${records('claims', 'account_id', 'idempotency_digest')}) AS claims
        JOIN calls ON calls.account_id = claims.account_id AND calls.idempotency_digest = claims.idempotency_digest`,
    ),
    // With each call its accounts, its day, and the end of the chain that its receipt will be added to.
    select(
      'accounts',
      ACCOUNT_COLUMNS,
      `accounts WHERE id IN (${records('accounts', 'id')}
        UNION SELECT account_id FROM touched UNION SELECT '${sellerAccountId('')}' || seller_id FROM touched)`,
    ),
    select(
      'days',
      { key_id: 'key_days.key_id', day: 'key_days.day', reserved: 'CAST(key_days.reserved AS TEXT)' },
      `(${records('days', 'key_id', 'day')} UNION SELECT key_id, day FROM touched) AS days
        JOIN key_days ON key_days.key_id = days.key_id AND key_days.day = days.day`,
    ),
    select(
      'chains',
      { account_id: 'receipts.account_id', number: 'receipts.number', digest: 'receipts.digest' },
      `(${records('chains', 'account_id')} UNION SELECT account_id FROM touched) AS chains JOIN receipts ON receipts.account_id = chains.account_id
        AND receipts.number = (SELECT MAX(last.number) FROM receipts AS last WHERE last.account_id = chains.account_id)`,
    ),
    select(
      'deposits',
      { reference: 'reference', transfer_id: 'id', credit_account: 'credit_account', amount: 'CAST(amount AS TEXT)' },
      `transfers WHERE reference IN (${records('deposits', 'reference')})`,
    ),
  ];
  const parameter = dialect === 'sqlite' ? '?' : 'CAST(? AS jsonb)';
  return `WITH wanted (records) AS (SELECT ${parameter}),
    touched AS MATERIALIZED (SELECT * FROM calls WHERE id IN (${records('calls', 'id')}))
    ${selects.join(' UNION ALL ')}`;
}

function undeliveredStatement(dialect: Dialect): string {
  const columns = Object.entries(CALL_COLUMNS).map(([name, expression]) => `${expression} AS ${name}`);
  return `SELECT ${columns.join(', ')}, notes.expires_at_ms, answers.error
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
    WHERE notes.place <= ${MOST_UNDELIVERED} ORDER BY notes.place`;
}

function accountOf(row: Row): Account {
  return {
    kind: text(row, 'kind') as Account['kind'],
    frozen: text(row, 'status') === 'frozen',
    statedUntilMs: integer(row, 'stated_until_ms'),
    debitsPending: amount(row, 'debits_pending'),
    debitsPosted: amount(row, 'debits_posted'),
    creditsPending: amount(row, 'credits_pending'),
    creditsPosted: amount(row, 'credits_posted'),
  };
}

function callOf(row: Row): Call {
  return {
    callId: text(row, 'id') as CallId,
    accountId: text(row, 'account_id') as AccountId,
    keyId: text(row, 'key_id') as KeyId,
    endpoint: text(row, 'endpoint'),
    provider: text(row, 'provider'),
    sellerId: text(row, 'seller_id'),
    idempotencyDigest: optionalText(row, 'idempotency_digest'),
    requestDigest: text(row, 'request_digest'),
    state: text(row, 'state') as CallState,
    heldMicroUsdc: amount(row, 'hold'),
    chargeMicroUsdc: amount(row, 'charge'),
    feeBps: integer(row, 'fee_bps'),
    reason: optionalText(row, 'reason'),
    upstreamStatus: optionalInteger(row, 'upstream_status'),
    day: text(row, 'day'),
    deadlineMs: integer(row, 'deadline_ms'),
    createdAtMs: integer(row, 'created_at_ms'),
    dispatchedAtMs: optionalInteger(row, 'dispatched_at_ms'),
    finishedAtMs: optionalInteger(row, 'finished_at_ms'),
  };
}
