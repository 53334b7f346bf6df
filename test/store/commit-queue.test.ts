import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import { CommitQueue, type WriteConnection } from '../../runtime/store/commit-queue.js';
import type { Routine, Sql } from '../../runtime/store/sql.js';

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
  run = ({ name }: Routine) => this.#step(name);

  async #step(name: string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
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
    const group = async (sql: Sql, inputs: readonly string[]) => {
      await sql.rows(inputs.join('+'));
      return inputs.map((value) => ({ status: 'fulfilled', value }) as const);
    };
    const results = await Promise.all([
      queue.submitTo(group, 'a'),
      queue.submitTo(group, 'b'),
      queue.submit(writes('c')),
      queue.submitTo(group, 'd'),
    ]);
    assert.deepEqual(results, ['a', 'b', 'c', 'd']);
    assert.deepEqual(connection.log, ['begin', 'a+b', 'c', 'd', 'commit']);
  });

  it('rejects the one of a group that its group rejects, and commits the others', async () => {
    const group = async (sql: Sql, inputs: readonly string[]) => {
      await sql.rows(inputs.join('+'));
      return inputs.map((value) =>
        value === 'b'
          ? ({ status: 'rejected', reason: new Error('bad b') } as const)
          : ({ status: 'fulfilled', value } as const),
      );
    };
    const results = await Promise.all(['a', 'b', 'c'].map((name) => outcome(queue.submitTo(group, name))));
    assert.deepEqual(results, ['a', 'bad b', 'c']);
    assert.deepEqual(connection.log, ['begin', 'a+b+c', 'commit']);
  });

  it('executes the commands of a group one by one where together they throw', async () => {
    connection.failures['a+b+c'] = [new Error('one of them')];
    connection.failures['b'] = [new Error('bad b')];
    const group = async (sql: Sql, inputs: readonly string[]) => {
      await sql.rows(inputs.join('+'));
      return inputs.map((value) => ({ status: 'fulfilled', value }) as const);
    };
    const results = await Promise.all(['a', 'b', 'c'].map((name) => outcome(queue.submitTo(group, name))));
    assert.deepEqual(results, ['a', 'bad b', 'c']);
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

  for (const code of ['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_BUSY', '53100', '57P01', 'ECONNRESET']) {
    it(`answers STORE_UNAVAILABLE where the commit fails with ${code}, and does not try again`, async () => {
      connection.failures['commit'] = [fault(code)];
      const results = await Promise.all(['a', 'b'].map((name) => outcome(queue.submit(writes(name)))));
      assert.deepEqual(results, ['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE']);
      assert.deepEqual(connection.log, ['begin', 'a', 'b', 'commit', 'rollback']);
    });
  }

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
