/**
 * Group commit: commands wait in a queue, and one transaction at a time executes all that are waiting, in order, so that
 * they share one flush to disk. Those that come in a group share their statements as well, and where the database lets
 * them be written without a lock, a batch is planned while the one before it is being written.
 *
 * Invariant: a command's promise resolves only after the COMMIT that holds its writes has returned. A command that
 * throws takes nobody with it: its batch is undone and the batch's commands are run one by one, so that only the culprit
 * is rejected. A command may therefore run more than once, and must have no effect outside of its transaction. What was
 * planned upon a batch that then was not written is planned anew.
 */

import { setImmediate } from 'node:timers/promises';

import { ChangedMeanwhile } from './changed-meanwhile.js';
import type { PreparedSql, RoutineCall, Sql } from './sql.js';
import { mayBeCommitted, storeFault, storeUnavailable, UncertainCommit } from './store-fault.js';

/** Reads and writes as it goes. */
export type Command<Result> = (sql: Sql) => Promise<Result>;

/**
 * Executes commands of one kind together: it reads, and returns what is to be written, with one result for each command
 * in their order. A command that is rejected must have written nothing. If it throws, all of its commands count as
 * having thrown.
 * @param basis given if it may have read before: see `Basis`. Without it, what it reads cannot change before it is
 *   written upon.
 */
export type GroupCommand<Input, Result> = (
  sql: PreparedSql,
  inputs: readonly Input[],
  basis: Basis | undefined,
) => Promise<Plan<PromiseSettledResult<Result>>>;

/**
 * Stands for the state that earlier plans were made upon. As long as a group is given the same object, it may plan as
 * if nothing but its own plans had been written since, and as if all of those will be written before this one. If that
 * turns out wrong, the plan is dropped in time and made again without a basis.
 */
export type Basis = object;

export interface Plan<Result> {
  /** Carried out in their order. */
  readonly writes: readonly RoutineCall[];
  /** The results themselves, or a function that reads them once the writes are done. */
  readonly results: readonly Result[] | (() => Promise<readonly Result[]>);
}

/** The one connection that writes. `begin` waits for every other writer of the database, in this process and others. */
export interface WriteConnection extends PreparedSql {
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Undoes the open transaction, if there is one. Never throws: a broken connection has undone it already. */
  rollback(): Promise<void>;
  /**
   * Begins without a lock. Undefined if the database cannot check, when it writes, whether what was read still holds.
   */
  beginOptimistically(): Promise<Optimistic | undefined>;
}

/** Reads and writes without a lock. It is of no more use once another connection has written. */
export interface Optimistic {
  /** To read with, while nothing is being written. */
  readonly sql: PreparedSql;
  /**
   * A transaction of its own, durable when it resolves.
   * @throws ChangedMeanwhile where another connection has written since the beginning; then nothing is written.
   */
  write(call: RoutineCall): Promise<void>;
  /**
   * Checks the same without writing.
   * @throws ChangedMeanwhile
   */
  verify(): Promise<void>;
  end(): Promise<void>;
}

interface Waiting {
  readonly work: Command<unknown> | { readonly group: GroupCommand<unknown, unknown>; readonly input: unknown };
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

type Settled = PromiseSettledResult<unknown>;

/** Bounds what one transaction holds in memory and how long the first of a batch waits for the last. */
const MAX_BATCH = 128;

/** How often a transaction that the database undid for the sake of another one is tried again. */
const MAX_CONFLICT_RETRIES = 5;

/**
 * How many batches take a lock after one that needed it. What was in the way of that one, such as clients that repeat
 * their calls, or another gateway, is often in the way of the next, and a plan in vain costs half as much time again.
 */
const LOCKED_BATCHES = 16;

export class CommitQueue {
  readonly #connection: WriteConnection;
  readonly #maxBatch: number;
  readonly #lockedBatches: number;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;
  /** What batches are written with as long as none needs a lock; it ends with the first that does. */
  #optimistic: Optimistic | undefined;
  /** The one group whose batches were planned since that began. */
  #planned: { readonly group: GroupCommand<unknown, unknown>; readonly basis: Basis } | undefined;
  /** Resolves when the last planned batch has ended: with true if all that was planned is written. Never rejects. */
  #written: Promise<boolean> = Promise.resolve(true);
  /** How many more batches take a lock because one before them needed it. */
  #lockedLeft = 0;

  constructor(
    connection: WriteConnection,
    options: { readonly maxBatch?: number; readonly lockedBatches?: number } = {},
  ) {
    const { maxBatch = MAX_BATCH, lockedBatches = LOCKED_BATCHES } = options;
    this.#connection = connection;
    this.#maxBatch = maxBatch;
    this.#lockedBatches = lockedBatches;
  }

  /**
   * Resolves with the command's result when it is durable.
   * @throws GatewayError `STORE_UNAVAILABLE` where the database fails, `UncertainCommit` where the command may have been
   *   carried out all the same; else whatever the command throws.
   */
  submit<Result>(command: Command<Result>): Promise<Result> {
    return this.#submit(command);
  }

  /** The same for a command that is executed together with those of its group that stand beside it in the queue. */
  submitTo<Input, Result>(group: GroupCommand<Input, Result>, input: Input): Promise<Result> {
    return this.#submit({ group: group as GroupCommand<unknown, unknown>, input });
  }

  /** Takes no more commands and resolves when those that wait are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#written;
    await this.#endOptimistic();
  }

  #submit<Result>(work: Waiting['work']): Promise<Result> {
    if (this.#closed) return Promise.reject(storeUnavailable(new Error('the store is closed')));
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject } as Waiting);
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Those whose commands have just been answered get a turn, so that their next ones share this batch.
      await setImmediate();
      const batch = this.#waiting.slice(0, this.#maxBatch);
      this.#waiting = this.#waiting.slice(this.#maxBatch);
      if (await this.#planOptimistically(batch)) continue;
      await this.#written;
      await this.#execute(batch);
    }
    this.#draining = undefined;
  }

  /**
   * Plans a batch that can do without a lock, and begins to write it when the one before is written.
   * @returns false where it needs a transaction, and then nothing is written of it.
   */
  async #planOptimistically(batch: readonly Waiting[]): Promise<boolean> {
    const [run, ...others] = runsOf(batch);
    if (run?.group === undefined || others.length > 0) return false;
    if (this.#lockedLeft > 0) {
      this.#lockedLeft -= 1;
      return false;
    }
    const { group, inputs } = run;
    // If the batch before cannot be written, that may end `#optimistic` and take the connection.
    if (this.#optimistic === undefined) {
      await this.#written;
      // By now, whatever could not be written was executed in another way, and nothing is planned upon it.
      this.#written = Promise.resolve(true);
    }
    const optimistic = await this.#beginOptimistically();
    if (optimistic === undefined) return false;
    if (this.#planned?.group !== group) this.#planned = { group, basis: {} };
    const before = this.#written;
    // An error may come of reads that are out of date. It counts only within a transaction.
    const plan = await group(readingAfter(before, optimistic.sql), inputs, this.#planned.basis).catch(() => undefined);
    if (!(await before)) return false;
    if (plan === undefined) {
      this.#lockedLeft = this.#lockedBatches;
      return false;
    }
    const { writes, results } = plan;
    if (writes.length > 1 || typeof results === 'function') return false;
    this.#written = this.#writeOptimistically(optimistic, batch, writes, results);
    return true;
  }

  async #beginOptimistically(): Promise<Optimistic | undefined> {
    // If the database fails here, the transaction that is begun instead will report it.
    this.#optimistic ??= await this.#connection.beginOptimistically().catch(() => undefined);
    return this.#optimistic;
  }

  /** Answers the batch once its plan is durable. If it cannot be written, the batch is executed in another way. */
  async #writeOptimistically(
    optimistic: Optimistic,
    batch: readonly Waiting[],
    writes: readonly RoutineCall[],
    results: readonly Settled[],
  ): Promise<boolean> {
    try {
      for (const call of writes) await optimistic.write(call);
      if (writes.length === 0) await optimistic.verify();
    } catch (error) {
      this.#lockedLeft = this.#lockedBatches;
      await this.#endOptimistic();
      // The schema may have refused what was not looked up. In a transaction of its own the group looks up everything.
      if (error instanceof ChangedMeanwhile || storeFault(error) === 'constraint') await this.#execute(batch);
      else if (mayBeCommitted(error)) rejectAll(batch, new UncertainCommit(error));
      else await this.#recover(batch, error, 0);
      return false;
    }
    settle(batch, results);
    return true;
  }

  async #endOptimistic(): Promise<void> {
    const optimistic = this.#optimistic;
    this.#optimistic = undefined;
    this.#planned = undefined;
    await optimistic?.end();
  }

  /** Within a transaction, while nothing else is being written. */
  async #execute(batch: readonly Waiting[], attempt = 0): Promise<void> {
    await this.#endOptimistic();
    const results: Settled[] = [];
    try {
      await this.#connection.begin();
      for (const run of runsOf(batch)) results.push(...(await this.#perform(run)));
    } catch (error) {
      await this.#connection.rollback();
      await this.#recover(batch, error, attempt);
      return;
    }
    try {
      await this.#connection.commit();
    } catch (error) {
      await this.#connection.rollback();
      const fault = storeFault(error);
      if (fault === 'conflict') return this.#recover(batch, error, attempt);
      // What may have been carried out is not run again: that could do it twice.
      const unavailable = mayBeCommitted(error) ? new UncertainCommit(error) : storeUnavailable(error);
      rejectAll(batch, fault === 'unavailable' ? unavailable : error);
      return;
    }
    settle(batch, results);
  }

  async #perform(run: Run): Promise<readonly Settled[]> {
    if (run.group === undefined) return [{ status: 'fulfilled', value: await run.command(this.#connection) }];
    const { writes, results } = await run.group(this.#connection, run.inputs, undefined);
    for (const call of writes) await this.#connection.run(call);
    return typeof results === 'function' ? results() : results;
  }

  /** Nothing of the batch was committed: runs it again, in parts, or rejects what cannot be helped. */
  async #recover(batch: readonly Waiting[], error: unknown, attempt: number): Promise<void> {
    const fault = storeFault(error);
    if (fault === 'conflict' && attempt < MAX_CONFLICT_RETRIES) return this.#execute(batch, attempt + 1);
    if (fault === 'conflict' || fault === 'unavailable') {
      rejectAll(batch, storeUnavailable(error));
      return;
    }
    if (batch.length === 1) {
      batch[0]!.reject(error);
      return;
    }
    for (const one of batch) await this.#execute([one]);
  }
}

function settle(batch: readonly Waiting[], results: readonly Settled[]): void {
  batch.forEach(({ resolve, reject }, index) => {
    const result = results[index]!;
    if (result.status === 'fulfilled') resolve(result.value);
    else reject(result.reason);
  });
}

function rejectAll(batch: readonly Waiting[], reason: unknown): void {
  for (const { reject } of batch) reject(reason);
}

/** What is executed at once: one command, or the neighbours of one group. */
type Run =
  | { readonly group?: undefined; readonly command: Command<unknown> }
  | { readonly group: GroupCommand<unknown, unknown>; readonly inputs: unknown[] };

/** The batch cut where the group changes. */
function runsOf(batch: readonly Waiting[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { work } of batch) {
    const last = runs.at(-1);
    if (typeof work === 'function') runs.push({ command: work });
    else if (last?.group === work.group) last.inputs.push(work.input);
    else runs.push({ group: work.group, inputs: [work.input] });
  }
  return runs;
}

/**
 * Reads only once the earlier plans are written, so that their rows are there.
 * @param written see `CommitQueue`
 */
function readingAfter(written: Promise<boolean>, sql: PreparedSql): PreparedSql {
  const ready = async (): Promise<void> => {
    if (!(await written)) throw new ChangedMeanwhile();
  };
  return {
    rows: async (statement, bindings) => {
      await ready();
      return sql.rows(statement, bindings);
    },
    prepared: async (statement, bindings) => {
      await ready();
      return sql.prepared(statement, bindings);
    },
    run: async (call) => {
      await ready();
      return sql.run(call);
    },
  };
}
