/**
 * Group commit: commands wait in a queue, and one transaction at a time executes all that are waiting, in order, so that
 * they share one flush to disk. Those that come in a group share their statements as well.
 *
 * Invariant: a command's promise resolves only after the COMMIT that holds its writes has returned. A command that
 * throws takes nobody with it: its batch is undone and the batch's commands are run one by one, so that only the culprit
 * is rejected. A command may therefore run more than once, and must have no effect outside of its transaction.
 */

import { setImmediate } from 'node:timers/promises';

import { storeFault, storeUnavailable } from './store-fault.js';
import type { PreparedSql, Sql } from './sql.js';

export type Command<Result> = (sql: Sql) => Promise<Result>;

/**
 * Executes commands of one kind together. One result each, in their order; a command that is rejected must have written
 * nothing. What it throws, all of them have thrown.
 */
export type GroupCommand<Input, Result> = (
  sql: PreparedSql,
  inputs: readonly Input[],
) => Promise<readonly PromiseSettledResult<Result>[]>;

/** The one connection that writes. `begin` waits for every other writer of the database, in this process and others. */
export interface WriteConnection extends PreparedSql {
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Undoes the open transaction, if there is one. Never throws: a broken connection has undone it already. */
  rollback(): Promise<void>;
}

interface Waiting {
  readonly group: GroupCommand<unknown, unknown>;
  readonly input: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Bounds what one transaction holds in memory and how long the first of a batch waits for the last. */
const MAX_BATCH = 128;

/** How often a transaction that the database undid for the sake of another one is tried again. */
const MAX_CONFLICT_RETRIES = 5;

export class CommitQueue {
  readonly #connection: WriteConnection;
  readonly #maxBatch: number;
  #waiting: Waiting[] = [];
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
    return this.submitTo(async (sql) => [{ status: 'fulfilled', value: await command(sql) }], undefined);
  }

  /** The same for a command that is executed together with those of its group that stand beside it in the queue. */
  submitTo<Input, Result>(group: GroupCommand<Input, Result>, input: Input): Promise<Result> {
    if (this.#closed) return Promise.reject(storeUnavailable(new Error('the store is closed')));
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ group, input, resolve, reject } as Waiting);
      this.#draining ??= this.#drain();
    });
  }

  /** Takes no more commands and resolves when those that wait are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
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
    const results: PromiseSettledResult<unknown>[] = [];
    try {
      await this.#connection.begin();
      for (const run of runsOf(batch)) {
        const inputs = run.map(({ input }) => input);
        results.push(...(await run[0]!.group(this.#connection, inputs)));
      }
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
    batch.forEach(({ resolve, reject }, index) => {
      const result = results[index]!;
      if (result.status === 'fulfilled') resolve(result.value);
      else reject(result.reason);
    });
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

/** The batch cut where the group changes. */
function runsOf(batch: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const runs: Waiting[][] = [];
  for (const waiting of batch) {
    const run = runs.at(-1);
    if (run?.[0]?.group === waiting.group) run.push(waiting);
    else runs.push([waiting]);
  }
  return runs;
}
