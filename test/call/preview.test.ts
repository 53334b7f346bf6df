import assert from 'node:assert/strict';

import fc from 'fast-check';

import { beginning, preview } from '../../runtime/call/preview.js';
import { ExactNumber, parseExact } from '../../runtime/exact-numbers.js';

describe('a preview', () => {
  const CASES: readonly (readonly [name: string, value: unknown, room: number, want: ReturnType<typeof preview>])[] = [
    ['is the value itself where it is small enough', { a: [1, 2] }, 11, { value: { a: [1, 2] }, cuts: [] }],
    [
      'keeps the first items of a list, and counts them',
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      12,
      { value: [1, 2, 3, 4, 5], cuts: [{ pointer: '', kept: 5, of: 10, unit: 'items' }] },
    ],
    [
      'keeps the beginning of a text',
      'x'.repeat(100),
      20,
      { value: `${'x'.repeat(17)}…`, cuts: [{ pointer: '', kept: 17, of: 100, unit: 'characters' }] },
    ],
    [
      'keeps less of a text whose characters are written as escapes',
      '\n'.repeat(100),
      20,
      { value: `${'\n'.repeat(8)}…`, cuts: [{ pointer: '', kept: 8, of: 100, unit: 'characters' }] },
    ],
    [
      'keeps small properties whole, and gives the large ones the rest',
      { id: 7, text: 'x'.repeat(500), name: 'Ada' },
      100,
      {
        value: { id: 7, text: `${'x'.repeat(67)}…`, name: 'Ada' },
        cuts: [{ pointer: '/text', kept: 67, of: 500, unit: 'characters' }],
      },
    ],
    [
      'names places inside of others by JSON pointers',
      { 'a/b': { 'c~d': Array.from({ length: 100 }, () => 1) } },
      50,
      {
        value: { 'a/b': { 'c~d': Array.from({ length: 15 }, () => 1) } },
        cuts: [{ pointer: '/a~1b/c~0d', kept: 15, of: 100, unit: 'items' }],
      },
    ],
    [
      'shows the first item of a list whose items are large',
      [{ text: 'x'.repeat(500) }, { text: 'y' }],
      60,
      {
        value: [{ text: `${'x'.repeat(44)}…` }],
        cuts: [
          { pointer: '', kept: 1, of: 2, unit: 'items' },
          { pointer: '/0/text', kept: 44, of: 500, unit: 'characters' },
        ],
      },
    ],
    [
      'keeps a number whole that no double holds, or leaves it out',
      parseExact('[9007199254740993,9007199254740995]'),
      30,
      {
        value: [new ExactNumber('9007199254740993')],
        cuts: [{ pointer: '', kept: 1, of: 2, unit: 'items' }],
      },
    ],
    [
      'leaves a double of digits without end',
      parseExact(`{"pi":3.14159265358979323846${'1'.repeat(500)}}`),
      60,
      { value: { pi: 3.141592653589793 }, cuts: [{ pointer: '/pi', kept: 17, of: 522, unit: 'characters' }] },
    ],
    [
      'leaves out what is nested too deep',
      JSON.parse(`${'{"a":'.repeat(40)}"${'x'.repeat(500)}"${'}'.repeat(40)}`),
      400,
      {
        value: JSON.parse(`${'{"a":'.repeat(16)}{}${'}'.repeat(16)}`),
        cuts: [{ pointer: '/a'.repeat(16), kept: 0, of: 1, unit: 'properties' }],
      },
    ],
  ];
  for (const [name, value, room, want] of CASES) {
    it(name, () => {
      assert.deepEqual(preview(value, room), want);
    });
  }

  it('counts the properties that it leaves out', () => {
    const value = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index]));
    const { value: shown, cuts } = preview(value, 1_000);
    const kept = Object.keys(shown as object).length;
    assert.ok(kept > 10, String(kept));
    assert.deepEqual(cuts, [{ pointer: '', kept, of: 10_000, unit: 'properties' }]);
  });

  it('never splits a character', () => {
    assert.equal(beginning('a\u{1F600}b', 2), 'a');
    assert.equal(beginning('a\u{1F600}b', 3), 'a\u{1F600}');
  });

  it('keeps a member of the name __proto__ a member', () => {
    const { value } = preview(JSON.parse(`{"__proto__":{"admin":true},"text":"${'x'.repeat(500)}"}`), 100);
    assert.equal((value as { admin?: boolean }).admin, undefined);
    assert.deepEqual(Object.keys(value as object), ['__proto__', 'text']);
  });

  it('is valid JSON that takes no more room than it may, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 60, max: 2_000 }), (value, room) => {
        const text = JSON.stringify(preview([value, value, value], room).value);
        JSON.parse(text);
        assert.ok(text.length <= room, `${text.length} > ${room}: ${text}`);
      }),
      { numRuns: 1_000 },
    );
  });
});
