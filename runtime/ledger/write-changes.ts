/**
 * Turns the changes of a batch of commands into writes: one statement for each table, however many rows there are, all
 * of them as one routine.
 *
 * Balances and budgets are written as differences, not as the totals in memory, so that the constraints of the database
 * judge the balances that it really has.
 */

import { jsonText } from '../exact-numbers.js';
import { encodeRecords, recordSet, type RecordValue } from '../store/record-set.js';
import type { Receipt } from '../receipt/receipt.js';
import type { Binding, PreparedSql, Routine, RoutineCall } from '../store/sql.js';
import type { Dialect } from '../store/store.js';
import { sellerAccountId } from './call-ids.js';
import { freeAnswers, type Place } from './free-answers.js';
import type { CallId, StoredAnswer } from './ledger.js';
import {
  dayKey,
  postingOf,
  type Balances,
  type Call,
  type Changes,
  type NewAnswer,
  type Transfer,
  type Undelivered,
} from './ledger-state.js';

/** Every change of a batch, in the order of its commands, and what the state was like before them. */
export interface Batch {
  readonly changes: readonly Changes[];
  /** The signed receipts, by call. */
  readonly receipts: ReadonlyMap<CallId, Receipt>;
  /** The calls and days (`dayKey`) that have rows already. */
  readonly known: { readonly calls: ReadonlySet<CallId>; readonly days: ReadonlySet<string> };
}

/** @param sql reads where the free answers are to be placed. */
export type WritesOf = (sql: PreparedSql, batch: Batch) => Promise<readonly RoutineCall[]>;

type Records = readonly (readonly RecordValue[])[];

/** How many bytes of answers one statement carries. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** @param freeAnswerBytes what is kept of the answers that an account did not pay for. */
export function changesWriter(dialect: Dialect, freeAnswerBytes: number): WritesOf {
  const free = freeAnswers(dialect, freeAnswerBytes);
  const statements = { ...statementsOf(dialect), dropOlder: free.dropOlder };
  const names = Object.keys(statements) as readonly (keyof typeof statements)[];
  const routine: Routine = { name: 'save_changes', statements: names.map((name) => statements[name]) };
  const answersRoutine: Routine = { name: 'save_answers', statements: [statements.insertAnswers] };
  return async (sql, { changes, receipts, known }) => {
    const transfers = changes.flatMap(({ transfers: each = [] }) => each);
    const calls = latestCalls(changes);
    const days = reservedDays(changes);
    const notes = lastNotes(changes);
    const newAnswers = changes.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
    const places = await free.place(sql, newAnswers);
    const [answers = [], ...furtherAnswers] = chunksOf(newAnswers);
    const bindings: Readonly<Record<keyof typeof statements, readonly Binding[] | undefined>> = {
      openSellers: bindingOf(
        changes.flatMap(({ seller }) =>
          seller === undefined ? [] : [[sellerAccountId(seller.sellerId), seller.sellerId, seller.createdAtMs]],
        ),
      ),
      moveBalances: bindingOf(balanceRecords(transfers)),
      updateCalls: bindingOf(calls.filter(({ callId }) => known.calls.has(callId)).map(callUpdate)),
      insertCalls: bindingOf(calls.filter(({ callId }) => !known.calls.has(callId)).map(callRecord)),
      insertTransfers: bindingOf(transfers.map(transferRecord)),
      insertDays: bindingOf(days.filter(([key]) => !known.days.has(key)).map(([, record]) => record)),
      updateDays: bindingOf(days.filter(([key]) => known.days.has(key)).map(([, record]) => record)),
      insertAnswers: answers.length === 0 ? undefined : answerBindings(answers, places),
      insertReceipts: bindingOf([...receipts].map(receiptRecord)),
      deleteUndelivered: bindingOf([...notes.keys()].map((callId) => [callId])),
      insertUndelivered: bindingOf(
        [...notes.values()].flatMap((note) => (note === undefined ? [] : [undeliveredRecord(note)])),
      ),
      dropOlder: bindingOf(free.tooOld(places)),
    };
    const inOrder = names.map((name) => bindings[name]);
    if (inOrder.every((given) => given === undefined)) return [];
    return [
      { routine, bindings: inOrder },
      ...furtherAnswers.map((each) => ({ routine: answersRoutine, bindings: [answerBindings(each, places)] })),
    ];
  };
}

function bindingOf(records: Records): readonly Binding[] | undefined {
  return records.length === 0 ? undefined : [encodeRecords(records)];
}

function statementsOf(dialect: Dialect) {
  const bodies = dialect === 'sqlite' ? '?' : 'CAST(? AS BYTEA)';
  const day = recordSet(dialect, { key_id: 'text', day: 'text', change: 'amount' });
  return {
    openSellers: `INSERT INTO accounts (kind, id, name, created_at_ms)
      SELECT 'seller', id, name, created_at_ms
      FROM (${recordSet(dialect, { id: 'text', name: 'text', created_at_ms: 'integer' })}) AS opened`,
    moveBalances: `UPDATE accounts SET
        debits_pending = accounts.debits_pending + moved.debits_pending,
        debits_posted = accounts.debits_posted + moved.debits_posted,
        credits_pending = accounts.credits_pending + moved.credits_pending,
        credits_posted = accounts.credits_posted + moved.credits_posted
      FROM (${recordSet(dialect, {
        id: 'text',
        debits_pending: 'amount',
        debits_posted: 'amount',
        credits_pending: 'amount',
        credits_posted: 'amount',
      })}) AS moved WHERE accounts.id = moved.id`,
    // Before the new calls are inserted: one of them may claim a key that an ended call gives back.
    updateCalls: `UPDATE calls SET ${Object.keys(CALL_PROGRESS)
      .map((column) => `${column} = changed.${column}`)
      .join(', ')}
      FROM (${recordSet(dialect, { id: 'text', ...CALL_PROGRESS })}) AS changed WHERE calls.id = changed.id`,
    insertCalls: `INSERT INTO calls (${Object.keys(CALL_COLUMNS).join(', ')}) ${recordSet(dialect, CALL_COLUMNS)}`,
    insertTransfers: `INSERT INTO transfers (${Object.keys(TRANSFER_COLUMNS).join(', ')}) ${recordSet(dialect, TRANSFER_COLUMNS)}`,
    insertDays: `INSERT INTO key_days (key_id, day, reserved) ${day}`,
    updateDays: `UPDATE key_days SET reserved = key_days.reserved + changed.change FROM (${day}) AS changed
      WHERE key_days.key_id = changed.key_id AND key_days.day = changed.day`,
    insertAnswers: `INSERT INTO answers
        (body, call_id, status, headers, content_type, warnings, error, expires_at_ms, free_account, free_end)
      SELECT substr(${bodies}, CAST(first AS INTEGER), CAST(length AS INTEGER)), call_id, status, headers, content_type,
        warnings, error, expires_at_ms, free_account, free_end
      FROM (${recordSet(dialect, ANSWER_COLUMNS)}) AS told`,
    insertReceipts: `INSERT INTO receipts (${Object.keys(RECEIPT_COLUMNS).join(', ')}) ${recordSet(dialect, RECEIPT_COLUMNS)}`,
    deleteUndelivered: `DELETE FROM undelivered WHERE call_id IN (${recordSet(dialect, { call_id: 'text' })})`,
    insertUndelivered: `INSERT INTO undelivered (${Object.keys(UNDELIVERED_COLUMNS).join(', ')})
      ${recordSet(dialect, UNDELIVERED_COLUMNS)}`,
  };
}

/** The columns of a call that change after it was opened. */
const CALL_PROGRESS = {
  idempotency_digest: 'text',
  state: 'text',
  charge: 'amount',
  reason: 'text',
  upstream_status: 'integer',
  deadline_ms: 'integer',
  dispatched_at_ms: 'integer',
  finished_at_ms: 'integer',
} as const;

const CALL_COLUMNS = {
  id: 'text',
  ...CALL_PROGRESS,
  account_id: 'text',
  key_id: 'text',
  endpoint: 'text',
  provider: 'text',
  seller_id: 'text',
  request_digest: 'text',
  hold: 'amount',
  fee_bps: 'integer',
  day: 'text',
  created_at_ms: 'integer',
} as const;

const TRANSFER_COLUMNS = {
  id: 'text',
  kind: 'text',
  debit_account: 'text',
  credit_account: 'text',
  amount: 'amount',
  pending_id: 'text',
  call_id: 'text',
  reference: 'text',
  created_at_ms: 'integer',
} as const;

const ANSWER_COLUMNS = {
  first: 'integer',
  length: 'integer',
  call_id: 'text',
  status: 'integer',
  headers: 'text',
  content_type: 'text',
  warnings: 'text',
  error: 'text',
  expires_at_ms: 'integer',
  free_account: 'text',
  free_end: 'integer',
} as const;

const RECEIPT_COLUMNS = {
  id: 'text',
  account_id: 'text',
  number: 'integer',
  call_id: 'text',
  message: 'text',
  digest: 'text',
  signature: 'text',
  signer: 'text',
} as const;

const UNDELIVERED_COLUMNS = {
  call_id: 'text',
  account_id: 'text',
  request_digest: 'text',
  expires_at_ms: 'integer',
} as const;

/** In the order of `RECEIPT_COLUMNS`. */
function receiptRecord([callId, { message, digest, signature, signer }]: readonly [CallId, Receipt]) {
  const { receiptId, account, number } = message;
  return [receiptId, account, number, callId, JSON.stringify(message), digest, signature, signer];
}

/** In the order of `UNDELIVERED_COLUMNS`. */
function undeliveredRecord({ callId, accountId, requestDigest, expiresAtMs }: Undelivered): readonly RecordValue[] {
  return [callId, accountId, requestDigest, expiresAtMs];
}

/** The last note on each call that has one; undefined if its answer was delivered. */
function lastNotes(changes: readonly Changes[]): ReadonlyMap<CallId, Undelivered | undefined> {
  const notes = new Map<CallId, Undelivered | undefined>();
  for (const { undelivered, delivered = [] } of changes) {
    for (const callId of delivered) notes.set(callId, undefined);
    if (undelivered !== undefined) notes.set(undelivered.callId, undelivered);
  }
  return notes;
}

/** Each call once, as the last command has left it. */
function latestCalls(changes: readonly Changes[]): readonly Call[] {
  const calls = new Map<CallId, Call>();
  for (const { call } of changes) if (call !== undefined) calls.set(call.callId, call);
  return [...calls.values()];
}

/** In the order of `CALL_PROGRESS`, after the id. */
function callUpdate(call: Call): readonly RecordValue[] {
  return [
    call.callId,
    call.idempotencyDigest ?? null,
    call.state,
    call.chargeMicroUsdc.toString(),
    call.reason ?? null,
    call.upstreamStatus ?? null,
    call.deadlineMs,
    call.dispatchedAtMs ?? null,
    call.finishedAtMs ?? null,
  ];
}

/** In the order of `CALL_COLUMNS`. */
function callRecord(call: Call): readonly RecordValue[] {
  return [
    ...callUpdate(call),
    call.accountId,
    call.keyId,
    call.endpoint,
    call.provider,
    call.sellerId,
    call.requestDigest,
    call.heldMicroUsdc.toString(),
    call.feeBps,
    call.day,
    call.createdAtMs,
  ];
}

/** In the order of `TRANSFER_COLUMNS`. */
function transferRecord(transfer: Transfer): readonly RecordValue[] {
  return [
    transfer.id,
    transfer.kind,
    transfer.debitAccount,
    transfer.creditAccount,
    transfer.amountMicroUsdc.toString(),
    'pendingId' in transfer ? transfer.pendingId : null,
    transfer.callId ?? null,
    transfer.reference ?? null,
    transfer.createdAtMs,
  ];
}

/** What all the transfers together add to each account. */
function balanceRecords(transfers: readonly Transfer[]): Records {
  const moved = new Map<string, { -readonly [Column in keyof Balances]: Balances[Column] }>();
  const of = (id: string) => {
    let balances = moved.get(id);
    if (balances === undefined) moved.set(id, (balances = { ...NOTHING }));
    return balances;
  };
  for (const transfer of transfers) {
    const { pending, posted } = postingOf(transfer);
    const debit = of(transfer.debitAccount);
    debit.debitsPending += pending;
    debit.debitsPosted += posted;
    const credit = of(transfer.creditAccount);
    credit.creditsPending += pending;
    credit.creditsPosted += posted;
  }
  return [...moved].map(([id, { debitsPending, debitsPosted, creditsPending, creditsPosted }]) => [
    id,
    ...[debitsPending, debitsPosted, creditsPending, creditsPosted].map(String),
  ]);
}

const NOTHING: Balances = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };

/** Each day's key with its record. */
function reservedDays(changes: readonly Changes[]): readonly (readonly [string, readonly RecordValue[]])[] {
  const days = new Map<string, NonNullable<Changes['reserved']>>();
  for (const { reserved } of changes) {
    if (reserved === undefined) continue;
    const key = dayKey(reserved.keyId, reserved.day);
    const before = days.get(key)?.changeMicroUsdc ?? 0n;
    days.set(key, { ...reserved, changeMicroUsdc: before + reserved.changeMicroUsdc });
  }
  return [...days].map(([key, { keyId, day, changeMicroUsdc }]) => [key, [keyId, day, changeMicroUsdc.toString()]]);
}

function chunksOf(answers: readonly NewAnswer[]): readonly (readonly NewAnswer[])[] {
  const chunks: NewAnswer[][] = [];
  let bytes = Infinity;
  for (const answer of answers) {
    const size = 'body' in answer.told ? answer.told.body.length : 0;
    if (bytes + size > MAX_ANSWER_BYTES) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)!.push(answer);
    bytes += size;
  }
  return chunks;
}

/** The bodies in one piece, since JSON cannot carry bytes, and records that say where in it each body lies. */
function answerBindings(
  answers: readonly NewAnswer[],
  places: ReadonlyMap<CallId, Place>,
): readonly [Uint8Array, string] {
  // In SQLite a part of an empty value is NULL, so there is always one byte.
  const bodies: Uint8Array[] = [new Uint8Array(1)];
  // SQL counts from 1.
  let next = 2;
  const records = answers.map(({ callId, told, expiresAtMs }) => {
    const place = places.get(callId);
    const ends = [expiresAtMs, place?.accountId ?? null, place?.endByte ?? null];
    if ('error' in told) return [null, null, callId, null, null, null, null, jsonText(told.error), ...ends];
    const { body, status, headers, contentType, warnings }: StoredAnswer = told;
    const first = next;
    next += body.length;
    bodies.push(body);
    const texts = [JSON.stringify(headers), contentType, JSON.stringify(warnings)];
    return [first, body.length, callId, status, ...texts, null, ...ends];
  });
  return [Buffer.concat(bodies), encodeRecords(records)];
}
