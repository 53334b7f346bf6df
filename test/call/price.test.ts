import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { MeteredPrice, Price } from '../../generated/contract.js';
import { describePrice, exactCharge, maxCharge } from '../../runtime/call/price.js';
import { parseExact } from '../../runtime/exact-numbers.js';

const FREE: Price = { model: 'free' };
const PER_CALL: Price = { model: 'per_call', amount: '0.001' };
const TOKENS: MeteredPrice = {
  model: 'per_unit',
  unit: 'token',
  amount: '0.60',
  per: 1_000_000,
  meter: 'usage.total_tokens',
  min: '0.0001',
  max: '0.05',
};
const IMAGES: MeteredPrice = { model: 'per_unit', unit: 'image', amount: '0.02', per: 1, meter: 'n', max: '1' };

const tokens = (count: unknown) => ({ usage: { total_tokens: count } });

describe('the most that a call can cost', () => {
  const CASES: readonly (readonly [name: string, price: Price, want: bigint])[] = [
    ['nothing where it is free', FREE, 0n],
    ['the price of a call', PER_CALL, 1_000n],
    ['the maximum of a metered price', TOKENS, 50_000n],
  ];
  for (const [name, price, want] of CASES) {
    it(`is ${name}`, () => {
      assert.equal(maxCharge(price), want);
    });
  }
});

describe('a price in words', () => {
  const CASES: readonly (readonly [price: Price, want: string])[] = [
    [FREE, 'free'],
    [PER_CALL, '0.001000 per call'],
    [TOKENS, '0.60 per 1000000 token'],
    [IMAGES, '0.02 per image'],
  ];
  for (const [price, want] of CASES) {
    it(`says "${want}"`, () => {
      assert.equal(describePrice(price), want);
    });
  }
});

describe('the exact charge', () => {
  const CASES: readonly (readonly [name: string, price: Price, body: unknown, want: bigint, units: string])[] = [
    ['is nothing where it is free', FREE, { a: 1 }, 0n, '1'],
    ['is the price of a call, whatever the answer', PER_CALL, undefined, 1_000n, '1'],
    ['is metered', TOKENS, tokens(1_000), 600n, '1000'],
    ['is rounded upward, once', TOKENS, tokens(1_001), 601n, '1001'],
    ['is not rounded where it is whole', TOKENS, tokens(1_005), 603n, '1005'],
    ['is at least the minimum', TOKENS, tokens(1), 100n, '1'],
    ['is the minimum for no units at all', TOKENS, tokens(0), 100n, '0'],
    ['is nothing for no units where there is no minimum', IMAGES, { n: 0 }, 0n, '0'],
    ['is nothing for minus zero', IMAGES, { n: -0 }, 0n, '0'],
    ['is at most the maximum', TOKENS, tokens(10_000_000), 50_000n, '10000000'],
    ['is at most the maximum for 2^53 units', TOKENS, tokens(2 ** 53), 50_000n, '9007199254740992'],
    ['is at most the maximum for 1e21 units', TOKENS, tokens(1e21), 50_000n, '1000000000000000000000'],
    [
      'is at most the maximum for units that no double holds',
      TOKENS,
      parseExact('{"usage":{"total_tokens":9007199254740993}}'),
      50_000n,
      '9007199254740993',
    ],
    [
      'is exact for a fraction that no double holds',
      IMAGES,
      parseExact('{"n":0.10000000000000000001}'),
      2_001n,
      '0.10000000000000000001',
    ],
    ['is nothing for units next to zero', IMAGES, parseExact('{"n":1E-400}'), 0n, '0'],
    ['is nothing for units next to zero, from below', IMAGES, parseExact('{"n":-1e-400}'), 0n, '0'],
    [
      'is of the nearest double for a fraction of 48 places',
      IMAGES,
      parseExact('{"n":0.333333333333333333333333333333333333333333333333}'),
      6_667n,
      '0.3333333333333333',
    ],
    [
      'is of the nearest double for a fraction of a million places',
      IMAGES,
      parseExact(`{"n":1.${'3'.repeat(1_000_000)}}`),
      26_667n,
      '1.3333333333333333',
    ],
    [
      'is of the nearest double for a fraction with an exponent',
      IMAGES,
      parseExact('{"n":1.00000000000000000005e-7}'),
      1n,
      '0.0000001',
    ],
    ['is exact for half a unit', IMAGES, { n: 0.5 }, 10_000n, '0.5'],
    ['is what the decimal says, not the float behind it', IMAGES, { n: 0.1 + 0.2 }, 6_001n, '0.30000000000000004'],
    ['is rounded upward from next to nothing', IMAGES, { n: 1.5e-7 }, 1n, '0.00000015'],
  ];
  for (const [name, price, body, want, units] of CASES) {
    it(name, () => {
      const charge = exactCharge(price, body);
      assert.equal(charge.amountMicroUsdc, want);
      assert.equal(charge.units, units);
      assert.equal(charge.unitPrice, describePrice(price));
      assert.equal(charge.warning, undefined);
    });
  }

  const UNREADABLE: readonly (readonly [name: string, body: unknown])[] = [
    ['an answer that is no JSON', undefined],
    ['an answer without the meter', { usage: {} }],
    ['null in place of a number', tokens(null)],
    ['a number written as text', tokens('1000')],
    ['a negative number', tokens(-1)],
    ['a list', tokens([1])],
    ['a number that no receipt can carry', tokens(1e300)],
    ['a fraction that no receipt can carry', tokens(5e-324)],
  ];
  for (const [name, body] of UNREADABLE) {
    it(`is the minimum with a warning for ${name}`, () => {
      assert.deepEqual(exactCharge(TOKENS, body), {
        amountMicroUsdc: 100n,
        unitPrice: '0.60 per 1000000 token',
        units: '0',
        warning: 'the answer has no usable number at "usage.total_tokens": charged the minimum',
      });
    });
  }

  it('is nothing with a warning where the meter fails and there is no minimum', () => {
    const { amountMicroUsdc, warning } = exactCharge(IMAGES, {});
    assert.equal(amountMicroUsdc, 0n);
    assert.match(warning!, /no usable number at "n"/);
  });

  it('equals the rational model: ceil(amount × units ÷ per), kept within min and max', () => {
    const micro = fc.bigInt({ min: 0n, max: 10n ** 12n });
    // A count of units as digits and decimal places, as JavaScript reads it from JSON.
    const units = fc.tuple(fc.nat({ max: 999_999_999 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(micro, micro, micro, fc.integer({ min: 1, max: 10_000_000 }), units, (amount, a, b, per, unit) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        const [digits, places] = unit;
        const count = Number(`${digits}e-${places}`);
        const price: MeteredPrice = {
          model: 'per_unit',
          unit: 'u',
          amount: usdc(amount),
          per,
          meter: 'n',
          min: usdc(min),
          max: usdc(max),
        };
        const numerator = amount * BigInt(digits);
        const denominator = BigInt(per) * 10n ** BigInt(places);
        const whole = numerator / denominator + (numerator % denominator === 0n ? 0n : 1n);
        const want = whole < min ? min : whole > max ? max : whole;
        assert.equal(exactCharge(price, { n: count }).amountMicroUsdc, want);
      }),
      { numRuns: 500 },
    );
  });

  it('is never above what was held, and always on a receipt that can be written, for any number at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.anything()), (count) => {
        for (const price of [TOKENS, IMAGES]) {
          const body = price === TOKENS ? tokens(count) : { n: count };
          const charge = exactCharge(price, body);
          assert.ok(charge.amountMicroUsdc >= 0n && charge.amountMicroUsdc <= maxCharge(price));
          assert.match(charge.units, /^(0|[1-9]\d{0,40})(\.\d{1,40})?$/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function usdc(micro: bigint): string {
  const digits = micro.toString().padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
