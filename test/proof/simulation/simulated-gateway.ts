/**
 * One life of a gateway, from its start to its crash: the runtime's own commit queue and ledger, over connections whose
 * every statement the scheduler grants, delays or fails. A crash undoes what is not committed and forgets the rest.
 */

import { createAccounts, type Accounts } from '../../../runtime/account/accounts.js';
import { createAuthenticator } from '../../../runtime/account/authenticate.js';
import type { Clock } from '../../../runtime/clock.js';
import { createLedger } from '../../../runtime/ledger/create-ledger.js';
import type { Ledger } from '../../../runtime/ledger/ledger.js';
import { CommitQueue, type Optimistic, type WriteConnection } from '../../../runtime/store/commit-queue.js';
import type { Binding, PreparedSql, RoutineCall, Row } from '../../../runtime/store/sql.js';
import type { Store } from '../../../runtime/store/store.js';
import { SIGNER } from '../../ledger/bank.js';
import type { Scheduler } from './scheduler.js';
import type { SimulatedDatabase } from './simulated-database.js';

/** How likely it is that a thing goes wrong when it is done. */
export interface Faults {
  /** The disk fails at a statement. */
  readonly statement: number;
  /** The database undoes the transaction for the sake of another. */
  readonly conflict: number;
  /** The transaction cannot be begun. */
  readonly begin: number;
  /** The commit fails, and was not carried out. */
  readonly commitBefore: number;
  /** The commit is carried out, and its answer is lost. */
  readonly commitAfter: number;
}

/** Room for three answers or so. */
export const FREE_ANSWER_BYTES = 4_000;

/** What waits for a gateway that has crashed. */
export class Crashed extends Error {}

export class SimulatedGateway {
  readonly ledger: Ledger;
  readonly accounts: Accounts;
  readonly #queue: CommitQueue;
  readonly #connection: FaultyConnection;
  #die: (reason: Crashed) => void = () => undefined;
  readonly #death: Promise<never>;

  constructor(
    readonly name: string,
    private readonly world: {
      readonly scheduler: Scheduler;
      readonly database: SimulatedDatabase;
      readonly clock: Clock;
    },
    writer: WriteConnection,
    reader: PreparedSql,
    faults: Faults,
  ) {
    this.#connection = new FaultyConnection(this, world.scheduler, world.database, writer, faults);
    // Else most histories would be over before a batch goes without a lock again.
    this.#queue = new CommitQueue(this.#connection, { lockedBatches: 1 });
    this.#death = new Promise<never>((_, reject) => (this.#die = reject));
    this.#death.catch(() => undefined);
    const { scheduler, clock, database } = world;
    // One step: what is read in a snapshot cannot be told from what is read at one moment.
    const snapshot: Store['snapshot'] = (work) =>
      scheduler.perform(this, `${name} takes a snapshot`, () => work(reader));
    const store: Store = {
      dialect: database.dialect,
      write: (command) => this.#queue.submit(command),
      writeTogether: (group, input) => this.#queue.submitTo(group, input),
      read: {
        rows: (statement, bindings) => scheduler.perform(this, `${name} reads`, () => reader.rows(statement, bindings)),
      },
      snapshot,
      patientSnapshot: snapshot,
      close: () => this.#queue.close(),
    };
    const pause = () => scheduler.perform(this, `${name} pauses`, () => Promise.resolve());
    this.ledger = createLedger(store, { clock, signer: SIGNER, freeAnswerBytes: FREE_ANSWER_BYTES, pause });
    this.accounts = createAccounts(store, { clock, authenticator: createAuthenticator(store, { clock }) });
  }

  /** The answer, or `Crashed` where the gateway does not live to give it. */
  ask<Answer>(question: (gateway: this) => Promise<Answer>): Promise<Answer> {
    return Promise.race([question(this), this.#death]);
  }

  async crash(): Promise<void> {
    this.world.scheduler.abandon(this);
    await this.#connection.crash();
    this.#die(new Crashed(`${this.name} has crashed`));
    await this.world.scheduler.settle();
  }
}

/** The one connection of a gateway that writes. */
class FaultyConnection implements WriteConnection {
  constructor(
    private readonly gateway: SimulatedGateway,
    private readonly scheduler: Scheduler,
    private readonly database: SimulatedDatabase,
    private readonly connection: WriteConnection,
    private readonly faults: Faults,
  ) {}

  begin(): Promise<void> {
    const free = () => this.database.writer === undefined;
    return this.#perform('begins', free, async () => {
      this.#fail(this.faults.begin, 'SQLITE_BUSY');
      await this.connection.begin();
      this.database.writer = this.gateway;
    });
  }

  rows(statement: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    return this.#statement(statement, () => this.connection.rows(statement, bindings));
  }

  prepared(statement: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    return this.#statement(statement, () => this.connection.prepared(statement, bindings));
  }

  async run(call: RoutineCall): Promise<void> {
    await this.#statement(call.routine.name, () => this.connection.run(call));
  }

  async beginOptimistically(): Promise<Optimistic | undefined> {
    const optimistic = await this.#perform('begins optimistically', always, () =>
      this.connection.beginOptimistically(),
    );
    if (optimistic === undefined) return undefined;
    const free = () => this.database.writer === undefined;
    return {
      sql: this,
      verify: () => this.#perform('looks whether anything has changed', always, () => optimistic.verify()),
      // One step, which waits as a begin does, and in which what was read is judged and the writing committed.
      write: (call) =>
        this.#perform(`${call.routine.name}, if nothing has changed`, free, async () => {
          this.#fail(this.faults.statement, 'SQLITE_IOERR');
          this.#fail(this.faults.commitBefore, 'SQLITE_FULL');
          await optimistic.write(call);
          this.#fail(this.faults.commitAfter, 'ECONNRESET');
        }),
      end: () => optimistic.end(),
    };
  }

  commit(): Promise<void> {
    return this.#perform('commits', always, async () => {
      this.#fail(this.faults.conflict, '40001');
      this.#fail(this.faults.commitBefore, 'SQLITE_FULL');
      await this.connection.commit();
      this.database.writer = undefined;
      this.#fail(this.faults.commitAfter, 'ECONNRESET');
    });
  }

  rollback(): Promise<void> {
    return this.#perform('rolls back', always, () => this.crash());
  }

  /** Undoes the open transaction, if there is one, outside of the history. */
  async crash(): Promise<void> {
    if (this.database.writer !== this.gateway) return;
    await this.connection.rollback();
    this.database.writer = undefined;
  }

  #statement<Answer>(statement: string, work: () => Promise<Answer>): Promise<Answer> {
    const words = statement.trim().split(/\s+/).slice(0, 4).join(' ');
    return this.#perform(words, always, () => {
      this.#fail(this.faults.statement, 'SQLITE_IOERR');
      this.#fail(this.faults.conflict, '40001');
      return work();
    });
  }

  #perform<Result>(what: string, ready: () => boolean, work: () => Promise<Result>): Promise<Result> {
    return this.scheduler.perform(this.gateway, `${this.gateway.name} ${what}`, async () => work(), ready);
  }

  #fail(probability: number, code: string): void {
    if (!this.scheduler.chance(probability)) return;
    this.scheduler.note(`  ${code}`);
    throw Object.assign(new Error(`simulated ${code}`), { code });
  }
}

const always = (): boolean => true;
