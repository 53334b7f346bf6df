import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import { ChangedMeanwhile } from '../../runtime/store/changed-meanwhile.js';
import {
  CommitQueue,
  type GroupCommand,
  type Optimistic,
  type WriteConnection,
} from '../../runtime/store/commit-queue.js';
import type { RoutineCall } from '../../runtime/store/sql.js';
import { UncertainCommit } from '../../runtime/store/store-fault.js';

/** Writes down what the queue does with it, and fails where it is told to. */
class ScriptedConnection implements WriteConnection {
  readonly log: string[] = [];
  /** Statement → the errors of its next uses. */
  readonly failures: Record<string, Error[]> = {};

  begin = () => this.#step('begin');
  commit = () => this.#step('commit');
  rollback = () => this.#step('rollback');
  rows = async (statement: string) => {
    await this.#step(statement);
    return [];
  };

  prepared = this.rows;
  run = ({ routine }: RoutineCall) => this.#step(routine.name);

  /** Told when a write without a lock begins. */
  onWrite: () => void = () => undefined;

  constructor(private readonly canBeOptimistic = false) {}

  async beginOptimistically(): Promise<Optimistic | undefined> {
    if (!this.canBeOptimistic) return undefined;
    await this.#step('look');
    return {
      sql: this,
      write: ({ routine }) => {
        this.onWrite();
        return this.#step(`${routine.name}!`, 4);
      },
      verify: () => this.#step('verify'),
      end: () => this.#step('end'),
    };
  }

  async #step(name: string, turns = 1): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    this.log.push(name);
    const failure = this.failures[name]?.shift();
    if (failure !== undefined) throw failure;
  }
}

const fault = (code: string) => Object.assign(new Error(code), { code });
const writes = (statement: string) => async (sql: { rows(statement: string): Promise<unknown> }) => {
  await sql.rows(statement);
  return statement;
};
/** Writes all of its inputs by one routine but those that are bad. */
const group: GroupCommand<string, string> = async (sql, inputs) => {
  await sql.prepared(`read ${inputs.join('+')}`);
  const name = inputs.filter((input) => !input.startsWith('bad')).join('+');
  return {
    writes: name === '' ? [] : [{ routine: { name, statements: [] }, bindings: [] }],
    results: inputs.map((value) =>
      value.startsWith('bad') ? { status: 'rejected', reason: new Error(value) } : { status: 'fulfilled', value },
    ),
  };
};
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    (value) => value,
    (error: Error) => (error instanceof GatewayError ? error.code : error.message),
  );

describe('the commit queue', () => {
  let connection: ScriptedConnection;
  let queue: CommitQueue;

  beforeEach(() => {
    connection = new ScriptedConnection();
    queue = new CommitQueue(connection);
  });

  it('resolves a command only after its commit', async () => {
    let committed: boolean | undefined;
    await queue.submit(writes('a')).then(() => (committed = connection.log.includes('commit')));
    assert.equal(committed, true);
    assert.deepEqual(connection.log, ['begin', 'a', 'commit']);
  });

  it('lets commands that wait share one commit, in their order', async () => {
    const results = await Promise.all(['a', 'b', 'c'].map((name) => queue.submit(writes(name))));
    assert.deepEqual(results, ['a', 'b', 'c']);
    assert.deepEqual(connection.log, ['begin', 'a', 'b', 'c', 'commit']);
  });

  it('executes commands of one group together where they stand together, and each in its turn', async () => {
    const results = await Promise.all([
      queue.submitTo(group, 'a'),
      queue.submitTo(group, 'b'),
      queue.submit(writes('c')),
      queue.submitTo(group, 'd'),
    ]);
    assert.deepEqual(results, ['a', 'b', 'c', 'd']);
    assert.deepEqual(connection.log, ['begin', 'read a+b', 'a+b', 'c', 'read d', 'd', 'commit']);
  });

  it('rejects the one of a group that its group rejects, and commits the others', async () => {
    const results = await Promise.all(['a', 'bad b', 'c'].map((name) => outcome(queue.submitTo(group, name))));
    assert.deepEqual(results, ['a', 'bad b', 'c']);
    assert.deepEqual(connection.log, ['begin', 'read a+bad b+c', 'a+c', 'commit']);
  });

  it('executes the commands of a group one by one where together they throw', async () => {
    connection.failures['a+b+c'] = [new Error('one of them')];
    connection.failures['b'] = [new Error('refused b')];
    const results = await Promise.all(['a', 'b', 'c'].map((name) => outcome(queue.submitTo(group, name))));
    assert.deepEqual(results, ['a', 'refused b', 'c']);
  });

  it('reads what a group wants to read when its writes are done, before the commit', async () => {
    const reading: GroupCommand<string, string> = async (sql, inputs, basis) => ({
      ...(await group(sql, inputs, basis)),
      results: async () => {
        await sql.prepared('read again');
        return inputs.map((value) => ({ status: 'fulfilled', value }));
      },
    });
    assert.equal(await queue.submitTo(reading, 'a'), 'a');
    assert.deepEqual(connection.log, ['begin', 'read a', 'a', 'read again', 'commit']);
  });

  it('takes no more into a batch than it is told', async () => {
    queue = new CommitQueue(connection, { maxBatch: 2 });
    await Promise.all(['a', 'b', 'c'].map((name) => queue.submit(writes(name))));
    assert.deepEqual(connection.log, ['begin', 'a', 'b', 'commit', 'begin', 'c', 'commit']);
  });

  it('rejects only the command that throws, and commits the others of its batch', async () => {
    connection.failures['b'] = [new Error('bad b'), new Error('bad b')];
    const results = await Promise.all(['a', 'b', 'c'].map((name) => outcome(queue.submit(writes(name)))));
    assert.deepEqual(results, ['a', 'bad b', 'c']);
    assert.deepEqual(connection.log.join(' '), 'begin a b rollback begin a commit begin b rollback begin c commit');
  });

  it('takes commands again after one that threw', async () => {
    connection.failures['a'] = [new Error('bad a')];
    assert.equal(await outcome(queue.submit(writes('a'))), 'bad a');
    assert.equal(await queue.submit(writes('b')), 'b');
  });

  for (const [code, isUncertain] of [
    ['SQLITE_FULL', false],
    ['SQLITE_IOERR', true],
    ['SQLITE_BUSY', false],
    ['53100', false],
    ['57014', false],
    ['57P01', true],
    ['08006', true],
    ['ECONNRESET', true],
  ] as const) {
    const what = isUncertain ? 'as what may have been carried out' : 'as what was not carried out';
    it(`answers STORE_UNAVAILABLE where the commit fails with ${code}, ${what}, and does not try again`, async () => {
      connection.failures['commit'] = [fault(code)];
      const failures = await Promise.all(
        ['a', 'b'].map((name) => queue.submit(writes(name)).catch((error: unknown) => error as GatewayError)),
      );
      for (const failure of failures as GatewayError[]) {
        assert.deepEqual([failure.code, failure instanceof UncertainCommit], ['STORE_UNAVAILABLE', isUncertain]);
      }
      assert.deepEqual(connection.log, ['begin', 'a', 'b', 'commit', 'rollback']);
    });
  }

  it('rejects with what the commit throws where that is no fault of the store', async () => {
    connection.failures['commit'] = [new Error('a bug')];
    assert.deepEqual(await Promise.all(['a', 'b'].map((name) => outcome(queue.submit(writes(name))))), [
      'a bug',
      'a bug',
    ]);
    assert.deepEqual(connection.log, ['begin', 'a', 'b', 'commit', 'rollback']);
  });

  it('answers STORE_UNAVAILABLE where no transaction can be begun', async () => {
    connection.failures['begin'] = [fault('SQLITE_BUSY')];
    assert.equal(await outcome(queue.submit(writes('a'))), 'STORE_UNAVAILABLE');
    assert.equal(await queue.submit(writes('b')), 'b');
  });

  it('runs a batch again that the database undid for the sake of another', async () => {
    connection.failures['b'] = [fault('40P01')];
    connection.failures['commit'] = [fault('40001')];
    const results = await Promise.all(['a', 'b'].map((name) => queue.submit(writes(name))));
    assert.deepEqual(results, ['a', 'b']);
    assert.equal(connection.log.join(' '), 'begin a b rollback begin a b commit rollback begin a b commit');
  });

  it('gives up on a batch that the database undoes six times', async () => {
    connection.failures['a'] = Array.from({ length: 6 }, () => fault('40001'));
    assert.equal(await outcome(queue.submit(writes('a'))), 'STORE_UNAVAILABLE');
    assert.equal(connection.log.filter((step) => step === 'begin').length, 6);
  });

  it('finishes what waits when it is closed, and takes no more', async () => {
    const waiting = queue.submit(writes('a'));
    await queue.close();
    assert.equal(await waiting, 'a');
    assert.equal(connection.log.at(-1), 'commit');
    assert.equal(await outcome(queue.submit(writes('b'))), 'STORE_UNAVAILABLE');
  });
});

describe('the commit queue over a connection that can be optimistic', () => {
  let connection: ScriptedConnection;
  let queue: CommitQueue;

  beforeEach(() => {
    connection = new ScriptedConnection(true);
    queue = new CommitQueue(connection);
  });

  it('executes a group without a transaction around it, by one write', async () => {
    const results = await Promise.all(['a', 'bad b', 'c'].map((name) => outcome(queue.submitTo(group, name))));
    assert.deepEqual(results, ['a', 'bad b', 'c']);
    assert.deepEqual(connection.log, ['look', 'read a+bad b+c', 'a+c!']);
  });

  it('writes nothing for a group that has nothing to write, but looks whether what it read is still so', async () => {
    assert.equal(await outcome(queue.submitTo(group, 'bad a')), 'bad a');
    assert.deepEqual(connection.log, ['look', 'read bad a', 'verify']);
  });

  it('takes a transaction where that is not so any more', async () => {
    connection.failures['verify'] = [new ChangedMeanwhile()];
    assert.equal(await outcome(queue.submitTo(group, 'bad a')), 'bad a');
    assert.deepEqual(connection.log, ['look', 'read bad a', 'verify', 'end', 'begin', 'read bad a', 'commit']);
  });

  it('takes a transaction before it believes what a group throws', async () => {
    connection.failures['read a'] = [new Error('out of date')];
    assert.equal(await queue.submitTo(group, 'a'), 'a');
    assert.deepEqual(connection.log, ['look', 'read a', 'end', 'begin', 'read a', 'a', 'commit']);
  });

  describe('plans a batch while the one before is written, and', () => {
    /** Says when it plans, and reads nothing. */
    const planning: GroupCommand<string, string> = (_sql, inputs) => {
      const name = inputs.join('+');
      connection.log.push(`plan ${name}`);
      return Promise.resolve({
        writes: name === 'nothing' ? [] : [{ routine: { name, statements: [] }, bindings: [] }],
        results: inputs.map((value) => ({ status: 'fulfilled', value })),
      });
    };
    /** Submits the second when the first is being written; the ends of both in the order in which they came. */
    async function oneAfterAnother(second: () => Promise<string>): Promise<readonly unknown[]> {
      const ends: unknown[] = [];
      const noted = (end: Promise<unknown>) => outcome(end).then((value) => void ends.push(value));
      let written = (): void => undefined;
      const writing = new Promise<void>((resolve) => (written = resolve));
      connection.onWrite = written;
      const first = noted(queue.submitTo(planning, 'a'));
      await writing;
      connection.onWrite = () => undefined;
      await Promise.all([first, noted(second())]);
      return ends;
    }

    it('writes it when that is done', async () => {
      assert.deepEqual(await oneAfterAnother(() => queue.submitTo(planning, 'b')), ['a', 'b']);
      assert.deepEqual(connection.log, ['look', 'plan a', 'plan b', 'a!', 'b!']);
    });

    it('judges a plan that writes nothing when that is done', async () => {
      assert.deepEqual(await oneAfterAnother(() => queue.submitTo(planning, 'nothing')), ['a', 'nothing']);
      assert.deepEqual(connection.log, ['look', 'plan a', 'plan nothing', 'a!', 'verify']);
    });

    it('reads for it when that is done', async () => {
      const reading: GroupCommand<string, string> = async (sql, inputs, basis) => {
        await sql.prepared('read');
        return planning(sql, inputs, basis);
      };
      assert.deepEqual(await oneAfterAnother(() => queue.submitTo(reading, 'b')), ['a', 'b']);
      assert.deepEqual(connection.log, ['look', 'plan a', 'a!', 'read', 'plan b', 'b!']);
    });

    for (const [what, failure, first] of [
      ['is out of date', new ChangedMeanwhile(), ['begin', 'plan a', 'a', 'commit']],
      ['fails', fault('SQLITE_FULL'), []],
    ] as const) {
      it(`plans it anew where that ${what}, within a transaction`, async () => {
        connection.failures['a!'] = [failure];
        const ends = await oneAfterAnother(() => queue.submitTo(planning, 'b'));
        assert.deepEqual(ends, [failure instanceof ChangedMeanwhile ? 'a' : 'STORE_UNAVAILABLE', 'b']);
        assert.deepEqual(connection.log, [
          ...['look', 'plan a', 'plan b', 'a!', 'end'],
          ...first,
          ...['begin', 'plan b', 'b', 'commit'],
        ]);
      });
    }

    it('begins no transaction before that is done', async () => {
      assert.deepEqual(await oneAfterAnother(() => queue.submit(writes('b'))), ['a', 'b']);
      assert.deepEqual(connection.log, ['look', 'plan a', 'a!', 'end', 'begin', 'b', 'commit']);
    });

    it('is not closed before both are written', async () => {
      const both = Promise.all([queue.submitTo(planning, 'a'), queue.close()]);
      assert.deepEqual(await both, ['a', undefined]);
      assert.deepEqual(connection.log, ['look', 'plan a', 'a!', 'end']);
    });
  });

  describe('tells a group that it may go on with what it has read', () => {
    let bases: (object | undefined)[];
    const noting: GroupCommand<string, string> = (sql, inputs, basis) => {
      bases.push(basis);
      return group(sql, inputs, basis);
    };
    const submit = () => queue.submitTo(noting, 'a');
    /** How the basis of the second of two executions is to that of the first, with this in between. */
    const after = async (between: () => unknown): Promise<'the same' | 'another'> => {
      await submit();
      await between();
      await submit();
      const [first, ...others] = bases;
      assert.notEqual(first, undefined);
      return others.at(-1) === first ? 'the same' : 'another';
    };
    beforeEach(() => {
      bases = [];
    });

    for (const [name, between, want] of [
      ['nothing else was executed', () => undefined, 'the same'],
      ['its own plan was empty', () => outcome(queue.submitTo(noting, 'bad a')), 'the same'],
      ['a command wrote', () => queue.submit(writes('b')), 'another'],
      ['another group wrote', () => queue.submitTo(group, 'b'), 'another'],
      [
        'its own plan was refused',
        () => {
          connection.failures['a!'] = [fault('SQLITE_CONSTRAINT')];
          return outcome(submit());
        },
        'another',
      ],
      [
        'its own plan was out of date',
        () => {
          connection.failures['a!'] = [new ChangedMeanwhile()];
          return submit();
        },
        'another',
      ],
      [
        'it could not be told whether its own plan was written',
        () => {
          connection.failures['a!'] = [fault('SQLITE_IOERR')];
          return outcome(submit());
        },
        'another',
      ],
    ] as readonly [string, () => unknown, string][]) {
      it(`${name}: ${want}`, async () => {
        assert.equal(await after(between), want);
      });
    }
  });

  it('takes a transaction where it cannot begin without one', async () => {
    connection.failures['look'] = [fault('SQLITE_IOERR')];
    assert.equal(await queue.submitTo(group, 'a'), 'a');
    assert.deepEqual(connection.log, ['look', 'begin', 'read a', 'a', 'commit']);
  });

  it('takes a transaction where somebody else has written meanwhile', async () => {
    connection.failures['a!'] = [new ChangedMeanwhile()];
    assert.equal(await queue.submitTo(group, 'a'), 'a');
    assert.deepEqual(connection.log, ['look', 'read a', 'a!', 'end', 'begin', 'read a', 'a', 'commit']);
  });

  for (const [code, isUncertain] of [
    ['SQLITE_IOERR', true],
    ['SQLITE_FULL', false],
  ] as const) {
    const what = isUncertain ? 'as what may have been carried out' : 'as what was not carried out';
    it(`answers STORE_UNAVAILABLE where its one write fails with ${code}, ${what}, and does not try again`, async () => {
      connection.failures['a+b!'] = [fault(code)];
      const failures = await Promise.all(
        ['a', 'b'].map((name) => queue.submitTo(group, name).catch((error: unknown) => error as GatewayError)),
      );
      for (const failure of failures as GatewayError[]) {
        assert.deepEqual([failure.code, failure instanceof UncertainCommit], ['STORE_UNAVAILABLE', isUncertain]);
      }
      assert.deepEqual(connection.log, ['look', 'read a+b', 'a+b!', 'end']);
    });
  }

  for (const [what, step, failure] of [
    ['what was read of it was out of date', 'read a', new Error('out of date')],
    ['somebody else has written meanwhile', 'a!', new ChangedMeanwhile()],
    ['the database refuses it', 'a!', fault('SQLITE_CONSTRAINT')],
    ['the disk is full', 'a!', fault('SQLITE_FULL')],
  ] as const) {
    it(`takes transactions for a while after a batch that could not do without, as ${what}, and then none again`, async () => {
      queue = new CommitQueue(connection, { lockedBatches: 2 });
      connection.failures[step] = [failure];
      await outcome(queue.submitTo(group, 'a'));
      connection.log.length = 0;
      for (const name of ['b', 'c', 'd', 'e']) assert.equal(await queue.submitTo(group, name), name);
      const locked = ['begin', 'read b', 'b', 'commit', 'begin', 'read c', 'c', 'commit'];
      assert.deepEqual(connection.log, [...locked, 'look', 'read d', 'd!', 'read e', 'e!']);
    });
  }

  for (const [name, batch] of [
    ['a command that is not of a group', () => [queue.submit(writes('a')), queue.submitTo(group, 'b')]],
    ['two groups', () => [queue.submitTo(group, 'a'), queue.submitTo(async (...given) => group(...given), 'b')]],
    [
      'a group that writes twice',
      () => [
        queue.submitTo(async (sql, inputs, basis) => {
          const { writes: once, results } = await group(sql, inputs, basis);
          return { writes: [...once, ...once], results };
        }, 'a'),
      ],
    ],
    [
      'a group that reads after its writes',
      () => [
        queue.submitTo(async (sql, inputs, basis) => {
          const { writes: once, results } = await group(sql, inputs, basis);
          return { writes: once, results: () => Promise.resolve(results as PromiseSettledResult<string>[]) };
        }, 'a'),
      ],
    ],
  ] as readonly [string, () => readonly Promise<unknown>[]][]) {
    it(`takes a transaction for ${name}`, async () => {
      await Promise.all(batch());
      assert.equal(connection.log.includes('begin') && connection.log.at(-1) === 'commit', true);
      assert.deepEqual(
        connection.log.filter((step) => step.endsWith('!')),
        [],
      );
    });
  }

  it('does not try again what it cannot know to be undone', async () => {
    connection.failures['a!'] = [fault('SQLITE_IOERR')];
    assert.equal(await outcome(queue.submitTo(group, 'a')), 'STORE_UNAVAILABLE');
    assert.deepEqual(connection.log, ['look', 'read a', 'a!', 'end']);
  });

  it('takes a transaction where the database refuses what was decided without it', async () => {
    connection.failures['a+b!'] = [fault('SQLITE_CONSTRAINT')];
    const results = await Promise.all(['a', 'b'].map((name) => queue.submitTo(group, name)));
    assert.deepEqual(results, ['a', 'b']);
    assert.equal(connection.log.join(' '), 'look read a+b a+b! end begin read a+b a+b commit');
  });

  it('finds the command that the database refuses', async () => {
    connection.failures['a+b!'] = [fault('SQLITE_CONSTRAINT')];
    connection.failures['a+b'] = [fault('SQLITE_CONSTRAINT')];
    connection.failures['b'] = [fault('SQLITE_CONSTRAINT')];
    const results = await Promise.all(['a', 'b'].map((name) => outcome(queue.submitTo(group, name))));
    assert.deepEqual(results, ['a', 'SQLITE_CONSTRAINT']);
    const inParts = 'begin read a a commit begin read b b rollback';
    assert.equal(connection.log.join(' '), `look read a+b a+b! end begin read a+b a+b rollback ${inParts}`);
  });
});
