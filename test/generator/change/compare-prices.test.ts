import assert from 'node:assert/strict';
import { comparePrices } from '../../../generator/change/compare-prices.js';
import type { Price } from '../../../generator/contract.js';

const call = (amount: string): Price => ({ model: 'per_call', amount });
const metered = (over: Partial<Extract<Price, { model: 'per_unit' }>> = {}): Price => ({
  model: 'per_unit',
  unit: 'token',
  amount: '0.60',
  per: 1_000_000,
  meter: 'usage.total',
  max: '0.05',
  ...over,
});
const free: Price = { model: 'free' };

const ROWS: readonly [name: string, before: Price, after: Price, want: string | undefined][] = [
  ['the same', call('0.001'), call('0.001'), undefined],
  ['the same amount, written otherwise', call('0.1'), call('0.100000'), undefined],
  ['a higher amount', call('0.001'), call('0.0011'), 'price-raised'],
  ['a lower amount of more digits', call('0.2'), call('0.10'), 'price-lowered'],
  ['an amount beyond what floats tell apart', call('9007199254.740992'), call('9007199254.740993'), 'price-raised'],
  ['free no more', free, call('0.001'), 'price-raised'],
  ['free now', metered(), free, 'price-lowered'],
  ['the same rate for fewer units', metered(), metered({ amount: '0.06', per: 100_000 }), undefined],
  ['a higher rate for fewer units', metered(), metered({ amount: '0.07', per: 100_000 }), 'price-raised'],
  ['a higher maximum', metered(), metered({ max: '0.06' }), 'price-raised'],
  ['a minimum where there was none', metered(), metered({ min: '0.01' }), 'price-raised'],
  ['a lower rate with a higher maximum', metered(), metered({ amount: '0.50', max: '0.06' }), 'price-changed'],
  ['another unit', metered(), metered({ unit: 'character' }), 'price-unit-changed'],
  ['another meter', metered(), metered({ meter: 'usage.input' }), 'price-unit-changed'],
  ['by the unit in place of by the call', call('0.001'), metered(), 'price-unit-changed'],
];

describe('a comparison of prices', () => {
  for (const [name, before, after, want] of ROWS) {
    it(`tells ${want ?? 'nothing'} of ${name}`, () => assert.equal(comparePrices(before, after)?.kind, want));
  }

  it('says what it cost and what it costs', () => {
    assert.equal(
      comparePrices(call('0.001'), metered())?.message,
      '0.001 USDC a call before, 0.60 USDC for 1000000 token, at most 0.05 now',
    );
  });
});
