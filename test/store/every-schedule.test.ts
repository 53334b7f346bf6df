/**
 * The commit queue in every schedule of a few commands: whenever they come, in whatever order the database answers, with
 * every way in which one statement can fail, and with another gateway that writes at any moment. The database is a list
 * of names. What is compared with it is what a queue promises that does one thing after the other.
 */

import assert from 'node:assert/strict';

import { ChangedMeanwhile } from '../../runtime/store/changed-meanwhile.js';
import {
  CommitQueue,
  type GroupCommand,
  type Optimistic,
  type WriteConnection,
} from '../../runtime/store/commit-queue.js';
import type { RoutineCall, Row } from '../../runtime/store/sql.js';
import { UncertainCommit } from '../../runtime/store/store-fault.js';

const fault = (code: string) => Object.assign(new Error(code), { code });
const CONFLICT = fault('40001');
const UNAVAILABLE = fault('SQLITE_FULL');
const UNFLUSHED = fault('SQLITE_IOERR');
const REFUSED = fault('SQLITE_CONSTRAINT');
const LOST = new Error('Connection terminated unexpectedly');

type Effect<Value> = () => Value;
/** The ways in which a statement that is under way can end. The first is that it does what it should. */
type Endings = Record<string, () => void>;

class Database {
  /** What is durable. */
  written: readonly string[] = [];
  /** How often another gateway has written. */
  elsewhere = 0;
  transaction: readonly string[] | undefined;
  optimistic = 0;
  writing = false;
  failures = 0;
  readonly underWay = new Set<Endings>();
  /** The commands of those batches whose COMMIT was not answered, or not flushed. */
  readonly uncertain = new Set<string>();
  /** What the queue did that it never may: an error that is thrown to it would be one of the database to it. */
  readonly wrong: string[] = [];

  demand(holds: boolean, otherwise: string): void {
    if (!holds) this.wrong.push(otherwise);
  }

  /** What whoever plans now has to plan upon. */
  get state(): string {
    return [this.elsewhere, ...(this.transaction ?? this.written)].join(' ');
  }

  statement<Value>(name: string, effect: Effect<Value>, failures: Record<string, Effect<Error>> = {}): Promise<Value> {
    return new Promise((resolve, reject) => {
      const endings: Endings = {};
      const ending = (how: string, end: () => void) => {
        endings[`${name}: ${how}`] = () => {
          this.underWay.delete(endings);
          end();
        };
      };
      ending('done', () => void Promise.resolve().then(effect).then(resolve, reject));
      for (const [how, failure] of Object.entries(failures)) {
        ending(how, () => {
          this.failures += 1;
          reject(failure());
        });
      }
      this.underWay.add(endings);
    });
  }

  append(names: readonly string[], plannedUpon: unknown): void {
    this.demand(plannedUpon === this.state, `planned upon [${String(plannedUpon)}] where there is [${this.state}]`);
    if (this.transaction === undefined) this.written = [...this.written, ...names];
    else this.transaction = [...this.transaction, ...names];
  }

  end(written: boolean): void {
    if (written) this.written = this.transaction!;
    this.transaction = undefined;
  }

  lose(written: boolean): Error {
    for (const name of this.transaction!.slice(this.written.length)) this.uncertain.add(name);
    this.end(written);
    return LOST;
  }
}

function connectionTo(database: Database, canBeOptimistic: boolean): WriteConnection {
  const read = (): Promise<readonly Row[]> => {
    database.demand(database.transaction !== undefined || database.optimistic > 0, 'read after the transaction');
    database.demand(!database.writing, 'read while it writes');
    return database.statement('read', () => [{ state: database.state }], {
      fails: () => UNAVAILABLE,
      ...(database.transaction === undefined ? {} : { conflicts: () => CONFLICT }),
    });
  };
  const run = ({ bindings: [names, plannedUpon] }: RoutineCall): Promise<void> =>
    database.statement('run', () => database.append(names as string[], plannedUpon![0]), {
      'is refused': () => REFUSED,
      conflicts: () => CONFLICT,
    });
  const beginsAlone = () => {
    const { transaction, optimistic, writing } = database;
    database.demand(transaction === undefined && optimistic === 0 && !writing, 'begun beside another');
  };
  const undone = (error: Error) => () => {
    database.end(false);
    return error;
  };
  return {
    rows: read,
    prepared: read,
    run,
    begin: () => {
      beginsAlone();
      return database.statement('begin', () => void (database.transaction = database.written), {
        fails: () => UNAVAILABLE,
      });
    },
    commit: () =>
      database.statement('commit', () => database.end(true), {
        fails: undone(fault('53100')),
        conflicts: undone(CONFLICT),
        'is carried out, its answer lost': () => database.lose(true),
        'is lost': () => database.lose(false),
      }),
    rollback: () => database.statement('rollback', () => database.end(false)),
    beginOptimistically: () => (canBeOptimistic ? look() : Promise.resolve(undefined)),
  };

  function look(): Promise<Optimistic> {
    beginsAlone();
    return database.statement('look', () => {
      const asOf = database.elsewhere;
      database.optimistic += 1;
      const verified = <Value>(effect: Effect<Value>) => {
        database.writing = false;
        if (database.elsewhere !== asOf) throw new ChangedMeanwhile();
        return effect();
      };
      const failed = (error: Error) => () => {
        database.writing = false;
        return error;
      };
      // SQLite takes it back, and does not know what the disk has.
      const unflushed = (names: readonly string[]) => () => {
        for (const name of names) database.uncertain.add(name);
        return failed(UNFLUSHED)();
      };
      return {
        sql: { rows: read, prepared: read, run },
        verify: () => database.statement('verify', () => verified(() => undefined)),
        write: ({ bindings: [names, plannedUpon] }) => {
          database.demand(!database.writing && database.optimistic === 1, 'written beside another');
          database.writing = true;
          return database.statement(
            'write',
            () => verified(() => database.append(names as string[], plannedUpon![0])),
            {
              fails: failed(UNAVAILABLE),
              'is refused': failed(REFUSED),
              'cannot be flushed': unflushed(names as string[]),
            },
          );
        },
        end: () => database.statement('end', () => void (database.optimistic -= 1)),
      };
    });
  }
}

/** Goes on from the state that its last plan leaves, as the ledger does. Each command is answered with its place. */
function planning(database: Database): GroupCommand<string, number> {
  let kept: { readonly basis: object; readonly state: string } | undefined;
  return async (sql, inputs, basis) => {
    let state = kept !== undefined && kept.basis === basis ? kept.state : undefined;
    kept = undefined;
    if (state === undefined) {
      const [row] = await sql.prepared('');
      state = row!['state'] as string;
    }
    await database.statement('sign', () => undefined);
    if (basis !== undefined) kept = { basis, state: [state, ...inputs].join(' ') };
    const before = state.split(' ').length - 1;
    return {
      writes: [{ routine: { name: 'append', statements: [] }, bindings: [inputs, [state]] }],
      results: inputs.map((_, index) => ({ status: 'fulfilled', value: before + index })),
    };
  };
}

interface Case {
  /** The commands in their order, by the names of their groups; one without a group is `alone`. */
  readonly commands: readonly ('a' | 'b' | 'alone')[];
  readonly optimistic: boolean;
  /** How many statements may fail in one schedule. */
  readonly failures: number;
  /** How often another gateway writes. */
  readonly elsewhere: number;
  readonly closes?: boolean;
}

/**
 * One schedule.
 * @param choices the number of what is chosen at each step, 0 where there is none.
 * @returns how many there were to choose from at each step.
 */
async function play(given: Case, choices: readonly number[]): Promise<readonly number[]> {
  const database = new Database();
  const connection = connectionTo(database, given.optimistic);
  const queue = new CommitQueue(connection, { maxBatch: 1, lockedBatches: 0 });
  const groups = { a: planning(database), b: planning(database) };
  const names = given.commands.map((kind, index) => `${kind}${index}`);
  const ends = new Map<string, string>();
  const story: string[] = [];
  const widths: number[] = [];
  let come = 0;
  let left = given.elsewhere;
  let closing: Promise<void> | undefined;
  let closed = false;

  const submit = (kind: Case['commands'][number], name: string): Promise<number> =>
    kind === 'alone'
      ? queue.submit(async (sql) => {
          const [row] = await sql.rows('');
          const state = row!['state'] as string;
          await connection.run({ routine: { name: 'append', statements: [] }, bindings: [[name], [state]] });
          return state.split(' ').length - 1;
        })
      : queue.submitTo(groups[kind], name);
  const arrive = (): void => {
    const name = names[come]!;
    submit(given.commands[come]!, name).then(
      (place) => {
        ends.set(name, 'done');
        database.demand(database.written[place] === name, `${name} answered before it was durable in its place`);
      },
      (error: unknown) => ends.set(name, error instanceof UncertainCommit ? 'uncertain' : 'rejected'),
    );
    come += 1;
  };

  for (let step = 0; ; step += 1) {
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    const next = [...database.underWay].flatMap((endings) => {
      const all = Object.entries(endings);
      return database.failures < given.failures ? all : all.slice(0, 1);
    });
    if (come < names.length && closing === undefined) next.push([`${names[come]} comes`, arrive]);
    if (left > 0 && come > 0 && database.transaction === undefined && ends.size < names.length) {
      next.push(['another gateway writes', () => void ((database.elsewhere += 1), (left -= 1))]);
    }
    if (given.closes === true && come > 0 && closing === undefined) {
      const end = () => {
        closed = true;
        database.demand(database.underWay.size === 0 && ends.size === come, 'closed before all was done');
      };
      next.push(['close', () => void (closing = queue.close().then(end))]);
    }
    if (next.length === 0) break;
    const [what, happens] = next[choices[step] ?? 0]!;
    widths.push(next.length);
    story.push(what);
    happens();
  }

  const told = story.join('; ');
  assert.deepEqual(database.wrong, [], told);
  const places = database.written.map((name) => names.indexOf(name));
  assert.deepEqual(places, [...new Set(places)].sort(), `each once at most, and in their order: ${told}`);
  for (const name of names.slice(0, come)) {
    const isWritten = database.written.includes(name);
    const want = database.uncertain.has(name) ? 'uncertain' : isWritten ? 'done' : 'rejected';
    assert.equal(ends.get(name), want, `${name}: ${told}`);
    if (want === 'rejected') assert.ok(database.failures > 0, `${name} is rejected, and nothing has failed: ${told}`);
  }
  assert.equal(closed, closing !== undefined, `it is not closed: ${told}`);
  if (closed) assert.equal(database.optimistic, 0, `its connection is not given back: ${told}`);
  return widths;
}

/** @returns how many schedules there are. They are counted up: the last choice is the first to change. */
async function playAll(given: Case): Promise<number> {
  let choices: readonly number[] = [];
  for (let schedules = 1; ; schedules += 1) {
    const widths = await play(given, choices);
    const made = widths.map((_, step) => choices[step] ?? 0);
    const last = made.findLastIndex((choice, step) => choice + 1 < widths[step]!);
    if (last < 0) return schedules;
    choices = [...made.slice(0, last), made[last]! + 1];
  }
}

describe('the commit queue, in every schedule', () => {
  /** With how many schedules there are at least, so that none goes missing unnoticed. */
  const CASES: readonly (readonly [string, Case, number])[] = [
    [
      'two groups that plan ahead, of which one statement fails',
      { commands: ['a', 'b', 'a'], optimistic: true, failures: 1, elsewhere: 0 },
      500,
    ],
    [
      'a command between two of a group, while another gateway writes',
      { commands: ['a', 'alone', 'a'], optimistic: true, failures: 0, elsewhere: 1 },
      700,
    ],
    [
      'a group that plans ahead, while another gateway writes and one statement fails',
      { commands: ['a', 'a'], optimistic: true, failures: 1, elsewhere: 1 },
      3_000,
    ],
    [
      'transactions, of which one statement fails',
      { commands: ['a', 'a'], optimistic: false, failures: 1, elsewhere: 0 },
      100,
    ],
    ['a queue that is closed', { commands: ['a', 'a'], optimistic: true, failures: 0, elsewhere: 0, closes: true }, 50],
  ];
  for (const [what, given, least] of CASES) {
    it(`does each command once, in order, and answers for what is durable: ${what}`, async () => {
      assert.ok((await playAll(given)) >= least);
    });
  }
});
