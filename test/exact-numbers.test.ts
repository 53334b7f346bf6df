import assert from 'node:assert/strict';

import fc from 'fast-check';

import { canonicalText, ExactNumber, exactOf, jsonText, normalForm, parseExact } from '../runtime/exact-numbers.js';

describe('numbers that no double holds', () => {
  const KEPT: readonly string[] = [
    '9007199254740993',
    '-9007199254740993',
    '9223372036854775807',
    '12345678901234567168',
    '123456789012345678901234567890',
    '9.007199254740993e15',
    '9007199254740993.0',
    '0.1000000000000000055',
    '3.14159265358979323846',
    '1e400',
    '-1e400',
    '1e-400',
    '1.25e-322',
  ];
  for (const digits of KEPT) {
    it(`are written as they were read: ${digits}`, () => {
      assert.equal(jsonText(parseExact(`{"a":[${digits}]}`)), `{"a":[${digits}]}`);
      assert.equal(jsonText(parseExact(digits)), digits);
    });
  }

  const HELD: readonly (readonly [digits: string, want: string])[] = [
    ['9007199254740992', '9007199254740992'],
    ['9007199254740994', '9007199254740994'],
    ['0.1', '0.1'],
    ['1.10', '1.1'],
    ['1e2', '100'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['100000000000000000000000', '1e+23'],
    ['1.0000000000000000000000', '1'],
    ['-0.0000000000000000000000', '0'],
    ['0e-400', '0'],
    ['1e0000', '1'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['5e-324', '5e-324'],
  ];
  for (const [digits, want] of HELD) {
    it(`are not those that JavaScript writes otherwise alone: ${digits}`, () => {
      const value = JSON.parse(digits) as unknown;
      assert.equal(exactOf(digits, value), value);
      assert.equal(jsonText(parseExact(digits)), want);
    });
  }

  const IN_TEXT: readonly (readonly [name: string, text: string, want: string])[] = [
    ['in a text', '{"a":"9007199254740993"}', '{"a":"9007199254740993"}'],
    [
      'behind quotes and backslashes',
      '{"a":"\\\\\\" 9007199254740993,","b":9007199254740993}',
      '{"a":"\\\\\\" 9007199254740993,","b":9007199254740993}',
    ],
    ['of a key', '{"9007199254740993":1}', '{"9007199254740993":1}'],
    ['twice by one name', '{"a":9007199254740993,"a":9007199254740995}', '{"a":9007199254740995}'],
    ['below __proto__', '{"__proto__":{"a":9007199254740993}}', '{"__proto__":{"a":9007199254740993}}'],
    ['as __proto__', '{"__proto__":9007199254740993}', '{"__proto__":9007199254740993}'],
    ['between others', '[1, 9007199254740993 ,1.50]', '[1,9007199254740993,1.5]'],
  ];
  for (const [name, text, want] of IN_TEXT) {
    it(`are told from what is none: ${name}`, () => {
      assert.equal(jsonText(parseExact(text)), want);
    });
  }

  it('are read below 300,000 levels', () => {
    const read = parseExact(`${'['.repeat(300_000)}9007199254740993${']'.repeat(300_000)}`);
    let at = read;
    while (Array.isArray(at)) [at] = at as unknown[];
    assert.deepEqual(at, new ExactNumber('9007199254740993'));
  });

  it('have one spelling', () => {
    const SPELLINGS: readonly (readonly [given: string, want: string])[] = [
      ['9.007199254740993E+15', '9007199254740993'],
      ['9007199254740993.00', '9007199254740993'],
      ['-90071992547409930e-1', '-9007199254740993'],
      ['0.01000000000000000055', '0.01000000000000000055'],
      ['100000000000000000.10', '100000000000000000.1'],
      ['0.00000000000010000000000000000055', '1.0000000000000000055e-13'],
      ['12345678901234567e30', '1.2345678901234567e+46'],
      ['123456789012345678901', '123456789012345678901'],
      ['1234567890123456789012', '1.234567890123456789012e+21'],
      ['-1234567890123456789012000', '-1.234567890123456789012e+24'],
      ['123456789012345678901.5', '123456789012345678901.5'],
      ['1234567890123456789012.5', '1.2345678901234567890125e+21'],
      ['0.0000012345678901234567891', '0.0000012345678901234567891'],
      ['0.00000012345678901234567891', '1.2345678901234567891e-7'],
      ['1e400', '1e400'],
    ];
    for (const [given, want] of SPELLINGS) assert.equal(normalForm(given), want);
  });

  it('stand in canonical JSON with their digits', () => {
    assert.equal(canonicalText({ b: 1, a: [new ExactNumber('9007199254740993')] }), '{"a":[9007199254740993],"b":1}');
  });

  it('are what JSON.parse changes, and no others', () => {
    const integers = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n });
    fc.assert(
      fc.property(integers, fc.nat(4), (integer, places) => {
        const digits = `${integer}${places === 0 ? '' : `.${'0'.repeat(places)}`}`;
        const isSame = BigInt(JSON.stringify(JSON.parse(digits))) === integer;
        return parseExact(digits) instanceof ExactNumber !== isSame;
      }),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = JSON.stringify(value);
        return parseExact(text) === JSON.parse(text);
      }),
    );
  });
});
