import assert from 'node:assert/strict';

import { interleave } from './interleave.js';
import { holds, type Figure } from './measure.js';
import { quantile } from './quantile.js';
import { table } from './table.js';

describe('the harness of the bench', () => {
  const ratioGoal = { bound: 'at least', of: 'ratio', limit: 0.35 } as const;
  const valueGoal = { bound: 'at most', of: 'value', limit: 5 } as const;
  const cases: readonly (readonly [name: string, given: Partial<Figure>, want: boolean | undefined])[] = [
    ['a ratio that is reached exactly', { ratio: 0.35, goal: ratioGoal }, true],
    ['a ratio below its goal', { ratio: 0.34, goal: ratioGoal }, false],
    ['a value within its bound', { value: 5, goal: valueGoal }, true],
    ['a value above its bound, whatever the ratio is', { value: 5.1, ratio: 1, goal: valueGoal }, false],
    ['a figure without a goal', { value: 5 }, undefined],
  ];
  for (const [name, given, want] of cases) {
    it(`judges ${name}`, () => {
      assert.equal(holds({ measure: 'm', value: 1, unit: 'ms', ...given }), want);
    });
  }

  it('answers quantiles that were measured, by the nearest rank', () => {
    const sample = [40, 10, 30, 20];
    assert.deepEqual(
      [0, 0.5, 0.51, 0.99, 1].map((q) => quantile(sample, q)),
      [10, 20, 30, 40, 40],
    );
  });

  it('runs contenders in turn, and takes the ratio round by round', async () => {
    const order: string[] = [];
    const contender = (name: string, figures: readonly number[]) => (round: number) => {
      order.push(name);
      return Promise.resolve(figures[round]!);
    };
    // The machine became four times slower after the first round, for both.
    const rounds = await interleave(3, { own: contender('own', [80, 20, 20]), other: contender('other', [40, 10, 5]) });
    assert.deepEqual(order, ['own', 'other', 'other', 'own', 'own', 'other']);
    assert.equal(rounds.ratio('own', 'other'), 2);
    assert.equal(rounds.median('own'), 20);
  });

  it('says of each goal whether it is held', () => {
    const figure = { measure: 'calls', value: 1234.5, unit: 'calls/s', against: { what: 'a proxy', value: 5000 } };
    const lines = table([
      { ...figure, ratio: 0.2469, goal: ratioGoal },
      { ...figure, ratio: 0.4, goal: ratioGoal, note: 'quiet' },
    ]).split('\n');
    assert.equal(lines[2], 'calls    1,235 calls/s  5,000 calls/s: a proxy  0.247  at least 0.35  not yet');
    assert.equal(lines[3], 'calls    1,235 calls/s  5,000 calls/s: a proxy  0.4    at least 0.35  held');
    assert.equal(lines.at(-1), '  calls: quiet');
  });
});
