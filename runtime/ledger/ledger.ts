/**
 * The ledger's face: every movement of money that the gateway makes goes through here.
 *
 * Double entry in two phases: a hold reserves the most that a call can cost, a capture turns part of it into a charge,
 * a release gives it back. Each command below is one database transaction and is durable when its promise resolves. A
 * refusal is a value, not an exception, and leaves nothing behind. What it does not do: it never talks to the network
 * and knows nothing of HTTP, MCP or prices.
 *
 * A call's states: `held` → `dispatched` → `captured` | `released` | `unknown`; `held` → `released`. The last three are
 * final: whatever comes second loses, whichever order they arrive in.
 */

import type { MicroUsdc } from './micro-usdc.js';
import type { Receipt } from '../receipt/receipt.js';

export type AccountId = string & { readonly brand: 'AccountId' };
export type CallId = string & { readonly brand: 'CallId' };
export type KeyId = string & { readonly brand: 'KeyId' };

export type CallState = 'held' | 'dispatched' | 'captured' | 'released' | 'unknown';

export interface OpenCall {
  readonly callId: CallId;
  readonly accountId: AccountId;
  readonly keyId: KeyId;
  /** What the key may spend in one day (UTC), holds included. */
  readonly dailyLimitMicroUsdc?: MicroUsdc;
  readonly endpoint: string;
  readonly provider: string;
  readonly sellerId: string;
  /** SHA-256 in hex of the caller's idempotency key; the claim is on (account, digest). */
  readonly idempotencyDigest?: string;
  /** SHA-256 in hex of the canonical JSON of endpoint and arguments. */
  readonly requestDigest: string;
  /** The caller wants a call of its own, even if the answer to an earlier one like it is undelivered. */
  readonly fresh?: boolean;
  /** The hold: the most that this call can cost. */
  readonly maxChargeMicroUsdc: MicroUsdc;
  /** Epoch milliseconds after which the sweeper may release a call that was never dispatched. */
  readonly deadlineMs: number;
  /**
   * Given if the call is sent at once: then it is dispatched in the same commit as its hold, and this is its deadline.
   */
  readonly dispatchDeadlineMs?: number;
}

export type OpenCallResult =
  | { readonly outcome: 'opened'; readonly availableMicroUsdc: MicroUsdc }
  /** The idempotency key was claimed before; nothing was held. */
  | { readonly outcome: 'claimed'; readonly call: CallRecord }
  | UndeliveredCall
  | { readonly outcome: 'insufficient-funds'; readonly availableMicroUsdc: MicroUsdc }
  | { readonly outcome: 'over-daily-limit'; readonly leftMicroUsdc: MicroUsdc }
  | { readonly outcome: 'frozen' };

export type UndeliveredCall =
  /**
   * `call` is an earlier one like it, without a key, whose answer was never delivered. It is delivered now, and nothing
   * was held.
   */
  | { readonly outcome: 'undelivered'; readonly call: CallRecord }
  /** The same, but `call` still runs: its own client is gone, and its answer is yet to come. Nothing was held. */
  | { readonly outcome: 'undelivered-running'; readonly call: CallRecord };

/**
 * An upstream's answer as it was received, kept for 24 hours for replays and re-delivery. Of what an account got for
 * nothing (answers without a charge, and errors) only the latest is kept, up to a bound in bytes.
 */
export interface StoredAnswer {
  readonly status: number;
  /** Lower-case names; only those that a caller is shown. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  /** Decompressed, credentials redacted. */
  readonly body: Uint8Array;
  readonly warnings: readonly string[];
}

/** What was delivered in place of an answer: an error's structured form, stored so that a replay is byte for byte. */
export interface StoredError {
  readonly error: Readonly<Record<string, unknown>>;
}

export interface CaptureCall {
  readonly callId: CallId;
  /** At most the hold. */
  readonly chargeMicroUsdc: MicroUsdc;
  readonly answer: StoredAnswer;
  /** `"0.001000 per call"`, `"0.60 per 1000000 token"`. */
  readonly unitPrice: string;
  /** A decimal number: `"1"`, `"1532"`. */
  readonly units: string;
  /** SHA-256 in hex of the body's bytes as received. */
  readonly answerDigest: string;
  readonly catalogueDigest: string;
}

export interface ReleaseCall {
  readonly callId: CallId;
  /** A reason code, lower case with underscores: `upstream_status_500`. */
  readonly reason: string;
  readonly upstreamStatus?: number;
  /** What the caller was told; absent where nothing was sent upstream, and then the idempotency key is free again. */
  readonly told?: StoredAnswer | StoredError;
}

export type CaptureResult =
  | { readonly outcome: 'captured'; readonly receipt: Receipt; readonly availableMicroUsdc: MicroUsdc }
  /** The call was resolved before (by the sweeper, say). Nothing moved. */
  | { readonly outcome: 'resolved-before'; readonly call: CallRecord };

export type ReleaseResult =
  | { readonly outcome: 'released'; readonly availableMicroUsdc: MicroUsdc }
  | { readonly outcome: 'resolved-before'; readonly call: CallRecord };

export interface CallRecord {
  readonly callId: CallId;
  readonly accountId: AccountId;
  readonly keyId: KeyId;
  readonly endpoint: string;
  readonly provider: string;
  readonly sellerId: string;
  readonly requestDigest: string;
  readonly state: CallState;
  readonly maxChargeMicroUsdc: MicroUsdc;
  readonly chargeMicroUsdc: MicroUsdc;
  readonly reason?: string;
  readonly upstreamStatus?: number;
  readonly createdAtMs: number;
  readonly finishedAtMs?: number;
  /** Upstream time, from dispatch to the end of the answer. */
  readonly latencyMs?: number;
  /** Absent before the call is resolved, and again when it is no longer kept. */
  readonly told?: StoredAnswer | StoredError;
  readonly receipt?: Receipt;
}

export interface Balance {
  readonly availableMicroUsdc: MicroUsdc;
  readonly heldMicroUsdc: MicroUsdc;
}

export interface UsageQuery {
  readonly accountId: AccountId;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly groupBy?: 'endpoint' | 'provider' | 'day';
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly cursor?: string;
}

/** One group of calls, or (without `groupBy`) one call. */
export interface UsageRow {
  readonly group: string;
  readonly calls: number;
  /** Calls that were released or whose outcome is unknown. */
  readonly failures: number;
  readonly chargedMicroUsdc: MicroUsdc;
  /** Only where the row is one call. */
  readonly call?: CallRecord;
}

export interface UsagePage {
  readonly rows: readonly UsageRow[];
  /** Of all pages; with the first of them alone. */
  readonly total?: UsageTotal;
  readonly nextCursor?: string;
}

export interface UsageTotal {
  readonly calls: number;
  readonly failures: number;
  readonly chargedMicroUsdc: MicroUsdc;
}

/** What the gateway has seen of an endpoint, over all accounts. */
export interface Observed {
  readonly calls: number;
  /** Share of 2xx answers, from 0 to 1. Answers to the buyer's own mistakes do not count; null where no others are left. */
  readonly successRate: number | null;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** One invariant, and what breaks it (empty when it holds). */
export interface InvariantResult {
  readonly invariant: string;
  readonly violations: readonly string[];
}

export interface Ledger {
  /** Claims the idempotency key and holds the most that the call can cost, or does neither. */
  openCall(open: OpenCall): Promise<OpenCallResult>;
  /** Durable before the first byte goes upstream. False where the call was resolved meanwhile: then nothing may be sent. */
  markDispatched(callId: CallId, deadlineMs: number): Promise<boolean>;
  /** Charges the call, gives back the rest of its hold and signs the receipt. Throws where the charge exceeds the hold. */
  capture(capture: CaptureCall): Promise<CaptureResult>;
  /** Gives the whole hold back: the call costs nothing. */
  release(release: ReleaseCall): Promise<ReleaseResult>;
  /**
   * Notes that a call's answer does not reach its client, whether the answer has come yet or not. For ten minutes the
   * account's next call that asks for the same gets that answer, once. A call with an idempotency key needs no such note.
   */
  markUndelivered(callId: CallId): Promise<void>;
  /** Takes the note back: the account has got the answer in another way. */
  markDelivered(callId: CallId): Promise<void>;
  /**
   * What `openCall` answers to a call without a key if the answer to an earlier one like it is undelivered; undefined if
   * there is none. For a call that is refused before it comes to that.
   */
  collectUndelivered(accountId: AccountId, requestDigest: string): Promise<UndeliveredCall | undefined>;
  balance(accountId: AccountId): Promise<Balance>;
  /** What a key has spent of its budget today (UTC), holds included. */
  spentToday(keyId: KeyId): Promise<MicroUsdc>;
  /** A call of this account; absent and foreign are the same, and so is a text that is no id of a call. */
  findCall(accountId: AccountId, callId: string): Promise<CallRecord | undefined>;
  /** The call that claimed this key, if any. */
  findClaim(accountId: AccountId, idempotencyDigest: string): Promise<CallRecord | undefined>;
  /** A receipt of this account; absent and foreign are the same. */
  findReceipt(accountId: AccountId, receiptId: string): Promise<Receipt | undefined>;
  /** @throws GatewayError INVALID_REQUEST where the cursor is not one of this query's, RATE_LIMITED. */
  usage(query: UsageQuery): Promise<UsagePage>;
  /** @throws GatewayError STORE_UNAVAILABLE where no call at all can be opened now. */
  assertTakesCalls(): void;
  observed(endpoint: string): Promise<Observed>;
  /** Every endpoint that was called in the last 30 days, and when (epoch milliseconds) its last call ended. */
  lastCalled(): Promise<ReadonlyMap<string, number>>;
  /**
   * Credits an account from outside, once for each `reference`. False where the reference was credited before.
   * @throws UncertainCommit where it stays unknown whether it was credited.
   */
  deposit(accountId: AccountId, amountMicroUsdc: MicroUsdc, reference: string): Promise<boolean>;
  /** Releases what is past its deadline (dispatched calls become `unknown`, in the buyer's favour) and drops expired answers. */
  sweep(): Promise<{ readonly released: number; readonly unknown: number; readonly answersDropped: number }>;
  /** Every invariant of the books, recomputed from the rows. */
  check(): Promise<readonly InvariantResult[]>;
  /** Whether the answers that are kept are those of their receipts. Reads every one of them. */
  checkAnswers(): Promise<InvariantResult>;
  /**
   * The invariants of money and states alone, over what was added since they last held: quick enough for every start.
   */
  checkMoney(): Promise<readonly InvariantResult[]>;
}
