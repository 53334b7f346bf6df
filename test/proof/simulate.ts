/**
 * `npm run test:simulate`: histories of a ledger in trouble, one a seed, on SQLite or (`-- --store postgres`) on a
 * PostgreSQL server of the run's own. The first failing one ends the run, with its seed and its trace; `-- --seed N`
 * tells the same one again, to the letter.
 */

import { createHash, randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

import { startPostgres } from '../store/postgres-server.js';
import { PostgresDatabase } from './simulation/postgres-database.js';
import type { SimulatedDatabase } from './simulation/simulated-database.js';
import { simulate, type History } from './simulation/simulation.js';
import { SqliteDatabase } from './simulation/sqlite-database.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    histories: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
    trace: { type: 'boolean', default: false },
  },
});
const { store } = values;
if (store !== 'sqlite' && store !== 'postgres') throw new Error(`there is no store "${store}": sqlite or postgres`);
const first = values.seed === undefined ? randomInt(2 ** 31) : wholeNumber('seed', values.seed);
const histories = wholeNumber('histories', values.histories ?? (values.seed === undefined ? '1000' : '1'));
if (histories === 0) throw new Error('--histories 0 shows nothing: ask for 1 at least');

const server = store === 'postgres' ? await startPostgres() : undefined;
const database = (): SimulatedDatabase =>
  server === undefined ? new SqliteDatabase() : new PostgresDatabase(server.url);

let [steps, calls] = [0, 0];
const startMs = performance.now();
console.log(`seeds ${first} to ${first + histories - 1}, on ${store}`);
for (let seed = first; seed < first + histories; seed += 1) {
  const history = await simulate(seed, database());
  steps += history.steps;
  calls += history.calls;
  if (values.trace || history.failure !== undefined) tell(history);
  if (history.failure !== undefined) {
    console.log(`\nagain: npm run test:simulate -- --store ${store} --seed ${seed}`);
    process.exitCode = 1;
    break;
  }
}
const seconds = (performance.now() - startMs) / 1_000;
console.log(`${steps} steps, ${calls} calls that ended, ${Math.round(steps / seconds)} steps a second`);
await server?.stop();

/** Of what is no number there would be no history, and nothing to fail. */
function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new Error(`--${name} ${text} is no whole number`);
  return value;
}

function tell({ seed, trace, failure }: History): void {
  console.log(trace.join('\n'));
  console.log(`\nseed ${seed}, trace ${createHash('sha256').update(trace.join('\n')).digest('hex')}`);
  if (failure !== undefined) console.log(failure.stack);
}
