/**
 * One history, made from a seed: buyers, an operator and sweepers ask two gateways on one database for everything that a
 * ledger can be asked for, in every order, twice and at once; statements and commits fail, gateways crash and start
 * again, and the clock jumps. Whatever happens, the judge must find the books sound and everybody told the truth.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import type { Clock } from '../../../runtime/clock.js';
import { createAccounts } from '../../../runtime/account/accounts.js';
import { createAuthenticator } from '../../../runtime/account/authenticate.js';
import { createKeys } from '../../../runtime/account/keys.js';
import { GatewayError } from '../../../runtime/gateway-error.js';
import { newCallId } from '../../../runtime/ledger/call-ids.js';
import { createLedger } from '../../../runtime/ledger/create-ledger.js';
import type { AccountId, CallId, OpenCall } from '../../../runtime/ledger/ledger.js';
import { publishKey } from '../../../runtime/receipt/published-keys.js';
import { CommitQueue, type WriteConnection } from '../../../runtime/store/commit-queue.js';
import { migrate } from '../../../runtime/store/migrate.js';
import { MIGRATIONS } from '../../../runtime/store/migrations.js';
import type { PreparedSql } from '../../../runtime/store/sql.js';
import type { Store } from '../../../runtime/store/store.js';
import { captureOf, MINUTE_MS, releaseOf, SIGNER } from '../../ledger/bank.js';
import { Judge, type SimulatedBuyer } from './judge.js';
import { Scheduler } from './scheduler.js';
import type { SimulatedDatabase } from './simulated-database.js';
import { Crashed, SimulatedGateway, type Faults } from './simulated-gateway.js';

export interface History {
  readonly seed: number;
  readonly steps: number;
  /** How many calls somebody was told the end of. */
  readonly calls: number;
  readonly trace: readonly string[];
  /** What the judge found wrong, if anything. */
  readonly failure?: Error;
}

const BUYERS = 3;
const CALLERS = 8;
const CALLS_A_CALLER = 12;
const IDEMPOTENCY_KEYS = 6;
const GATEWAYS = ['east', 'west'] as const;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** @param database an empty one, which is deleted at the end. */
export async function simulate(seed: number, database: SimulatedDatabase): Promise<History> {
  const scheduler = new Scheduler(seed);
  let simulation: Simulation | undefined;
  let failure: Error | undefined;
  let steps = 0;
  try {
    simulation = await Simulation.open(scheduler, database);
    steps = await simulation.run();
  } catch (error) {
    failure = error as Error;
  }
  await database.delete();
  return { seed, steps, calls: simulation?.calls ?? 0, trace: scheduler.trace, ...(failure && { failure }) };
}

/** Time and randomness from the seed. */
class SimulatedClock implements Clock {
  /** 2026-03-09T12:00:00Z. */
  #nowMs = 1_773_057_600_000;

  constructor(private readonly scheduler: Scheduler) {}

  nowMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  randomBytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.scheduler.pick(256));
  }
}

class Simulation {
  readonly #faults: Faults;
  readonly #crashes: number;
  readonly #gateways = new Map<string, SimulatedGateway>();
  readonly #connections = new Map<string, readonly [WriteConnection, PreparedSql]>();
  readonly #judge: Judge;
  #buyers: readonly SimulatedBuyer[] = [];
  /** Accounts that are known to be frozen, and how often each has begun or ended to change. */
  readonly #frozen = new Set<AccountId>();
  readonly #changes = new Map<AccountId, number>();
  #working = 0;
  #failure: Error | undefined;

  private constructor(
    private readonly scheduler: Scheduler,
    private readonly database: SimulatedDatabase,
    private readonly clock: SimulatedClock,
    private readonly operator: Store,
    sql: PreparedSql,
  ) {
    // Some histories are calm, some are all trouble: what hides behind one kind of fault shows without it.
    const likely = () => scheduler.oneOf([0, 0, 0.003, 0.02]);
    this.#faults = {
      statement: likely(),
      conflict: likely(),
      begin: likely(),
      commitBefore: likely() * 3,
      commitAfter: likely() * 3,
    };
    this.#crashes = scheduler.oneOf([0, 0.001, 0.004]);
    this.#judge = new Judge(scheduler, createLedger(operator, { clock, signer: SIGNER }), sql, clock);
  }

  static async open(scheduler: Scheduler, database: SimulatedDatabase): Promise<Simulation> {
    const clock = new SimulatedClock(scheduler);
    const sql = await database.connect();
    const { dialect } = database;
    await migrate(sql, dialect, MIGRATIONS, clock);
    const queue = new CommitQueue(sql);
    const operator: Store = {
      dialect,
      write: (command) => queue.submit(command),
      writeTogether: (group, input) => queue.submitTo(group, input),
      read: sql,
      snapshot: (work) => work(sql),
      patientSnapshot: (work) => work(sql),
      close: () => queue.close(),
    };
    await publishKey(operator, clock, SIGNER.address);
    const simulation = new Simulation(scheduler, database, clock, operator, sql);
    await simulation.#begin();
    return simulation;
  }

  get calls(): number {
    return this.#judge.ended;
  }

  /** Runs the history to its end. How many steps it had. */
  async run(): Promise<number> {
    for (let caller = 0; caller < CALLERS; caller += 1)
      this.#act(`caller ${caller}`, CALLS_A_CALLER, () => this.#call());
    this.#act('operator', 20, () => this.#deposit());
    this.#act('guard', 6, () => this.#freezeOrUnfreeze());
    this.#act('sweeper', 10, () => this.#sweep());
    this.#act('clock', 10, () => this.#passTime());
    let steps = 0;
    while (this.#working > 0) {
      if (this.scheduler.chance(this.#crashes)) {
        // Whoever waited for the gateway may have been the last.
        await this.#crash(this.scheduler.oneOf(GATEWAYS));
        continue;
      }
      assert.ok(await this.scheduler.step(), 'somebody waits for what nobody does');
      steps += 1;
      if (this.#failure !== undefined) throw this.#failure;
    }
    for (const name of GATEWAYS) await this.#crash(name);
    await this.#settleAll();
    await this.#judge.end(this.#buyers);
    return steps;
  }

  async #begin(): Promise<void> {
    const { clock, operator } = this;
    const authenticator = createAuthenticator(operator, { clock });
    const buyers: SimulatedBuyer[] = [];
    for (let index = 0; index < BUYERS; index += 1) {
      const accountId = await createAccounts(operator, { clock, authenticator }).create('buyer');
      const { keyId } = await createKeys(operator, { clock, authenticator }).create({ accountId, name: 'key' });
      buyers.push({ accountId, keyId, dailyLimitMicroUsdc: BigInt(50 + this.scheduler.pick(200)) });
    }
    this.#buyers = buyers;
    for (const name of GATEWAYS) {
      this.#connections.set(name, [await this.database.connect(), await this.database.connect()]);
      this.#start(name);
    }
  }

  #start(name: string): void {
    const [writer, reader] = this.#connections.get(name)!;
    this.#gateways.set(name, new SimulatedGateway(name, this.world, writer, reader, this.#faults));
  }

  /** The world, as a gateway sees it. */
  get world() {
    return { scheduler: this.scheduler, database: this.database, clock: this.clock };
  }

  async #crash(name: string): Promise<void> {
    this.scheduler.note(`${name} crashes`);
    await this.#gateways.get(name)!.crash();
    await this.#judge.books(this.#buyers);
    this.#start(name);
  }

  /** An actor makes this many moves, each when the scheduler says so. */
  #act(name: string, moves: number, move: () => Promise<void>): void {
    this.#working += 1;
    const act = async () => {
      for (let left = moves; left > 0; left -= 1) {
        await this.scheduler.perform(this, name, () => Promise.resolve());
        await move();
      }
    };
    void act()
      .catch((error: Error) => (this.#failure ??= error))
      .finally(() => (this.#working -= 1));
  }

  /** The answer of any gateway; nothing where it crashes, or says that its database has failed. */
  async #ask<Answer>(
    what: string,
    question: (gateway: SimulatedGateway) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const gateway = this.#gateways.get(this.scheduler.oneOf(GATEWAYS))!;
    this.scheduler.note(`  ${what} at ${gateway.name}`);
    try {
      const answer = await gateway.ask(question);
      const outcome = (answer as { readonly outcome?: string } | undefined)?.outcome ?? JSON.stringify(answer);
      this.scheduler.note(`  ${what}: ${outcome ?? 'done'}`);
      return answer;
    } catch (error) {
      const excused = error instanceof Crashed || (error instanceof GatewayError && error.retryable);
      if (!excused) throw error;
      this.scheduler.note(`  ${what}: ${error instanceof Crashed ? 'no answer' : error.code}`);
      return undefined;
    }
  }

  async #call(): Promise<void> {
    const { scheduler, clock } = this;
    const { accountId, keyId, dailyLimitMicroUsdc } = scheduler.oneOf(this.#buyers);
    const key = scheduler.chance(0.5) ? `key ${scheduler.pick(IDEMPOTENCY_KEYS)}` : undefined;
    const idempotencyDigest = key === undefined ? undefined : createHash('sha256').update(key).digest('hex');
    const open: OpenCall = {
      callId: newCallId(clock),
      accountId,
      keyId,
      ...(idempotencyDigest === undefined ? {} : { idempotencyDigest }),
      dailyLimitMicroUsdc,
      endpoint: 'weather/forecast',
      provider: 'weather',
      sellerId: `seller-${scheduler.pick(2)}`,
      requestDigest: scheduler.oneOf(['ab', 'cd']).repeat(32),
      fresh: scheduler.chance(0.2),
      maxChargeMicroUsdc: BigInt(scheduler.pick(12)),
      deadlineMs: clock.nowMs() + MINUTE_MS,
      ...(scheduler.chance(0.5) ? { dispatchDeadlineMs: clock.nowMs() + MINUTE_MS } : {}),
    };
    const { callId } = open;
    const name = callId.slice(0, 13);

    const changes = this.#changes.get(accountId);
    const wasFrozen = this.#frozen.has(accountId);
    const opened = await this.#ask(`open ${name} ${key ?? ''}`, ({ ledger }) => ledger.openCall(open));
    if (opened === undefined) return;
    if (wasFrozen && changes === this.#changes.get(accountId)) {
      assert.ok(opened.outcome === 'frozen' || 'call' in opened, `a frozen account: ${opened.outcome}`);
    }
    if (opened.outcome === 'claimed') return this.#judge.claimed(accountId, idempotencyDigest!, opened.call);
    if (opened.outcome === 'undelivered' || opened.outcome === 'undelivered-running') {
      assert.ok(idempotencyDigest === undefined && !open.fresh, `${opened.outcome} to a call that is not answered so`);
      return this.#judge.answeredWith(accountId, opened.outcome, opened.call);
    }
    if (opened.outcome !== 'opened') return;
    await this.#judge.opened(accountId, callId);

    // The client goes before anything is sent, with or without a word.
    if (scheduler.chance(0.1)) return;
    if (scheduler.chance(0.1)) return this.#resolve(callId, ['release']);

    const deadlineMs = clock.nowMs() + MINUTE_MS;
    const marked =
      open.dispatchDeadlineMs !== undefined ||
      (await this.#ask(`dispatch ${name}`, ({ ledger }) => ledger.markDispatched(callId, deadlineMs)));
    if (marked !== true) return;
    await this.#judge.sent(accountId, callId, idempotencyDigest);
    // The client goes before its call has ended, or after it.
    if (scheduler.chance(0.1)) await this.#lose(callId);
    if (scheduler.chance(0.1)) return;
    const resolutions = [scheduler.oneOf(['capture', 'fail'] as const)];
    while (scheduler.chance(0.2)) {
      const another = scheduler.oneOf(['capture', 'fail'] as const);
      // A call is captured by the one who opened it alone, who so knows a capture that is found for its own. Likewise it
      // is released by one alone for each reason.
      resolutions.push(resolutions.includes('capture') ? 'fail' : another);
    }
    await this.#resolve(callId, resolutions, open.maxChargeMicroUsdc);
    if (scheduler.chance(0.1)) await this.#lose(callId);
  }

  async #lose(callId: CallId): Promise<void> {
    this.#judge.undelivered(callId);
    await this.#ask(`lose ${callId.slice(0, 13)}`, ({ ledger }) => ledger.markUndelivered(callId));
  }

  /** Ends a call in each of these ways at once. At most one of them comes about. */
  async #resolve(callId: CallId, ways: readonly ('capture' | 'fail' | 'release')[], hold = 0n): Promise<void> {
    const name = callId.slice(0, 13);
    const ended = await Promise.all(
      ways.map((way, index) => {
        const charge = BigInt(this.scheduler.pick(Number(hold) + 1));
        return this.#ask(`${way} ${name}`, async ({ ledger }) => {
          if (way === 'capture') return { ...(await ledger.capture(captureOf(callId, charge))), charge };
          const reason = `upstream_status_${500 + index}`;
          if (way === 'fail') return { ...(await ledger.release(releaseOf(callId, { reason }))), charge: 0n };
          return { ...(await ledger.release({ callId, reason: 'client_gone' })), charge: 0n };
        });
      }),
    );
    const winners = ended.filter((end) => end !== undefined && end.outcome !== 'resolved-before');
    assert.ok(winners.length <= 1, `${callId} was resolved ${winners.length} times`);
    for (const end of ended) {
      if (end === undefined) continue;
      if (end.outcome === 'resolved-before') {
        const { state, chargeMicroUsdc } = end.call;
        await this.#judge.resolved(callId, { state, chargeMicroUsdc });
      } else {
        await this.#judge.resolved(callId, { state: end.outcome, chargeMicroUsdc: end.charge });
      }
    }
  }

  async #deposit(): Promise<void> {
    const index = this.scheduler.pick(10);
    const [reference, { accountId }, amount] = [`deposit:${index}`, this.#buyers[index % BUYERS]!, BigInt(100 + index)];
    this.#judge.depositing(reference, accountId, amount);
    const times = 1 + this.scheduler.pick(2);
    await Promise.all(
      Array.from({ length: times }, async () => {
        const first = await this.#ask(reference, ({ ledger }) => ledger.deposit(accountId, amount, reference));
        if (first !== undefined) this.#judge.deposited(reference, first);
      }),
    );
  }

  async #freezeOrUnfreeze(): Promise<void> {
    const [frozen] = this.#frozen;
    const freeze = frozen === undefined && this.scheduler.chance(0.5);
    const accountId = frozen ?? this.scheduler.oneOf(this.#buyers).accountId;
    const change = () => this.#changes.set(accountId, (this.#changes.get(accountId) ?? 0) + 1);
    change();
    this.#frozen.delete(accountId);
    const done = await this.#ask(
      `${freeze ? 'freeze' : 'unfreeze'} ${accountId.slice(0, 13)}`,
      async ({ accounts }) => {
        await (freeze ? accounts.freeze(accountId) : accounts.unfreeze(accountId));
        return true;
      },
    );
    change();
    if (freeze && done === true) this.#frozen.add(accountId);
  }

  async #sweep(): Promise<void> {
    await this.#ask('sweep', ({ ledger }) => ledger.sweep());
  }

  #passTime(): Promise<void> {
    const ms = this.scheduler.oneOf([1, 1_000, 30_000, MINUTE_MS, 2 * MINUTE_MS, DAY_MS]);
    this.clock.advance(ms);
    this.scheduler.note(`  ${ms} ms pass`);
    return Promise.resolve();
  }

  /** Two days later, on a database that works: every open call is swept, every deposit arrives. */
  async #settleAll(): Promise<void> {
    this.clock.advance(2 * DAY_MS);
    const ledger = createLedger(this.operator, { clock: this.clock, signer: SIGNER });
    await this.scheduler.aside(() => ledger.sweep());
    for (const { reference, accountId, amount } of this.#judge.asked) {
      this.#judge.deposited(reference, await this.scheduler.aside(() => ledger.deposit(accountId, amount, reference)));
    }
  }
}
