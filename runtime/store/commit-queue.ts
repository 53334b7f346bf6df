/**
 * Group commit: commands wait in a queue, and one transaction at a time executes all that are waiting, in order, so that
 * they share one flush to disk. Those that come in a group share their statements as well.
 *
 * Invariant: a command's promise resolves only after the COMMIT that holds its writes has returned. A command that
 * throws takes nobody with it: its batch is undone and the batch's commands are run one by one, so that only the culprit
 * is rejected. A command may therefore run more than once, and must have no effect outside of its transaction.
 */

import { setImmediate } from 'node:timers/promises';

import { ChangedMeanwhile } from './changed-meanwhile.js';
import type { PreparedSql, RoutineCall, Sql } from './sql.js';
import { storeFault, storeUnavailable } from './store-fault.js';

/** Reads and writes as it goes. */
export type Command<Result> = (sql: Sql) => Promise<Result>;

/**
 * Executes commands of one kind together: reads, and says what is to be written. One result each, in their order; a
 * command that is rejected must have written nothing. What it throws, all of them have thrown.
 * @param basis where it may have read before: see `Basis`.
 */
export type GroupCommand<Input, Result> = (
  sql: PreparedSql,
  inputs: readonly Input[],
  basis: Basis | undefined,
) => Promise<Plan<PromiseSettledResult<Result>>>;

/**
 * What is read now can be told from what was read before. Where it is the same object as at an earlier execution of the
 * group, nothing has been written since but what this group has planned, all of which was written; or else something
 * has, which comes out when the plan is written, and then the plan is dropped and made anew without a basis.
 */
export type Basis = object;

export interface Plan<Result> {
  /** Carried out in their order. */
  readonly writes: readonly RoutineCall[];
  /** As they are, or to be read when the writes are done. */
  readonly results: readonly Result[] | (() => Promise<readonly Result[]>);
}

/** The one connection that writes. `begin` waits for every other writer of the database, in this process and others. */
export interface WriteConnection extends PreparedSql {
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Undoes the open transaction, if there is one. Never throws: a broken connection has undone it already. */
  rollback(): Promise<void>;
  /** Where the database can judge afterwards whether what was read was still so when it was written upon. */
  beginOptimistically(): Promise<Optimistic | undefined>;
}

/** Holds nothing: the others may write as well. */
export interface Optimistic {
  /** To read with. */
  readonly sql: PreparedSql;
  /** The same object for as long as no other connection is known to have written. */
  readonly asOf: object;
  /**
   * A transaction of its own, durable when it resolves.
   * @throws ChangedMeanwhile where somebody else has written since the beginning; then nothing is written.
   */
  write(call: RoutineCall): Promise<void>;
  /** The same without writing. @throws ChangedMeanwhile */
  verify(): Promise<void>;
  end(): Promise<void>;
}

/** A group's plan that was written without a lock, after which nothing else was executed. */
interface Written {
  readonly group: GroupCommand<unknown, unknown>;
  readonly asOf: object;
  readonly basis: Basis;
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

export class CommitQueue {
  readonly #connection: WriteConnection;
  readonly #maxBatch: number;
  #waiting: Waiting[] = [];
  #written: Written | undefined;
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(connection: WriteConnection, { maxBatch = MAX_BATCH }: { readonly maxBatch?: number } = {}) {
    this.#connection = connection;
    this.#maxBatch = maxBatch;
  }

  /**
   * Resolves with the command's result when it is durable.
   * @throws GatewayError `STORE_UNAVAILABLE` where the database fails; else whatever the command throws.
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
      await this.#execute(batch);
    }
    this.#draining = undefined;
  }

  async #execute(batch: readonly Waiting[], attempt = 0): Promise<void> {
    const runs = runsOf(batch);
    const results: Settled[] = [];
    const written = this.#written;
    this.#written = undefined;
    try {
      const settled = attempt === 0 && runs.length === 1 ? await this.#tryOptimistically(runs[0]!, written) : undefined;
      if (settled !== undefined) return settle(batch, settled);
      await this.#connection.begin();
      for (const run of runs) results.push(...(await this.#perform(run)));
    } catch (error) {
      await this.#connection.rollback();
      await this.#recover(batch, error, attempt);
      return;
    }
    try {
      await this.#connection.commit();
    } catch (error) {
      await this.#connection.rollback();
      // A COMMIT that failed on the way may have been carried out: to run its commands again could do them twice.
      if (storeFault(error) === 'conflict') return this.#recover(batch, error, attempt);
      const reason = storeFault(error) === 'unavailable' ? storeUnavailable(error) : error;
      for (const { reject } of batch) reject(reason);
      return;
    }
    settle(batch, results);
  }

  /** What is told of the run, durably; undefined where it needs a transaction, and then nothing was written. */
  async #tryOptimistically(run: Run, written: Written | undefined): Promise<readonly Settled[] | undefined> {
    const { group } = run;
    if (group === undefined) return undefined;
    const optimistic = await this.#connection.beginOptimistically();
    if (optimistic === undefined) return undefined;
    const { asOf } = optimistic;
    const basis = written?.group === group && written.asOf === asOf ? written.basis : {};
    try {
      // What it throws may come of what is out of date: it is believed within a transaction.
      const plan = await group(optimistic.sql, run.inputs, basis).catch(() => undefined);
      if (plan === undefined) return undefined;
      const { writes, results } = plan;
      if (writes.length > 1 || typeof results === 'function') return undefined;
      for (const call of writes) await optimistic.write(call);
      if (writes.length === 0) await optimistic.verify();
      this.#written = { group, asOf, basis };
      return results;
    } catch (error) {
      if (error instanceof ChangedMeanwhile) return undefined;
      throw error;
    } finally {
      await optimistic.end();
    }
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
      for (const { reject } of batch) reject(storeUnavailable(error));
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
