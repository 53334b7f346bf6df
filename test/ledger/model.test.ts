/**
 * The ledger against a model that fits on a page, over random commands: whatever is done in whatever order, both say the
 * same of every outcome, balance and state, and the books hold. fast-check prints the seed and the shortest commands
 * that fail.
 */

import assert from 'node:assert/strict';

import fc from 'fast-check';

import { createAccounts, type Accounts } from '../../runtime/account/accounts.js';
import { createAuthenticator } from '../../runtime/account/authenticate.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import type { AccountId, CallId, CallState, KeyId, Ledger } from '../../runtime/ledger/ledger.js';
import { amount } from '../../runtime/store/column.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, MINUTE_MS, releaseOf, SIGNER } from './bank.js';

const FEE_BPS = 2_500;
const DAILY_LIMIT = 60n;

interface ModelCall {
  state: CallState;
  deadlineMs: number;
  key: number | undefined;
  charge: bigint;
  /** Its answer counts as undelivered before this time. */
  lostUntilMs: number;
  sent: boolean;
  /** It ended in a way that the next call like it has to be told of, where its own client was not. */
  tellable: boolean;
  readonly held: bigint;
  readonly day: number;
  readonly request: number;
}

const UNDELIVERED_MS = 10 * MINUTE_MS;

class Model {
  available = 0n;
  frozen = false;
  readonly calls: ModelCall[] = [];
  readonly deposits = new Set<number>();

  deposit(reference: number, micro: bigint): boolean {
    if (this.deposits.has(reference)) return false;
    this.deposits.add(reference);
    this.available += micro;
    return true;
  }
  open(held: bigint, key: number | undefined, request: number, fresh: boolean, nowMs: number): string {
    if (key !== undefined && this.calls.some((call) => call.key === key)) return 'claimed';
    const repeats = key === undefined && !fresh;
    const owed = repeats ? this.collect(request, nowMs) : undefined;
    if (owed !== undefined) return owed;
    if (this.frozen) return 'frozen';
    if (this.available < held) return 'insufficient-funds';
    const day = Math.floor(nowMs / (24 * 60 * MINUTE_MS));
    if (held > 0n && this.spent(day) + held > DAILY_LIMIT) return 'over-daily-limit';
    this.available -= held;
    if (repeats) for (const call of this.lost(request, nowMs)) call.lostUntilMs = 0;
    const deadlineMs = nowMs + MINUTE_MS;
    const ended = { sent: false, tellable: false, lostUntilMs: 0 };
    this.calls.push({ state: 'held', deadlineMs, key, charge: 0n, ...ended, held, day, request });
    return 'opened';
  }
  collect(request: number, nowMs: number): string | undefined {
    const lost = this.lost(request, nowMs);
    if (lost.some((call) => call.tellable)) return 'undelivered';
    return lost.some(isOpen) ? 'undelivered-running' : undefined;
  }
  lost(request: number, nowMs: number): ModelCall[] {
    return this.calls.filter((call) => call.request === request && call.lostUntilMs > nowMs);
  }
  lose(call: ModelCall, nowMs: number): void {
    const neverSent = call.state === 'released' && !call.sent;
    if (call.key === undefined && !neverSent) call.lostUntilMs = nowMs + UNDELIVERED_MS;
  }
  dispatch(call: ModelCall, deadlineMs: number): boolean {
    if (call.state !== 'held') return false;
    Object.assign(call, { state: 'dispatched', deadlineMs, sent: true });
    return true;
  }
  end(call: ModelCall, state: CallState, charge: bigint, { freesKey = false, again = false } = {}): string {
    if (!isOpen(call)) return 'resolved-before';
    const sent = call.sent && !freesKey;
    const tellable = state !== 'released' || (sent && !again);
    Object.assign(call, { state, charge, sent, tellable, key: freesKey ? undefined : call.key });
    this.available += call.held - charge;
    return state;
  }
  sweep(nowMs: number): void {
    for (const call of this.calls.filter((each) => isOpen(each) && each.deadlineMs <= nowMs)) {
      const wasHeld = call.state === 'held';
      this.end(call, wasHeld ? 'released' : 'unknown', 0n, { freesKey: wasHeld });
    }
  }
  held(): bigint {
    return this.calls.reduce((sum, call) => sum + (isOpen(call) ? call.held : 0n), 0n);
  }
  spent(day: number): bigint {
    const ofDay = this.calls.filter((call) => call.day === day);
    return ofDay.reduce((sum, call) => sum + (isOpen(call) ? call.held : call.charge), 0n);
  }
  fees(): bigint {
    return this.calls.reduce((sum, { charge }) => sum + (charge * BigInt(FEE_BPS)) / 10_000n, 0n);
  }
}

function isOpen({ state }: ModelCall): boolean {
  return state === 'held' || state === 'dispatched';
}

const call = fc.nat();
const step = fc.oneof(
  fc.record({ do: fc.constant('deposit' as const), reference: fc.nat(4), micro: fc.constant(40n) }),
  fc.record({
    do: fc.constant('open' as const),
    held: fc.bigInt({ min: 0n, max: 45n }),
    key: fc.option(fc.nat(3), { nil: undefined }),
    request: fc.nat(1),
    fresh: fc.boolean(),
  }),
  fc.record({ do: fc.constant('lose' as const), call }),
  fc.record({ do: fc.constant('collect' as const), request: fc.nat(1) }),
  fc.record({ do: fc.constant('dispatch' as const), call }),
  fc.record({ do: fc.constant('capture' as const), call, percent: fc.bigInt({ min: 0n, max: 100n }) }),
  fc.record({ do: fc.constant('release' as const), call, told: fc.boolean(), again: fc.boolean() }),
  fc.record({ do: fc.constant('freeze' as const), frozen: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 2, 24 * 60) }),
  fc.record({ do: fc.constant('sweep' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

for (const kind of STORES) {
  describe(`the ledger against its model on ${kind.name}`, function () {
    this.timeout(120_000);
    let bank: Bank;
    let ledger: Ledger;
    let accounts: Accounts;

    before(async () => {
      bank = await Bank.open(kind);
      const { store, clock } = bank;
      ledger = createLedger(store, { clock, signer: SIGNER, platformFeeBps: FEE_BPS });
      accounts = createAccounts(store, { clock, authenticator: createAuthenticator(store, { clock }) });
    });
    after(() => bank.close());

    it('says the same of every outcome, balance and state', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
          const run = new Run(bank, ledger, accounts, ...(await bank.buyer()));
          for (const each of steps) {
            await run.take(each);
            await run.compareBalance();
          }
          await run.compareCalls();
        }),
        { numRuns: 60 },
      );
    });
  });
}

/** The same commands to the ledger and to the model, for a buyer and a seller of their own. */
class Run {
  readonly #model = new Model();
  readonly #calls: CallId[] = [];

  constructor(
    private readonly bank: Bank,
    private readonly ledger: Ledger,
    private readonly accounts: Accounts,
    private readonly accountId: AccountId,
    private readonly keyId: KeyId,
  ) {}

  async take(step: Step): Promise<void> {
    const { ledger, accountId } = this;
    const nowMs = this.bank.clock.nowMs();
    switch (step.do) {
      case 'deposit': {
        const credited = await ledger.deposit(accountId, step.micro, `model:${accountId}:${step.reference}`);
        assert.equal(credited, this.#model.deposit(step.reference, step.micro));
        break;
      }
      case 'open':
        await this.#open(step, nowMs);
        break;
      case 'lose':
        await this.#of(step.call, async (callId, model) => {
          await ledger.markUndelivered(callId);
          this.#model.lose(model, nowMs);
        });
        break;
      case 'collect':
        await this.#collect(step.request, nowMs);
        break;
      case 'dispatch':
        await this.#of(step.call, async (callId, model) => {
          const deadlineMs = nowMs + 2 * MINUTE_MS;
          assert.equal(await ledger.markDispatched(callId, deadlineMs), this.#model.dispatch(model, deadlineMs));
        });
        break;
      case 'capture':
        await this.#of(step.call, async (callId, model) => {
          const charge = (model.held * step.percent) / 100n;
          const { outcome } = await ledger.capture(captureOf(callId, charge));
          assert.equal(outcome, this.#model.end(model, 'captured', charge));
        });
        break;
      case 'release':
        await this.#of(step.call, async (callId, model) => {
          const told = { error: { code: 'UPSTREAM_ERROR', retryable: step.again } };
          const release = step.told ? releaseOf(callId, { told }) : { callId, reason: 'client_gone' };
          const { outcome } = await ledger.release(release);
          const ended = { freesKey: !step.told, again: step.told && step.again };
          assert.equal(outcome, this.#model.end(model, 'released', 0n, ended));
        });
        break;
      case 'freeze':
        await (step.frozen ? this.accounts.freeze(accountId) : this.accounts.unfreeze(accountId));
        this.#model.frozen = step.frozen;
        break;
      case 'wait':
        this.bank.clock.advance(step.minutes * MINUTE_MS);
        break;
      case 'sweep':
        await ledger.sweep();
        this.#model.sweep(nowMs);
        break;
    }
  }

  async compareBalance(): Promise<void> {
    assert.deepEqual(await this.ledger.balance(this.accountId), {
      availableMicroUsdc: this.#model.available,
      heldMicroUsdc: this.#model.held(),
    });
  }

  /** Each call is as the model has it, and its seller and the platform have what they are due. */
  async compareCalls(): Promise<void> {
    for (const [index, model] of this.#model.calls.entries()) {
      const found = await this.ledger.findCall(this.accountId, this.#calls[index]!);
      assert.deepEqual([found?.state, found?.chargeMicroUsdc], [model.state, model.charge]);
      assert.equal(found?.receipt === undefined, model.state !== 'captured');
    }
    const [row] = await this.bank.store.read.rows(
      "SELECT CAST(COALESCE(SUM(amount), 0) AS TEXT) AS fees FROM transfers WHERE credit_account = 'platform' AND debit_account = ?",
      [`seller:${this.#sellerId}`],
    );
    assert.equal(amount(row!, 'fees'), this.#model.fees());
  }

  async #open({ held, key, request, fresh }: Extract<Step, { do: 'open' }>, nowMs: number): Promise<void> {
    const open = this.bank.call({
      accountId: this.accountId,
      keyId: this.keyId,
      sellerId: this.#sellerId,
      maxChargeMicroUsdc: held,
      requestDigest: String(request).padStart(64, '0'),
      fresh,
      dailyLimitMicroUsdc: DAILY_LIMIT,
      ...(key === undefined ? {} : { idempotencyDigest: String(key).padStart(64, '0') }),
    });
    const opened = await this.ledger.openCall(open);
    assert.equal(opened.outcome, this.#model.open(held, key, request, fresh, nowMs));
    if (opened.outcome === 'opened') this.#calls.push(open.callId);
    if (opened.outcome === 'undelivered') this.#tell(opened.call.callId, request, nowMs);
  }

  async #collect(request: number, nowMs: number): Promise<void> {
    const collected = await this.ledger.collectUndelivered(this.accountId, String(request).padStart(64, '0'));
    assert.equal(collected?.outcome, this.#model.collect(request, nowMs));
    if (collected?.outcome === 'undelivered') this.#tell(collected.call.callId, request, nowMs);
  }

  /** Of several that are alike any will do, once. */
  #tell(callId: CallId, request: number, nowMs: number): void {
    const told = this.#model.calls[this.#calls.indexOf(callId)]!;
    assert.ok(told.request === request && told.tellable && told.lostUntilMs > nowMs);
    told.lostUntilMs = 0;
  }

  async #of(call: number, work: (callId: CallId, model: ModelCall) => Promise<void>): Promise<void> {
    if (this.#calls.length === 0) return;
    const index = call % this.#calls.length;
    await work(this.#calls[index]!, this.#model.calls[index]!);
  }

  get #sellerId(): string {
    return `seller-of-${this.accountId}`;
  }
}
