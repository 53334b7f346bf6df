import assert from 'node:assert/strict';

import type { GroupCommand } from '../../runtime/store/commit-queue.js';
import type { Routine, Row } from '../../runtime/store/sql.js';
import type { Store } from '../../runtime/store/store.js';
import { STORES, type TestDatabase } from './stores.js';

const ADD: Routine = {
  name: 'add_thing',
  statements: [
    'INSERT INTO things (id, number) SELECT id, number FROM (SELECT CAST(? AS TEXT) AS id, CAST(? AS BIGINT) AS number) AS given WHERE id IS NOT NULL',
    'UPDATE things SET number = number * 2 WHERE id = ?',
    'DELETE FROM things WHERE id = ?',
  ],
};

const SET: Routine = { name: 'set_thing', statements: ['UPDATE things SET number = ?'] };

/** For each statement its bindings, or nothing where it has nothing to do. */
type Given = readonly (readonly (string | number)[] | undefined)[];

for (const kind of STORES) {
  describe(`a routine on ${kind.name}`, () => {
    let store: Store;
    let database: TestDatabase;
    /** Runs the routine with these bindings, each run in a transaction of its own; what it throws undoes it. */
    let run: (...bindings: Given) => Promise<void>;
    const rows = (): Promise<readonly Row[]> =>
      store.read.rows('SELECT id, CAST(number AS TEXT) AS number FROM things ORDER BY id');

    beforeEach(async () => {
      database = await kind.create();
      store = await database.open();
      await store.write((sql) =>
        sql.rows('CREATE TABLE things (id TEXT PRIMARY KEY, number BIGINT NOT NULL CHECK (number < 100))'),
      );
      const group: GroupCommand<Given, void> = (_sql, inputs) =>
        Promise.resolve({
          writes: inputs.map((bindings) => ({ routine: ADD, bindings })),
          results: inputs.map(() => ({ status: 'fulfilled' as const, value: undefined })),
        });
      run = (...bindings) => store.writeTogether(group, bindings);
    });
    afterEach(() => database.drop());

    it('runs its statements in their order', async () => {
      await run(['a', 21], ['a'], ['b']);
      assert.deepEqual(await rows(), [{ id: 'a', number: '42' }]);
    });

    it('leaves out the statements that have nothing to do', async () => {
      await run(['a', 1], undefined, undefined);
      await run(['b', 2], ['a'], undefined);
      assert.deepEqual(await rows(), [
        { id: 'a', number: '2' },
        { id: 'b', number: '2' },
      ]);
    });

    it('is undone whole where one of its statements is refused, and can be run again after that', async () => {
      await assert.rejects(run(['a', 60], ['a'], undefined));
      assert.deepEqual(await rows(), []);
      await run(['a', 30], ['a'], undefined);
      assert.deepEqual(await rows(), [{ id: 'a', number: '60' }]);
    });

    it('is undone whole where it is one of several and another is refused', async () => {
      const settled = await Promise.allSettled([
        run(['a', 1], undefined, undefined),
        run(['b', 100], undefined, undefined),
      ]);
      assert.deepEqual(
        settled.map(({ status }) => status),
        ['fulfilled', 'rejected'],
      );
      assert.deepEqual(await rows(), [{ id: 'a', number: '1' }]);
    });

    it('is not written upon what another connection has changed since it was read', async () => {
      await run(['a', 1], undefined, undefined);
      const other = await database.open();
      const read: string[] = [];
      /** Sets `a` to one more than it has read. */
      const group: GroupCommand<void, void> = async (sql) => {
        const [row] = await sql.prepared('SELECT CAST(number AS TEXT) AS number FROM things');
        const number = row!['number'] as string;
        read.push(number);
        if (read.length === 1 && kind.name === 'SQLite') {
          await other.write((theirs) => theirs.rows("UPDATE things SET number = 50 WHERE id = 'a'"));
        }
        return {
          writes: [{ routine: SET, bindings: [[Number(number) + 1]] }],
          results: [{ status: 'fulfilled', value: undefined }],
        };
      };
      await store.writeTogether(group, undefined);
      const want = kind.name === 'SQLite' ? { read: ['1', '50'], number: '51' } : { read: ['1'], number: '2' };
      assert.deepEqual({ read, number: (await rows())[0]!['number'] }, want);
    });

    for (const writes of [true, false]) {
      const what = writes ? 'writes' : 'has nothing to write';
      it(`is planned in vain once for what another connection has changed, by a group that ${what}`, async () => {
        await run(['a', 1], undefined, undefined);
        const other = await database.open();
        let reads = 0;
        const group: GroupCommand<void, void> = async (sql) => {
          await sql.prepared('SELECT CAST(number AS TEXT) AS number FROM things');
          reads += 1;
          return {
            writes: writes ? [{ routine: SET, bindings: [[reads]] }] : [],
            results: [{ status: 'fulfilled', value: undefined }],
          };
        };
        await store.writeTogether(group, undefined);
        await other.write((theirs) => theirs.rows("UPDATE things SET number = 50 WHERE id = 'a'"));
        // The one in vain, and the sixteen that take a lock after it.
        for (let batch = 0; batch < 17; batch += 1) await store.writeTogether(group, undefined);
        assert.equal(reads, kind.name === 'SQLite' ? 19 : 18);
        for (let batch = 0; batch < 17; batch += 1) await store.writeTogether(group, undefined);
        assert.equal(reads, kind.name === 'SQLite' ? 36 : 35);
      });
    }
  });
}
