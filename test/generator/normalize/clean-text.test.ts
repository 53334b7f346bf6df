import assert from 'node:assert/strict';
import { beginning, cap, show } from '../../../generator/normalize/clean-text.js';

describe('text that is cut', () => {
  it('is whole where it fits, and else says that it goes on', () => {
    assert.equal(cap('four', 4), 'four');
    assert.equal(cap('fives', 4), 'fiv…');
  });

  it('never ends in half of a surrogate pair', () => {
    assert.equal(beginning('ab😀', 3), 'ab');
    assert.equal(cap('ab😀cd', 4), 'ab…');
  });
});

describe('a value in a message', () => {
  const CASES: [value: unknown, want: string][] = [
    ['a "b"', '"a \\"b\\""'],
    [{ a: [1] }, '{"a":[1]}'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [undefined, 'undefined'],
    ['x'.repeat(100), `"${'x'.repeat(78)}…`],
  ];
  for (const [value, want] of CASES) {
    it(`is written as ${want}`, () => assert.equal(show(value), want));
  }
});
