import assert from 'node:assert/strict';

import { evaluate } from '../../runtime/call/jmespath.js';
import type { Cut } from '../../runtime/call/preview.js';
import { selectOfRest } from '../../runtime/call/select-of-rest.js';

describe('the expression that takes what a preview left out', () => {
  const value = { items: [{ 'a "b"': ['x', 'y', 'z'], text: 'long' }], id: 7 };
  const CASES: readonly (readonly [pointer: string, unit: Cut['unit'], want: string, taken: unknown])[] = [
    ['/items/0/text', 'characters', 'items[0].text', 'long'],
    ['/items/0/a "b"', 'items', 'items[0]."a \\"b\\""[1:]', ['y', 'z']],
    ['/items', 'items', 'items[1:]', []],
    ['', 'properties', '@', value],
  ];
  for (const [pointer, unit, want, taken] of CASES) {
    it(`is ${want}`, () => {
      const expression = selectOfRest(value, { pointer, unit, kept: 1, of: 3 });
      assert.equal(expression, want);
      assert.deepEqual(evaluate(expression, value), taken);
    });
  }

  it('begins with the number of an item where the whole is a list', () => {
    assert.equal(selectOfRest([[1, 2], 'long'], { pointer: '/1', unit: 'characters', kept: 1, of: 4 }), '[1]');
    assert.equal(selectOfRest([[1, 2], 'long'], { pointer: '/0', unit: 'items', kept: 1, of: 2 }), '[0][1:]');
  });
});
