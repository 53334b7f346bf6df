import assert from 'node:assert/strict';

import type { JsonSchema } from '../../generated/contract.js';
import { canonicalArguments } from '../../runtime/call/canonical-arguments.js';
import { fittingArguments } from '../../runtime/call/fitting-arguments.js';
import { ArgumentValidator } from '../../runtime/catalogue/argument-validator.js';
import { jsonText, parseExact } from '../../runtime/exact-numbers.js';
import { endpointWith } from '../catalogue/a-catalogue.js';

/** The JSON of what is sent for an argument `a` of this schema. */
function sent(schema: JsonSchema, json: string): string {
  const endpoint = endpointWith({ type: 'object', properties: { a: schema }, additionalProperties: false }, {});
  const args = canonicalArguments(parseExact(`{"a":${json}}`) as Record<string, unknown>);
  return jsonText(fittingArguments(new ArgumentValidator(), endpoint, args)['a']);
}

describe('arguments that fit', () => {
  const MANY = Array.from({ length: 100 }, (_, index) => String(9007199254740993n + BigInt(index)));
  const SENT: readonly (readonly [name: string, schema: JsonSchema, given: string, want: string])[] = [
    ['a number that no double holds, as it is', { type: 'integer' }, '9007199254740993', '9007199254740993'],
    [
      'a larger integer without an exponent',
      { type: 'integer' },
      '3.40282366920938463463374607431768211455e+38',
      '340282366920938463463374607431768211455',
    ],
    [
      'the same beside a text of digits',
      { type: 'array', items: { type: 'integer' } },
      '["9007199254740993",3.40282366920938463463374607431768211455e+38]',
      '[9007199254740993,340282366920938463463374607431768211455]',
    ],
    ['its digits as text', { type: 'integer' }, '"9007199254740993"', '9007199254740993'],
    ['its digits as text, where a double holds them', { type: 'integer' }, '"9007199254740994"', '9007199254740994'],
    ['less than nothing', { type: 'number' }, '"-9223372036854775808"', '-9223372036854775808'],
    ['one of several types', { type: ['integer', 'null'] }, '"9007199254740993"', '9007199254740993'],
    [
      'one of several schemas',
      { oneOf: [{ type: 'integer' }, { type: 'boolean' }] },
      '"9007199254740993"',
      '9007199254740993',
    ],
    ['a hundred in a list', { type: 'array', items: { type: 'integer' } }, JSON.stringify(MANY), `[${MANY.join(',')}]`],
    [
      'five thousand in a list',
      { type: 'array', items: { type: 'integer' } },
      JSON.stringify(Array.from({ length: 5_000 }, () => '9007199254740993')),
      `[${'9007199254740993,'.repeat(4_999)}9007199254740993]`,
    ],
    ['a text where the schema takes one', { type: ['integer', 'string'] }, '"9007199254740993"', '"9007199254740993"'],
    [
      'both beside each other',
      { type: 'object', properties: { id: { type: 'integer' } } },
      '{"id":"9007199254740993","__proto__":"9007199254740993","n":0.12345678901234567890}',
      '{"__proto__":"9007199254740993","id":9007199254740993,"n":0.12345678901234567890}',
    ],
  ];
  for (const [name, schema, given, want] of SENT) {
    it(`are sent: ${name}`, () => {
      assert.equal(sent(schema, given), want);
    });
  }

  const REFUSED: readonly (readonly [name: string, schema: JsonSchema, given: string, message: RegExp])[] = [
    [
      'a small integer as text',
      { type: 'integer' },
      '"9007199254740991"',
      /\/a must be integer, but is "9007199254740991"/,
    ],
    ['zeros before the digits', { type: 'integer' }, '"09007199254740993"', /\/a must be integer/],
    ['a decimal as text', { type: 'number' }, '"9007199254740993.5"', /\/a must be number/],
    ['more digits than a double can reach', { type: 'integer' }, `"${'9'.repeat(400)}"`, /\/a must be integer/],
    [
      'beyond a limit',
      { type: 'integer', maximum: 100 },
      '"9007199254740993"',
      /\/a must be <= 100, but is 9007199254740993$/,
    ],
    [
      'beyond a limit, with a million digits',
      { type: 'number', maximum: 1 },
      `1.${'3'.repeat(1_000_000)}`,
      /\/a must be <= 1, but is 1\.3{58}…$/,
    ],
    ['digits for a truth value', { type: 'boolean' }, '"9007199254740993"', /\/a must be boolean/],
  ];
  for (const [name, schema, given, message] of REFUSED) {
    it(`are refused otherwise: ${name}`, () => {
      assert.throws(() => sent(schema, given), { code: 'INVALID_ARGUMENTS', message });
    });
  }
});
