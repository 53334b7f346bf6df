/**
 * Promises 1, 3, 4, 7 and 9 in histories that no hand has written: a ledger on two gateways, with faults and crashes
 * between any two statements. `npm run test:simulate` runs as many as it is asked for.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { STORES, type StoreKind } from '../store/stores.js';
import { figure } from './figures.js';
import { PostgresDatabase } from './simulation/postgres-database.js';
import { simulate, type History } from './simulation/simulation.js';
import { SqliteDatabase } from './simulation/sqlite-database.js';

const FIRST_SEED = 1;
/** A history takes four times as long on PostgreSQL. */
const HISTORIES = {
  SQLite: figure({ full: 1_000, short: 12 }),
  PostgreSQL: figure({ full: 250, short: 3 }),
};

async function history(kind: StoreKind, seed: number): Promise<History> {
  if (kind.name === 'SQLite') return simulate(seed, new SqliteDatabase());
  const database = await kind.create();
  try {
    return await simulate(seed, new PostgresDatabase(database.url));
  } finally {
    await database.drop();
  }
}

describe('simulated histories', function () {
  this.timeout(3_600_000);

  for (const kind of STORES) {
    const last = FIRST_SEED + HISTORIES[kind.name] - 1;
    it(`end in sound books, with everybody told the truth, on ${kind.name}: seeds ${FIRST_SEED} to ${last}`, async () => {
      const store = kind.name === 'SQLite' ? 'sqlite' : 'postgres';
      for (let seed = FIRST_SEED; seed <= last; seed += 1) {
        const { failure, calls, trace } = await history(kind, seed);
        if (failure !== undefined) {
          const again = `npm run test:simulate -- --store ${store} --seed ${seed}`;
          throw new Error(`seed ${seed} (${again})\n${trace.slice(-40).join('\n')}`, { cause: failure });
        }
        assert.ok(calls > 0);
      }
    });
  }

  for (const kind of STORES) {
    it(`are the same to the letter when their seed is the same, and others when it is not, on ${kind.name}`, async () => {
      const [first, again, other] = [await history(kind, 7), await history(kind, 7), await history(kind, 8)];
      assert.ok(first.trace.length > 100);
      assert.deepEqual(again.trace, first.trace);
      assert.notDeepEqual(other.trace, first.trace);
    });
  }

  const NO_NUMBERS = [
    ['--seed', 'abc', /--seed abc is no whole number/],
    ['--histories', 'many', /--histories many is no whole number/],
    ['--histories', '0', /--histories 0 shows nothing/],
  ] as const;
  for (const [option, text, said] of NO_NUMBERS) {
    it(`do not pass for sound where ${option} ${text} asks for none`, () => {
      const command = fileURLToPath(new URL('simulate.ts', import.meta.url));
      const run = spawnSync(process.execPath, ['--import', 'tsx', command, option, text], { encoding: 'utf8' });
      assert.match(run.stderr, said);
      assert.equal(run.status, 1);
    });
  }
});
