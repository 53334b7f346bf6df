/**
 * What Prometheus scrapes. Counting is done on the way of each call and costs next to nothing; everything else is asked
 * for when somebody scrapes, of whoever knows it.
 */

import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

import type { RefusalStatus } from '../credential/credential.js';
import { BREAKER_STATES, type BreakerState } from '../upstream/breakers.js';
import { DurationHistograms } from './duration-histograms.js';

/** Asked at each scrape. */
export interface MetricSources {
  /** Calls under way and waiting for a place, by provider. */
  readonly loads: () => ReadonlyMap<string, { readonly running: number; readonly waiting: number }>;
  readonly breakers: () => ReadonlyMap<string, BreakerState>;
  /** Bytes of answers under way. */
  readonly answerBytes: () => number;
  /** Connections of clients. */
  readonly connections: () => Promise<number>;
  readonly backlog: () => { readonly commands: number; readonly oldestMs: number };
  /** Undefined where the store does not answer. */
  readonly holds: () => Promise<{ readonly calls: number; readonly oldestMs: number } | undefined>;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #outcomes = new Map<string, Map<string, number>>();
  readonly #replays = new Map<string, number>();
  /** Whole micro-USDC: a number adds up to nine billion USDC of them exactly, and Prometheus knows no other. */
  #chargedMicroUsdc = 0;
  readonly #operationTimes = new DurationHistograms({
    name: 'tollgate_operation_seconds',
    help: 'Time that an operation ran, from its arguments to its answer.',
    labelName: 'operation',
    registry: this.#registry,
  });
  readonly #stageTimes = new DurationHistograms({
    name: 'tollgate_call_stage_seconds',
    help: 'Time of the stages of a call: authenticate, hold (until it is durable), upstream (each attempt), settle.',
    labelName: 'stage',
    registry: this.#registry,
  });

  readonly #refusals = new Counter({
    name: 'tollgate_credential_refusals_total',
    help: 'Answers by which an upstream refused or limited the credential that it was sent: 401, 403, 429.',
    labelNames: ['provider', 'status'],
    registers: [this.#registry],
  });

  readonly #retries = new Counter({
    name: 'tollgate_upstream_retries_total',
    help: 'Requests that were sent to an upstream again within one call, by provider.',
    labelNames: ['provider'],
    registers: [this.#registry],
  });

  constructor(sources: MetricSources) {
    collectDefaultMetrics({ register: this.#registry });
    const outcomes = this.#outcomes;
    new Counter({
      name: 'tollgate_operations_total',
      help: 'Operations by name and outcome: ok, or the code of the error.',
      labelNames: ['operation', 'outcome'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [operation, counts] of outcomes) {
          for (const [outcome, count] of counts) this.inc({ operation, outcome }, count);
        }
      },
    });
    const replays = this.#replays;
    new Counter({
      name: 'tollgate_replays_total',
      help: 'Operations that answered with an earlier outcome again, which cost nothing, by name.',
      labelNames: ['operation'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [operation, count] of replays) this.inc({ operation }, count);
      },
    });
    const chargedUsdc = (): number => this.#chargedMicroUsdc / 1_000_000;
    new Counter({
      name: 'tollgate_charged_usdc_total',
      help: 'USDC that calls were charged; what is answered again counts once.',
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(chargedUsdc());
      },
    });
    this.#addGauges(sources);
  }

  /** @param operation of a known set: each name is a time series of its own, for as long as the process runs. */
  observe(operation: string, outcome: string, milliseconds: number): void {
    let counts = this.#outcomes.get(operation);
    if (counts === undefined) this.#outcomes.set(operation, (counts = new Map<string, number>()));
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    this.#operationTimes.observe(operation, milliseconds);
  }

  /** @param charged USDC as on the wire. */
  countCharge(charged: string): void {
    this.#chargedMicroUsdc += Math.round(Number(charged) * 1_000_000);
  }

  /** @param operation as for `observe`. */
  countReplay(operation: string): void {
    this.#replays.set(operation, (this.#replays.get(operation) ?? 0) + 1);
  }

  observeStage(stage: string, milliseconds: number): void {
    this.#stageTimes.observe(stage, milliseconds);
  }

  countRefusal(provider: string, status: RefusalStatus): void {
    this.#refusals.inc({ provider, status });
  }

  countRetry(provider: string): void {
    this.#retries.inc({ provider });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text exposition format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #addGauges({ loads, breakers, answerBytes, connections, backlog, holds }: MetricSources): void {
    const registers = [this.#registry];
    const calls = (name: string, help: string, of: 'running' | 'waiting'): Gauge =>
      new Gauge({
        name,
        help,
        labelNames: ['provider'],
        registers,
        collect() {
          this.reset();
          for (const [provider, load] of loads()) this.set({ provider }, load[of]);
        },
      });
    calls('tollgate_upstream_calls', 'Calls under way, by provider.', 'running');
    calls('tollgate_upstream_queue_calls', 'Calls that wait for a place among their provider’s.', 'waiting');
    new Gauge({
      name: 'tollgate_breaker_state',
      help: `Breakers of the providers that were called: ${BREAKER_STATES.map((state, at) => `${at} ${state}`).join(', ')}.`,
      labelNames: ['provider'],
      registers,
      collect() {
        this.reset();
        for (const [provider, state] of breakers()) this.set({ provider }, BREAKER_STATES.indexOf(state));
      },
    });
    const value = (name: string, help: string, now: () => number | Promise<number | undefined>): Gauge =>
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          const known = await now();
          if (known === undefined) this.remove();
          else this.set(known);
        },
      });
    value('tollgate_answer_bytes', 'Bytes of answers that are received or wait for their client.', answerBytes);
    value('tollgate_client_connections', 'Connections of clients.', connections);
    value(
      'tollgate_ledger_backlog_commands',
      'Commands of the ledger that are not durable yet.',
      () => backlog().commands,
    );
    value(
      'tollgate_ledger_lag_seconds',
      'Age of the oldest command of the ledger that is not durable yet.',
      () => backlog().oldestMs / 1000,
    );
    // Both belong to one scrape, and to one look at the store.
    let asked: ReturnType<typeof holds> | undefined;
    const open = () => (asked ??= holds().finally(() => (asked = undefined)));
    value('tollgate_holds_open', 'Calls that are held and not settled.', async () => (await open())?.calls);
    value('tollgate_holds_oldest_seconds', 'Age of the oldest call that is held and not settled.', async () => {
      const found = await open();
      return found === undefined ? undefined : found.oldestMs / 1000;
    });
  }
}
