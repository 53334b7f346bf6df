/**
 * Executes a batch of commands at once, in the manner of TigerBeetle: load what they touch, decide each in its order in
 * memory, write what has changed. The number of statements does not grow with the number of commands. If the batch
 * before was written and nothing else has been since, its state is carried on, and only what it lacks is loaded.
 *
 * Nearly every idempotency key is new. So if the database checks afterwards what was read, a key is assumed to be free
 * without a look: no two calls of an account can have the same key, and the database refuses one that is claimed. Then
 * the batch is executed again with the claims looked up first. The same happens if a call with a key is not opened for
 * any other reason.
 *
 * A command that is refused or mistaken changes nothing and harms none of the others. If the database refuses what was
 * decided, the whole batch is undone, and the commit queue finds the culprit.
 */

import type { Clock } from '../clock.js';
import type { Receipt } from '../receipt/receipt.js';
import type { ReceiptSigner } from '../receipt/sign-receipt.js';
import type { Basis, GroupCommand } from '../store/commit-queue.js';
import type { Dialect } from '../store/store.js';
import { recordsSelector } from './call-record.js';
import type { CaptureCommand, LedgerCommand, Outcome, Outcomes } from './command.js';
import { decide } from './decide.js';
import type { CallId, CallRecord, CaptureResult, OpenCallResult, ReleaseResult, UndeliveredCall } from './ledger.js';
import { keptOf } from './kept-state.js';
import { applyChanges, emptyState, type Changes, type LedgerState, type NewReceipt } from './ledger-state.js';
import { stateLoader } from './load-state.js';
import { changesWriter } from './write-changes.js';

/** What is answered to a command. */
export interface Results extends Omit<Outcomes, 'open' | 'capture' | 'release' | 'collect'> {
  readonly open: OpenCallResult;
  readonly capture: CaptureResult;
  readonly release: ReleaseResult;
  readonly collect: UndeliveredCall | { readonly outcome: 'nothing-owed' };
}

export type Result = Results[LedgerCommand['kind']];

/** A command before it has its time, and that of the key that signs. */
export type Submitted = LedgerCommand extends infer Each
  ? Each extends LedgerCommand
    ? Omit<Each, 'nowMs' | 'keyBeginsAtMs' | 'keyEndsAtMs'>
    : never
  : never;

type Decided = PromiseSettledResult<Outcome>;

export function commandExecutor(
  dialect: Dialect,
  signer: ReceiptSigner,
  clock: Clock,
  freeAnswerBytes: number,
  keyTime: () => Pick<CaptureCommand, 'keyBeginsAtMs' | 'keyEndsAtMs'>,
): GroupCommand<Submitted, Result> {
  const load = stateLoader(dialect);
  const writesOf = changesWriter(dialect, freeAnswerBytes);
  const selectRecords = recordsSelector(dialect);
  let kept: { readonly basis: Basis; readonly state: LedgerState } | undefined;

  return async (sql, submitted, basis) => {
    const nowMs = clock.nowMs();
    const commands = submitted.map((command): LedgerCommand => ({ ...command, nowMs }));
    const state = kept !== undefined && kept.basis === basis ? kept.state : emptyState();
    // It is whole again when every command is decided.
    kept = undefined;
    await load(sql, commands, state, basis === undefined);
    const known = { calls: new Set(state.calls.keys()), days: new Set(state.reserved.keys()) };
    const changes: Changes[] = [];
    // In the same turn in which it is signed: when it was asked to capture, the signer may have had another key.
    const timeOfKey = keyTime();
    const decided = commands.map((command): Decided => {
      let decision;
      try {
        decision = decide(state, command.kind === 'capture' ? { ...command, ...timeOfKey } : command);
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

    if (basis !== undefined && commands.some((command, index) => mayBeClaimed(command, decided[index]!))) {
      throw new ClaimsNotKnown();
    }

    const receipts = sign(
      signer,
      changes.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt])),
    );
    const result = (records: ReadonlyMap<CallId, CallRecord>) =>
      decided.map((each): PromiseSettledResult<Result> =>
        each.status === 'rejected' ? each : { status: 'fulfilled', value: resultOf(each.value, receipts, records) },
      );
    const named = namedBy(decided);
    const writes = await writesOf(sql, { changes, receipts, known });
    if (basis !== undefined) kept = { basis, state: keptOf(state) };
    return {
      writes,
      // A call that an outcome names may be opened by this very batch.
      results: named.length === 0 ? result(NO_RECORDS) : async () => result(await selectRecords(sql, named, nowMs)),
    };
  };
}

/**
 * A call with a key was refused before anybody looked whether the key is claimed. If it is, the caller must be told
 * that.
 */
class ClaimsNotKnown extends Error {
  override readonly name = 'ClaimsNotKnown';
}

function mayBeClaimed(command: LedgerCommand, decided: Decided): boolean {
  if (command.kind !== 'open' || command.open.idempotencyDigest === undefined) return false;
  return decided.status === 'rejected' || decided.value.outcome !== 'opened';
}

const NO_RECORDS: ReadonlyMap<CallId, CallRecord> = new Map();

function sign(signer: ReceiptSigner, receipts: readonly NewReceipt[]): ReadonlyMap<CallId, Receipt> {
  const { address } = signer;
  const signatures = signer.signAll(receipts.map(({ digest }) => digest));
  return new Map(
    receipts.map(({ callId, message, digest }, index) => [
      callId,
      { message, digest, signature: signatures[index]!, signer: address },
    ]),
  );
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
