import assert from 'node:assert/strict';

import { canonicalArguments } from '../../runtime/call/canonical-arguments.js';
import { GatewayError } from '../../runtime/gateway-error.js';
import { requestDigest } from '../../runtime/receipt/request-digest.js';

const parsed = (text: string) => JSON.parse(text) as Record<string, unknown>;
const nested = (levels: number) => parsed(`{"a":${'['.repeat(levels - 1)}1${']'.repeat(levels - 1)}}`);

describe('canonical arguments', () => {
  const CASES: readonly (readonly [name: string, given: string, want: string])[] = [
    ['keep what is canonical', '{"a":[1,"x",null,true]}', '{"a":[1,"x",null,true]}'],
    ['put keys in one order, however deep', '{"b":{"d":1,"c":2},"a":3}', '{"a":3,"b":{"c":2,"d":1}}'],
    ['keep the order of lists', '{"a":[3,1,2]}', '{"a":[3,1,2]}'],
    ['take the last of duplicate keys', '{"a":1,"a":2}', '{"a":2}'],
    ['write a number in one way', '{"a":1.0e1,"b":1E-7}', '{"a":10,"b":1e-7}'],
    ['make minus zero zero', '{"a":-0}', '{"a":0}'],
    ['read a surrogate pair', '{"a":"\\ud83d\\ude00"}', '{"a":"😀"}'],
    ['keep __proto__ as a name like any other', '{"__proto__":{"admin":true}}', '{"__proto__":{"admin":true}}'],
    ['keep toJSON as a name like any other', '{"toJSON":"x"}', '{"toJSON":"x"}'],
  ];
  for (const [name, given, want] of CASES) {
    it(name, () => {
      assert.equal(canonicalArguments(parsed(given)).text, want);
    });
  }

  it('give nothing a prototype of the caller’s choice', () => {
    const { value: args } = canonicalArguments(parsed('{"__proto__":{"admin":true}}'));
    assert.equal(Object.getPrototypeOf(args), Object.prototype);
    assert.equal(args.admin, undefined);
  });

  it('have one digest, in whatever order and form they were sent', () => {
    const one = canonicalArguments(parsed('{"b":-0,"a":"\\u0041"}'));
    const other = canonicalArguments(parsed('{"a":"A","b":0.0}'));
    assert.equal(requestDigest('p/o', one.value), requestDigest('p/o', other.value));
    assert.equal(one.text, other.text);
  });

  it('take 100 levels', () => {
    assert.deepEqual(canonicalArguments(nested(100)).value, nested(100));
  });

  const REFUSED: readonly (readonly [name: string, given: Record<string, unknown>, message: RegExp])[] = [
    ['101 levels', nested(101), /^the arguments are nested deeper than 100 levels$/],
    ['100,000 levels', nested(100_000), /^the arguments are nested deeper than 100 levels$/],
    [
      '100,000 levels of objects',
      parsed(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
      /deeper than 100 levels$/,
    ],
    ['a number that overflows', parsed('{"a":[1e400]}'), /^the arguments hold a number beyond 1.8e308$/],
    ['a number that overflows below', parsed('{"a":-1e400}'), /^the arguments hold a number beyond 1.8e308$/],
    ['a lone surrogate', parsed('{"a":{"b":"x\\ud800"}}'), /^the arguments hold a lone surrogate/],
    ['a lone surrogate in a name', parsed('{"\\udc00":1}'), /^the arguments hold a lone surrogate/],
  ];
  for (const [name, given, message] of REFUSED) {
    it(`refuse ${name}`, () => {
      assert.throws(
        () => canonicalArguments(given),
        (error: unknown) =>
          error instanceof GatewayError && error.code === 'INVALID_ARGUMENTS' && message.test(error.message),
      );
    });
  }
});
