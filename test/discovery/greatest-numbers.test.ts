import assert from 'node:assert/strict';

import fc from 'fast-check';

import { GreatestNumbers } from '../../runtime/discovery/greatest-numbers.js';

describe('the greatest numbers', () => {
  const numbers = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true })), { maxLength: 60 });
  it('are those that sorting all of them gives', () => {
    fc.assert(
      fc.property(numbers, fc.oneof(fc.nat(20), fc.constant(Infinity)), (given, most) => {
        const greatest = new GreatestNumbers(most);
        for (const number of given) greatest.add(number);
        // Of 0 and -0 neither is greater.
        const plain = (list: Iterable<number>) => Array.from(list, (number) => number + 0);
        const want = [...given].sort((one, other) => other - one).slice(0, most);
        assert.deepEqual(plain(greatest.descending()), plain(want));
      }),
      { numRuns: 500 },
    );
  });
});
