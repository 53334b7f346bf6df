/**
 * The ledger over a store: each command of the interface as one transaction of the commit queue.
 *
 * Invariant: when the books contradict themselves, no further call is opened or dispatched. What is under way may still
 * be captured or released, since to drop it would lose money that is already held.
 */

import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import type { ReceiptSigner } from '../receipt/sign-receipt.js';
import { amount } from '../store/column.js';
import type { Command } from '../store/commit-queue.js';
import { storeFault } from '../store/store-fault.js';
import type { Store } from '../store/store.js';
import { BrokenInvariant } from './broken-invariant.js';
import { isCallId, isReceiptId } from './call-ids.js';
import { receiptOf, selectCallOf, selectClaim } from './call-record.js';
import { captureCall } from './capture-call.js';
import { checkLedger, checkMoney } from './check-ledger.js';
import { creditDeposit } from './credit-deposit.js';
import type { Ledger } from './ledger.js';
import { observed, observedAll } from './observed.js';
import { openCall } from './open-call.js';
import { releaseCall } from './release-call.js';
import { sweepCalls } from './sweep-calls.js';
import { usage } from './usage.js';

export interface LedgerOptions {
  readonly clock: Clock;
  /** Its key is published already (`publishKey`), or its receipts would not verify. */
  readonly signer: ReceiptSigner;
  /** How long answers are kept for replays: 24 hours unless given. */
  readonly answerTtlMs?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export function createLedger(store: Store, { clock, signer, answerTtlMs = DAY_MS }: LedgerOptions): Ledger {
  let broken: Error | undefined;

  /** Runs a command on calls. What the schema refuses here, a guard above it has let through: a bug as well. */
  async function write<Result>(command: Command<Result>): Promise<Result> {
    try {
      return await store.write(command);
    } catch (error) {
      if (error instanceof BrokenInvariant || storeFault(error) === 'constraint') broken ??= error as Error;
      throw error;
    }
  }

  function refuseWhereBroken(): void {
    if (broken === undefined) return;
    throw new GatewayError(
      'STORE_UNAVAILABLE',
      'the gateway takes no calls, because its books contradict themselves',
      'tell the operator, who finds the contradiction with "tollgate ledger check"; nothing was charged',
      { retryable: false, cause: broken },
    );
  }

  return {
    openCall: async (open) => {
      refuseWhereBroken();
      const nowMs = clock.nowMs();
      return write((sql) => openCall(sql, open, nowMs));
    },

    markDispatched: async (callId, deadlineMs) => {
      refuseWhereBroken();
      const nowMs = clock.nowMs();
      const marked = await write((sql) =>
        sql.rows(
          "UPDATE calls SET state = 'dispatched', dispatched_at_ms = ?, deadline_ms = ? WHERE id = ? AND state = 'held' RETURNING id",
          [nowMs, deadlineMs, callId],
        ),
      );
      return marked.length === 1;
    },

    capture: async (capture) => {
      const nowMs = clock.nowMs();
      return write((sql) => captureCall(sql, capture, { signer, nowMs, answerTtlMs }));
    },

    release: async (release) => {
      const nowMs = clock.nowMs();
      return write((sql) => releaseCall(sql, release, { nowMs, answerTtlMs }));
    },

    balance: async (accountId) => {
      const [row] = await store.read.rows(
        `SELECT CAST(credits_posted - debits_posted - debits_pending AS TEXT) AS available,
          CAST(debits_pending AS TEXT) AS held FROM accounts WHERE id = ?`,
        [accountId],
      );
      if (row === undefined) throw new RangeError(`there is no account ${accountId}`);
      return { availableMicroUsdc: amount(row, 'available'), heldMicroUsdc: amount(row, 'held') };
    },

    findCall: async (accountId, callId) =>
      isCallId(callId) ? selectCallOf(store.read, accountId, callId, clock.nowMs()) : undefined,

    findClaim: (accountId, idempotencyDigest) => selectClaim(store.read, accountId, idempotencyDigest, clock.nowMs()),

    findReceipt: async (accountId, receiptId) => {
      if (!isReceiptId(receiptId)) return undefined;
      const [row] = await store.read.rows(
        'SELECT message, digest, signature, signer FROM receipts WHERE account_id = ? AND id = ?',
        [accountId, receiptId],
      );
      return row === undefined ? undefined : receiptOf(row);
    },

    usage: (query) => store.snapshot((sql) => usage(sql, query)),

    observed: (endpoint) => observed(store.read, endpoint),

    observedAll: () => observedAll(store.read, clock.nowMs()),

    deposit: (accountId, amountMicroUsdc, reference) =>
      store.write((sql) => creditDeposit(sql, { accountId, amountMicroUsdc, reference }, clock)),

    sweep: () => sweepCalls({ ...store, write }, clock.nowMs()),

    check: () => store.snapshot(checkLedger),

    checkMoney: () => store.snapshot(checkMoney),
  };
}
