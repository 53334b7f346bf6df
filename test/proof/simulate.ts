/**
 * `npm run test:simulate`: histories of a ledger in trouble, one a seed. The first failing one ends the run, with its
 * seed and its trace; `-- --seed N` tells the same one again, to the letter.
 */

import { createHash, randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

import { simulate, type History } from './simulation/simulation.js';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, histories: { type: 'string' }, trace: { type: 'boolean', default: false } },
});
const first = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const histories = Number(values.histories ?? (values.seed === undefined ? 1_000 : 1));

let [steps, calls] = [0, 0];
const startMs = performance.now();
console.log(`seeds ${first} to ${first + histories - 1}`);
for (let seed = first; seed < first + histories; seed += 1) {
  const history = await simulate(seed);
  steps += history.steps;
  calls += history.calls;
  if (values.trace || history.failure !== undefined) tell(history);
  if (history.failure !== undefined) {
    console.log(`\nagain: npm run test:simulate -- --seed ${seed}`);
    process.exitCode = 1;
    break;
  }
}
const seconds = (performance.now() - startMs) / 1_000;
console.log(`${steps} steps, ${calls} calls that ended, ${Math.round(steps / seconds)} steps a second`);

function tell({ seed, trace, failure }: History): void {
  console.log(trace.join('\n'));
  console.log(`\nseed ${seed}, trace ${createHash('sha256').update(trace.join('\n')).digest('hex')}`);
  if (failure !== undefined) console.log(failure.stack);
}
