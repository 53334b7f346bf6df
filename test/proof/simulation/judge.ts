/**
 * Knows what the actors were told, and nothing of how the ledger works: whatever it is told is compared at once with
 * what is committed, and at the end of a history with all that was said in it.
 */

import assert from 'node:assert/strict';

import { checkMoney } from '../../../runtime/ledger/check-ledger.js';
import type { Clock } from '../../../runtime/clock.js';
import type { AccountId, CallId, CallRecord, KeyId, Ledger } from '../../../runtime/ledger/ledger.js';
import type { PreparedSql } from '../../../runtime/store/sql.js';
import type { Scheduler } from './scheduler.js';
import { FREE_ANSWER_BYTES } from './simulated-gateway.js';

/** How long what was paid for is kept. */
const DAY_MS = 24 * 60 * 60_000;

export interface SimulatedBuyer {
  readonly accountId: AccountId;
  readonly keyId: KeyId;
  readonly dailyLimitMicroUsdc: bigint;
}

/** What somebody was told of the end of a call. */
interface End {
  readonly state: string;
  readonly chargeMicroUsdc: bigint;
}

export class Judge {
  readonly #ends = new Map<CallId, End>();
  readonly #owners = new Map<CallId, AccountId>();
  readonly #sent = new Map<CallId, number>();
  /** The call that was told to have claimed a key and was sent upstream: no other call may have the key after it. */
  readonly #claims = new Map<string, CallId>();
  readonly #deposits = new Map<string, { readonly accountId: AccountId; readonly amount: bigint }>();
  readonly #credited = new Set<string>();
  /** How often it was noted of a call, or tried to, that its answer is undelivered, less how often it was given since. */
  readonly #undelivered = new Map<CallId, number>();

  constructor(
    private readonly scheduler: Scheduler,
    /** Over connections of the judge's own, which no fault touches. */
    private readonly ledger: Ledger,
    private readonly sql: PreparedSql,
    private readonly clock: Clock,
  ) {}

  get ended(): number {
    return this.#ends.size;
  }

  /** A call was acknowledged: it is in the books. */
  async opened(accountId: AccountId, callId: CallId): Promise<void> {
    this.#owners.set(callId, accountId);
    await this.#committed(callId, 'an opened call');
  }

  /** The key had been claimed by this call, somebody was told. */
  claimed(accountId: AccountId, digest: string, call: CallRecord): void {
    assert.equal(call.accountId, accountId, "a claim is another account's");
    const first = this.#claims.get(`${accountId} ${digest}`);
    if (first !== undefined)
      assert.equal(call.callId, first, 'a key that was used upstream was claimed by another call');
    const end = this.#ends.get(call.callId);
    if (end !== undefined) this.#same(call, end);
  }

  /** The client of the call goes, and the gateway is about to note it. */
  undelivered(callId: CallId): void {
    this.#undelivered.set(callId, (this.#undelivered.get(callId) ?? 0) + 1);
  }

  /** Somebody was answered with this call in the place of one of its own, or asked to wait for it. */
  answeredWith(accountId: AccountId, outcome: 'undelivered' | 'undelivered-running', call: CallRecord): void {
    assert.equal(call.accountId, accountId, "an undelivered answer is another account's");
    const left = this.#undelivered.get(call.callId) ?? 0;
    assert.ok(left > 0, `${call.callId} was given in the place of another, and its answer was not lost since`);
    if (outcome === 'undelivered-running') return;
    this.#undelivered.set(call.callId, left - 1);
    const end = this.#ends.get(call.callId);
    if (end !== undefined) this.#same(call, end);
  }

  /** The call is about to be sent upstream. */
  async sent(accountId: AccountId, callId: CallId, digest: string | undefined): Promise<void> {
    const count = (this.#sent.get(callId) ?? 0) + 1;
    this.#sent.set(callId, count);
    assert.equal(count, 1, `${callId} was sent twice`);
    if (digest !== undefined) {
      const key = `${accountId} ${digest}`;
      assert.equal(this.#claims.get(key), undefined, `${digest} was sent upstream for two calls`);
      this.#claims.set(key, callId);
    }
    const call = await this.#committed(callId, 'a call that is sent');
    assert.notEqual(call.state, 'held', `${callId} is sent, and its dispatch is not durable`);
  }

  /** Somebody was told how the call ended. */
  async resolved(callId: CallId, end: End): Promise<void> {
    const before = this.#ends.get(callId);
    if (before !== undefined) assert.deepEqual(end, before, `${callId} ended twice`);
    this.#ends.set(callId, end);
    this.#same(await this.#committed(callId, 'a call that has ended'), end);
  }

  /** A deposit is asked for, maybe not for the first time. */
  depositing(reference: string, accountId: AccountId, amount: bigint): void {
    this.#deposits.set(reference, { accountId, amount });
  }

  /** Every deposit that was asked for. */
  get asked() {
    return [...this.#deposits].map(([reference, deposit]) => ({ reference, ...deposit }));
  }

  deposited(reference: string, first: boolean): void {
    if (!first) return;
    assert.ok(!this.#credited.has(reference), `${reference} was credited twice`);
    this.#credited.add(reference);
  }

  /** What holds at any moment. */
  async books(buyers: readonly SimulatedBuyer[]): Promise<void> {
    await this.scheduler.aside(async () => {
      for (const { invariant, violations } of await checkMoney(this.sql)) assert.deepEqual(violations, [], invariant);
      for (const { keyId, dailyLimitMicroUsdc } of buyers) {
        const over = await this.sql.rows(
          `SELECT day FROM calls WHERE key_id = ? GROUP BY day
            HAVING SUM(CASE WHEN state IN ('held', 'dispatched') THEN hold ELSE charge END) > CAST(? AS BIGINT)`,
          [keyId, dailyLimitMicroUsdc.toString()],
        );
        assert.deepEqual(over, [], `${keyId} spent more than its day allows`);
      }
      const hoarded = await this.sql.rows(
        `SELECT free_account FROM answers WHERE free_account IS NOT NULL GROUP BY free_account
          HAVING MAX(free_end) - MIN(free_end) >= ${FREE_ANSWER_BYTES}`,
      );
      assert.deepEqual(hoarded, [], 'more is stored for nothing than there is room for');
    });
  }

  /** What holds when everything has ended: every deposit was asked for until it was acknowledged. */
  async end(buyers: readonly SimulatedBuyer[]): Promise<void> {
    await this.books(buyers);
    await this.scheduler.aside(async () => {
      const [receipts] = (await this.ledger.check()).slice(-1);
      assert.deepEqual(receipts!.violations, [], receipts!.invariant);
    });
    for (const { accountId } of buyers) {
      const { availableMicroUsdc, heldMicroUsdc } = await this.scheduler.aside(() => this.ledger.balance(accountId));
      const { total } = await this.scheduler.aside(() => this.ledger.usage({ accountId, limit: 1 }));
      const deposited = [...this.#deposits.values()]
        .filter((deposit) => deposit.accountId === accountId)
        .reduce((sum, { amount }) => sum + amount, 0n);
      assert.equal(heldMicroUsdc, 0n);
      assert.equal(availableMicroUsdc + total!.chargedMicroUsdc, deposited, `the money of ${accountId}`);
    }
    for (const [callId, end] of this.#ends) this.#same(await this.#committed(callId, 'a call that has ended'), end);
    for (const [callId, accountId] of this.#owners) {
      const call = await this.#find(accountId, callId);
      if (call?.state === 'captured') assert.equal(this.#sent.get(callId), 1, `${callId} was charged and never sent`);
    }
  }

  #same({ callId, state, chargeMicroUsdc, receipt, told, finishedAtMs }: CallRecord, end: End): void {
    assert.deepEqual({ state, chargeMicroUsdc }, end, `${callId} is not what was told of it`);
    const isKept = chargeMicroUsdc > 0n && this.clock.nowMs() < finishedAtMs! + DAY_MS;
    assert.ok(!isKept || told !== undefined, `the answer of ${callId} was paid for and is gone before its day is over`);
    assert.equal(receipt !== undefined, state === 'captured', `a receipt of ${callId}, which is ${state}`);
  }

  async #committed(callId: CallId, what: string): Promise<CallRecord> {
    const call = await this.#find(this.#owners.get(callId)!, callId);
    assert.ok(call !== undefined, `${what}, ${callId}, was acknowledged and is not committed`);
    return call;
  }

  #find(accountId: AccountId, callId: CallId): Promise<CallRecord | undefined> {
    return this.scheduler.aside(() => this.ledger.findCall(accountId, callId));
  }
}
