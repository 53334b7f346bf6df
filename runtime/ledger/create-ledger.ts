/**
 * The ledger over a store: the commands of the interface, executed in batches by the commit queue.
 *
 * Invariant: when the books contradict themselves, no further call is opened or dispatched. What is under way may still
 * be captured or released, since to drop it would lose money that is already held.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { newId, type Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import { ANOTHER_KEY } from '../receipt/receipt-key.js';
import type { ReceiptSigner } from '../receipt/sign-receipt.js';
import { amount } from '../store/column.js';
import { storeFault } from '../store/store-fault.js';
import type { Store } from '../store/store.js';
import { askForCertain, type Pause } from './ask-for-certain.js';
import { BrokenInvariant } from './broken-invariant.js';
import { dayOf, isCallId, isReceiptId } from './call-ids.js';
import { receiptOf, selectCallOf, selectClaim } from './call-record.js';
import { captureForCertain } from './capture-for-certain.js';
import { checkAnswers } from './check-answers.js';
import { checkLedger } from './check-ledger.js';
import { checkSinceCheckpoint } from './check-since-checkpoint.js';
import { commandExecutor, type Results, type Submitted } from './execute-commands.js';
import type { Ledger } from './ledger.js';
import { lastCalled, observed } from './observed.js';
import { openForCertain } from './open-for-certain.js';
import { releaseForCertain } from './release-for-certain.js';
import { LONGEST_CALL_MS, StrandedCalls } from './stranded-calls.js';
import { sweepCalls } from './sweep-calls.js';
import { Turns } from './turns.js';
import { usage } from './usage.js';

export interface LedgerOptions {
  readonly clock: Clock;
  /** Its key must have been published (`publishKey`), or its receipts would not verify. */
  readonly signer: ReceiptSigner;
  /** The platform's part of each charge, in hundredths of a percent: 0 unless given. */
  readonly platformFeeBps?: number;
  /** When the key begins that the signer has now, in epoch milliseconds: no receipt is dated earlier. */
  readonly keyBeginsAtMs?: () => number | undefined;
  /** When that key ends, in epoch milliseconds: no receipt is dated later, and no call is opened in the twelve minutes before. */
  readonly keyEndsAtMs?: () => number | undefined;
  /** How long answers are kept for replays: 24 hours unless given. */
  readonly answerTtlMs?: number;
  /** How much is kept for each account of the answers that it did not pay for: 256 MB unless given. */
  readonly freeAnswerBytes?: number;
  /** Milliseconds on a clock that is never set, with a beginning of its own. */
  readonly elapsedMs?: () => number;
  /** Lets time pass before a command is asked for again whose COMMIT was not answered. */
  readonly pause?: Pause;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Five of the largest answers that a provider may give, or those of a busy day to an ordinary client. */
const FREE_ANSWER_BYTES = 256_000_000;
/** How long an undelivered answer stands for the next call like its own. */
const UNDELIVERED_TTL_MS = 10 * 60 * 1000;

export function createLedger(store: Store, options: LedgerOptions): Ledger {
  const { clock, signer, platformFeeBps = 0, keyBeginsAtMs, keyEndsAtMs } = options;
  const { answerTtlMs = DAY_MS, freeAnswerBytes = FREE_ANSWER_BYTES, pause = sleep } = options;
  const { elapsedMs = () => performance.now() } = options;
  const keyTime = () => ({ keyBeginsAtMs: keyBeginsAtMs?.(), keyEndsAtMs: keyEndsAtMs?.() });
  const execute = commandExecutor(store.dialect, signer, clock, freeAnswerBytes, keyTime);
  const usageTurns = new Turns();
  const stranded = new StrandedCalls();
  let broken: Error | undefined;

  /** If the schema refuses a command on a call, a check in the code has failed to: that is a bug too. */
  async function run<Kind extends Submitted['kind']>(
    command: Extract<Submitted, { readonly kind: Kind }>,
  ): Promise<Results[Kind]> {
    try {
      return (await store.writeTogether(execute, command)) as Results[Kind];
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

  /** A call that is opened has to be captured before the key ends, or its receipt would be dated after that. */
  function refuseWithoutKey(): void {
    const endsAtMs = keyEndsAtMs?.();
    if (endsAtMs === undefined || clock.nowMs() + LONGEST_CALL_MS < endsAtMs) return;
    throw new GatewayError(
      'STORE_UNAVAILABLE',
      `the gateway takes no calls, because its receipt key ends at ${new Date(endsAtMs).toISOString()}`,
      `not charged; tell the operator, who can ${ANOTHER_KEY}`,
    );
  }

  function assertTakesCalls(): void {
    refuseWhereBroken();
    refuseWithoutKey();
  }

  const balance: Ledger['balance'] = async (accountId) => {
    const [row] = await store.read.rows(
      `SELECT CAST(credits_posted - debits_posted - debits_pending AS TEXT) AS available,
          CAST(debits_pending AS TEXT) AS held FROM accounts WHERE id = ?`,
      [accountId],
    );
    if (row === undefined) throw new RangeError(`there is no account ${accountId}`);
    return { availableMicroUsdc: amount(row, 'available'), heldMicroUsdc: amount(row, 'held') };
  };

  return {
    assertTakesCalls,

    openCall: (open) => {
      const attempt = () => {
        assertTakesCalls();
        return run({ kind: 'open', open, feeBps: platformFeeBps });
      };
      const release = { callId: open.callId, reason: 'not_dispatched' };
      return openForCertain(attempt, () => run({ kind: 'release', release, answerTtlMs }), pause);
    },

    markDispatched: async (callId, deadlineMs) => {
      refuseWhereBroken();
      const { outcome } = await run({ kind: 'dispatch', callId, deadlineMs });
      return outcome === 'dispatched';
    },

    capture: (capture) => {
      const attempt = () => run({ kind: 'capture', capture, answerTtlMs });
      return captureForCertain(capture.callId, attempt, balance, pause);
    },

    release: (release) => {
      const attempt = () => run({ kind: 'release', release, answerTtlMs });
      return releaseForCertain(release.reason, attempt, balance, pause);
    },

    markUndelivered: async (callId) => {
      await run({ kind: 'delivery', callId, undeliveredUntilMs: clock.nowMs() + UNDELIVERED_TTL_MS });
    },

    markDelivered: async (callId) => {
      const noted = await store.read.rows('SELECT 1 FROM undelivered WHERE call_id = ?', [callId]);
      if (noted.length > 0) await run({ kind: 'delivery', callId });
    },

    collectUndelivered: async (accountId, requestDigest) => {
      const noted = await store.read.rows('SELECT 1 FROM undelivered WHERE account_id = ? AND request_digest = ?', [
        accountId,
        requestDigest,
      ]);
      if (noted.length === 0) return undefined;
      const collected = await run({ kind: 'collect', accountId, requestDigest });
      return collected.outcome === 'nothing-owed' ? undefined : collected;
    },

    balance,

    spentToday: async (keyId) => {
      const [row] = await store.read.rows(
        'SELECT CAST(reserved AS TEXT) AS reserved FROM key_days WHERE key_id = ? AND day = ?',
        [keyId, dayOf(clock.nowMs())],
      );
      return row === undefined ? 0n : amount(row, 'reserved');
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

    usage: (query) => usageTurns.take(query.accountId, () => store.snapshot((sql) => usage(sql, query))),

    observed: (endpoint) => observed(store.read, endpoint),

    lastCalled: () => lastCalled(store.read, clock.nowMs()),

    deposit: async (accountId, amountMicroUsdc, reference) => {
      const transferId = newId(clock, 'dep');
      const attempt = () => run({ kind: 'deposit', transferId, accountId, amountMicroUsdc, reference });
      const { outcome } = await askForCertain(attempt, attempt, pause);
      return outcome === 'credited';
    },

    sweep: () =>
      sweepCalls(store, (callId, isStranded) => run({ kind: 'expire', callId, isStranded }), stranded, {
        nowMs: clock.nowMs(),
        elapsedMs: elapsedMs(),
      }),

    check: () => store.patientSnapshot(checkLedger),

    checkAnswers: () => store.patientSnapshot((sql) => checkAnswers(sql, clock.nowMs())),

    checkMoney: () => checkSinceCheckpoint(store),
  };
}
