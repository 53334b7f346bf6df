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
      ['a value that doubles a hundred times, as text', `${doubled}|to_string(@)`],
      ['a value that doubles a hundred times, compared', `${doubled}|@ == [@]`],
      ['a value that doubles inside a scope', `let $x = items in ${doubled}|[@, $x]`],
      ['projections inside a scope', 'let $x = items in $x[].[$x[].[$x[].id]]'],
      ['padding without end', "pad_left('a', `500000000`)"],
      ['a separator as long as the document', 'join(to_string(@), items[].name)'],
      ['replacing little by much', "replace(to_string(@), 'x', to_string(@))"],
    ];
    for (const [name, expression] of TOO_MUCH) {
      it(`gives up on ${name}`, () => {
        assert.deepEqual(select(expression, { items }), {
          fault: 'it takes too much work on this document, or makes too much of it',
        });
      });
    }

    it('has room for a look at every element of a large answer', () => {
      const large = { items: Array.from({ length: 100_000 }, (_, id) => ({ id, tags: ['a', 'b'] })) };
      const selected = select('items[?id >= `99999`].{id: id, first: tags[0]}', large);
      assert.deepEqual(selected, { value: [{ id: 99_999, first: 'a' }] });
    });

    it('starts each evaluation anew', () => {
      select(doubled, {});
      assert.equal(evaluate('a', { a: 1 }), 1);
    });
  });
});
