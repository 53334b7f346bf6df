/**
 * Executes a batch of commands within one transaction, in the manner of TigerBeetle: load what they touch, decide each
 * in its order in memory, write what has changed. The number of statements does not grow with the number of commands.
 *
 * A command that is refused or mistaken changes nothing and harms none of the others. Where the database refuses what
 * was decided, the whole batch is undone, and the commit queue finds the culprit.
 */

import type { Clock } from '../clock.js';
import type { Receipt } from '../receipt/receipt.js';
import type { ReceiptSigner } from '../receipt/sign-receipt.js';
import type { GroupCommand } from '../store/commit-queue.js';
import { encodeRecords, recordSet } from '../store/record-set.js';
import type { PreparedSql } from '../store/sql.js';
import type { Dialect } from '../store/store.js';
import { recordsSelector } from './call-record.js';
import type { LedgerCommand, Outcome, Outcomes } from './command.js';
import { decide } from './decide.js';
import type { CallId, CallRecord, CaptureResult, OpenCallResult, ReleaseResult } from './ledger.js';
import { applyChanges, type Changes, type NewReceipt } from './ledger-state.js';
import { stateLoader } from './load-state.js';
import { changesSaver } from './save-changes.js';

/** What is answered to a command. */
export interface Results extends Omit<Outcomes, 'open' | 'capture' | 'release'> {
  readonly open: OpenCallResult;
  readonly capture: CaptureResult;
  readonly release: ReleaseResult;
}

export type Result = Results[LedgerCommand['kind']];

/** A command before it has its time. */
export type Submitted = LedgerCommand extends infer Each
  ? Each extends LedgerCommand
    ? Omit<Each, 'nowMs'>
    : never
  : never;

type Decided = PromiseSettledResult<Outcome>;

export function commandExecutor(
  dialect: Dialect,
  signer: ReceiptSigner,
  clock: Clock,
  freeAnswerBytes: number,
): GroupCommand<Submitted, Result> {
  const load = stateLoader(dialect);
  const save = changesSaver(dialect, freeAnswerBytes);
  const saveReceipts = receiptsSaver(dialect);
  const selectRecords = recordsSelector(dialect);

  return async (sql, submitted) => {
    // The time of an entry is taken while no other writer runs: what is committed later is never of an earlier time, and
    // so a statement of a time that is over stays what it was.
    const nowMs = clock.nowMs();
    const commands = submitted.map((command): LedgerCommand => ({ ...command, nowMs }));
    const state = await load(sql, commands);
    const known = { calls: new Set(state.calls.keys()), days: new Set(state.reserved.keys()) };
    const changes: Changes[] = [];
    const decided = commands.map((command): Decided => {
      let decision;
      try {
        decision = decide(state, command);
      } catch (reason) {
        // Whatever a command is refused for, the state is as it was before.
        return { status: 'rejected', reason };
      }
      if (decision.changes !== undefined) {
        applyChanges(state, decision.changes);
        changes.push(decision.changes);
      }
      return { status: 'fulfilled', value: decision.outcome };
    });

    const newReceipts = changes.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt]));
    // Signing, in its thread, and writing go on side by side.
    const [signed] = await settled([sign(signer, newReceipts), save(sql, { changes, known })]);
    const receipts = new Map(signed.map((receipt, index) => [newReceipts[index]!.callId, receipt]));
    await saveReceipts(sql, receipts);

    const records = await selectRecords(sql, namedBy(decided), nowMs);
    return decided.map((each) =>
      each.status === 'rejected' ? each : { status: 'fulfilled', value: resultOf(each.value, receipts, records) },
    );
  };
}

/** As `Promise.all`, but it waits for both: nothing may still be running on the connection when the batch is undone. */
async function settled<First, Second>(promises: readonly [Promise<First>, Promise<Second>]): Promise<[First, Second]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

async function sign(signer: ReceiptSigner, receipts: readonly NewReceipt[]): Promise<readonly Receipt[]> {
  if (receipts.length === 0) return [];
  // Read in the turn in which the signing begins: the key may be another one when it is done.
  const { address } = signer;
  const signatures = await signer.signAll(receipts.map(({ digest }) => digest));
  return receipts.map(({ message, digest }, index) => ({
    message,
    digest,
    signature: signatures[index]!,
    signer: address,
  }));
}

function receiptsSaver(dialect: Dialect) {
  const columns = {
    id: 'text',
    account_id: 'text',
    number: 'integer',
    call_id: 'text',
    message: 'text',
    digest: 'text',
    signature: 'text',
    signer: 'text',
  } as const;
  const statement = `INSERT INTO receipts (${Object.keys(columns).join(', ')}) ${recordSet(dialect, columns)}`;
  return async (sql: PreparedSql, receipts: ReadonlyMap<CallId, Receipt>): Promise<void> => {
    if (receipts.size === 0) return;
    const records = [...receipts].map(([callId, { message, digest, signature, signer }]) => [
      message.receiptId,
      message.account,
      message.number,
      callId,
      JSON.stringify(message),
      digest,
      signature,
      signer,
    ]);
    await sql.prepared(statement, [encodeRecords(records)]);
  };
}

/** The calls that outcomes only name. */
function namedBy(decided: readonly Decided[]): readonly CallId[] {
  return decided.flatMap((each) => (each.status === 'fulfilled' && 'callId' in each.value ? [each.value.callId] : []));
}

function resultOf(
  outcome: Outcome,
  receipts: ReadonlyMap<CallId, Receipt>,
  records: ReadonlyMap<CallId, CallRecord>,
): Result {
  if ('callId' in outcome) return { outcome: outcome.outcome, call: records.get(outcome.callId)! };
  if (outcome.outcome === 'captured') return { ...outcome, receipt: receipts.get(outcome.receipt.callId)! };
  return outcome;
}
