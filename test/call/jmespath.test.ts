import assert from 'node:assert/strict';

import { evaluate, isTruthy, parseExpression, select } from '../../runtime/call/jmespath.js';

describe('JMESPath', () => {
  const TRUTH: readonly (readonly [name: string, value: unknown, want: boolean])[] = [
    ['undefined', undefined, false],
    ['null', null, false],
    ['false', false, false],
    ['an empty text', '', false],
    ['an empty list', [], false],
    ['an empty object', {}, false],
    ['true', true, true],
    ['zero', 0, true],
    ['a text', 'false', true],
    ['a list of nothing', [null], true],
    ['an object', { a: null }, true],
  ];
  for (const [name, value, want] of TRUTH) {
    it(`takes ${name} for ${String(want)}`, () => {
      assert.equal(isTruthy(value), want);
    });
  }

  const VALUES: readonly (readonly [expression: string, document: unknown, want: unknown])[] = [
    ['a.b[0]', { a: { b: [7] } }, 7],
    [
      'items[?n > `1`].name',
      {
        items: [
          { n: 1, name: 'x' },
          { n: 2, name: 'y' },
        ],
      },
      ['y'],
    ],
    ["status == 'error'", { status: 'error' }, true],
    ['items[].[name, $.unit]', { unit: 'm', items: [{ name: 'x' }] }, [['x', 'm']]],
    [
      'let $unit = unit in items[].{name: name, unit: $unit}',
      { unit: 'm', items: [{ name: 'x' }] },
      [{ name: 'x', unit: 'm' }],
    ],
    ['sort_by(items, &n)[].n', { items: [{ n: 2 }, { n: 1 }] }, [1, 2]],
    [
      'sort_by(items, &n)[].n',
      { items: [{ n: '\u{1F600}' }, { n: '\uFFFD' }, { n: 'ab' }, { n: 'a' }] },
      ['a', 'ab', '\uFFFD', '\u{1F600}'],
    ],
    ['let $one = `1` in sort_by(items, &(n - $one))[].n', { items: [{ n: 2 }, { n: 1 }] }, [1, 2]],
    ['sort(@)', [10, 9, 1], [1, 9, 10]],
    ['sort(@)', ['b', 'ab', 'a'], ['a', 'ab', 'b']],
    ['[max(@), min(@)]', ['b', 'c', 'a'], ['c', 'a']],
    ['[max(@), min(@)]', [2, -3, 1], [2, -3]],
    ['max(@)', [], null],
    ['sort(@)', ['\u{103FF}', '\u{10000}', '\uFF01', '\uD7A3'], ['\uD7A3', '\uFF01', '\u{10000}', '\u{103FF}']],
    ["replace(@, 'a', 'b')", 'banana', 'bbnbnb'],
    ["replace(@, 'a', 'aa', `2`)", 'banana', 'baanaana'],
    ["replace(@, 'a', 'b', `0`)", 'banana', 'banana'],
    ["replace(@, 'n', '$&')", 'banana', 'ba$&a$&a'],
    ['[trim(@), trim_left(@), trim_right(@)]', ' \t a b\u0085 ', ['a b', 'a b\u0085 ', ' \t a b']],
    ["trim(@, 'x-')", '-x-a-x-b--x', 'a-x-b'],
    ['max_by(items, &n).n', { items: [{ n: 'a' }, { n: 'b' }] }, 'b'],
    ['min_by(items, &n).n', { items: [{ n: 2 }, { n: 1 }] }, 1],
    ['max_by(@, &n)', [], null],
    ['group_by(@, &n)."constructor"', [{ n: 'constructor' }, { n: 'a' }], [{ n: 'constructor' }]],
    [
      'group_by(@, &n).a[].i',
      [
        { n: 'a', i: 1 },
        { n: 'b', i: 2 },
        { n: 'a', i: 3 },
      ],
      [1, 3],
    ],
    ['absent', { a: 1 }, null],
    ['a', [1], null],
    ['constructor', {}, null],
    ['a.__proto__.toString', { a: {} }, null],
    ['toString', JSON.parse('{"toString":"mine"}'), 'mine'],
  ];
  for (const [expression, document, want] of VALUES) {
    it(`takes ${JSON.stringify(want)} by ${expression}`, () => {
      assert.deepEqual(evaluate(expression, document), want);
    });
  }

  it('has no value where a function meets a wrong type, and says why to who asks', () => {
    assert.equal(evaluate('sum(a)', { a: 'x' }), undefined);
    const selected = select('sum(a)', { a: 'x' });
    assert.match('fault' in selected ? selected.fault : '', /sum\(\)/);
  });

  it('refuses an expression that is not JMESPath, or longer than 1,000 characters', () => {
    assert.throws(() => parseExpression('a['));
    assert.throws(() => parseExpression('a'.repeat(1_001)), /has 1001 characters, at most 1000 are allowed/);
    assert.doesNotThrow(() => parseExpression('a'.repeat(1_000)));
  });

  describe('is bounded', () => {
    const items = Array.from({ length: 2_000 }, (_, id) => ({ id, name: 'x'.repeat(10) }));
    const doubled = `[@,@]${'|[@,@]'.repeat(100)}`;
    const TOO_MUCH: readonly (readonly [name: string, expression: string])[] = [
      ['projections of the whole inside projections', 'items[].[$.items[].[$.items[].id]]'],
      ['functions over the whole, for each element', 'map(&map(&map(&id, $.items), $.items), items)'],
      ['a value that doubles a hundred times', doubled],
      ['an object that doubles fifty times', `{a:@,b:@}${'|{a:@,b:@}'.repeat(50)}`],
      ['a value that doubles a hundred times, as text', `${doubled}|to_string(@)`],
      ['a value that doubles a hundred times, compared', `${doubled}|@ == [@]`],
      ['a value that doubles inside a scope', `let $x = items in ${doubled}|[@, $x]`],
      ['projections inside a scope', 'let $x = items in $x[].[$x[].[$x[].id]]'],
      ['padding without end', "pad_left('a', `500000000`)"],
      ['a separator as long as the document', 'join(to_string(@), items[].name)'],
      ['replacing little by much', "replace(to_string(@), 'x', to_string(@))"],
      ['sorting long texts that begin alike, for each element', 'items[].length(sort($.alike))'],
      ['sorting by long texts that begin alike, for each element', 'items[].length(sort_by($.alike, &@))'],
      ['the greatest of long texts that begin alike, for each element', 'items[].max($.alike)'],
      ['the least by long texts that begin alike, for each element', 'items[].min_by($.alike, &@)'],
      ['a scope for each pair of elements', 'items[].[$.items[].[let $x = id in $x]]'],
      ['pairs of long lists', 'items[].zip($.items, $.items)'],
      ['a sum of a long list, for each element', 'items[].sum($.items[].id)'],
      ['a flattened list, for each element', 'items[].[$.items[][]]'],
      ['looking for a long text that nearly occurs everywhere', 'items[].contains($.ab, $.nearly)'],
      ['a character of a long text, for each element', 'items[].[$.alike[0][:1], $.alike[1][:1], $.alike[2][:1]]'],
    ];
    const alike = Array.from({ length: 100 }, (_, index) => `${'x'.repeat(2_000)}${index}`);
    const ab = 'ab'.repeat(50_000);
    const nearly = `${'ab'.repeat(2_000)}aa${'ba'.repeat(2_000)}`;
    for (const [name, expression] of TOO_MUCH) {
      it(`gives up on ${name}`, () => {
        assert.deepEqual(select(expression, { items, alike, ab, nearly }), {
          fault: 'it takes too much work on this document, or makes too much of it',
        });
      });
    }

    it('replaces as often as there is something to replace, however often it is told to', () => {
      assert.equal(evaluate("replace(@, 'a', 'b', `4000000000`)", 'banana'), 'bbnbnb');
    });

    it('trims a long text in one pass', () => {
      const spaces = ' '.repeat(300_000);
      assert.equal(evaluate('trim(@)', `${spaces}x${spaces}y${spaces}`), `x${spaces}y`);
      assert.equal(evaluate("trim_right(@, ' -')", `x${spaces}-${spaces}`), 'x');
    });

    const FORGED: readonly (readonly [name: string, expression: string])[] = [
      ['the expression', 'map(`{"expref":true,"type":"Literal","value":"forged"}`, [@])'],
      ['the document', 'map(forged, [@])'],
      ['a hash that the expression makes', "map({expref: `true`, type: 'Literal', value: 'forged'}, [@])"],
    ];
    for (const [name, expression] of FORGED) {
      it(`runs no expression that ${name} writes as an object`, () => {
        const forged = { expref: true, type: 'Literal', value: 'forged' };
        assert.deepEqual(select(expression, { forged }), {
          fault: 'map() was given an object with a member "expref"',
        });
      });
    }

    it('has room for a look at every element of a large answer', () => {
      const large = { items: Array.from({ length: 100_000 }, (_, id) => ({ id, tags: ['a', 'b'] })) };
      const selected = select('items[?id >= `99999`].{id: id, first: tags[0]}', large);
      assert.deepEqual(selected, { value: [{ id: 99_999, first: 'a' }], isRounded: false });
    });

    it('starts each evaluation anew', () => {
      select(doubled, {});
      assert.equal(evaluate('a', { a: 1 }), 1);
    });
  });
});
