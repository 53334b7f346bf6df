/**
 * Promises 1, 3, 4, 7 and 9 in histories that no hand has written: a ledger on two gateways, with faults and crashes
 * between any two statements. `npm run test:simulate` runs as many as it is asked for.
 */

import assert from 'node:assert/strict';

import { figure } from './figures.js';
import { simulate } from './simulation/simulation.js';

const FIRST_SEED = 1;
const HISTORIES = figure({ full: 1_000, short: 12 });

describe('simulated histories', function () {
  this.timeout(3_600_000);

  it(`end in sound books, with everybody told the truth: seeds ${FIRST_SEED} to ${FIRST_SEED + HISTORIES - 1}`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed += 1) {
      const { failure, calls, trace } = await simulate(seed);
      if (failure !== undefined) {
        throw new Error(`seed ${seed} (npm run test:simulate -- --seed ${seed})\n${trace.slice(-40).join('\n')}`, {
          cause: failure,
        });
      }
      assert.ok(calls > 0);
    }
  });

  it('are the same to the letter when their seed is the same, and others when it is not', async () => {
    const [first, again, other] = [await simulate(7), await simulate(7), await simulate(8)];
    assert.ok(first.trace.length > 100);
    assert.deepEqual(again.trace, first.trace);
    assert.notDeepEqual(other.trace, first.trace);
  });
});
