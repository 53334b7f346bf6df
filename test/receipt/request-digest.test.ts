import assert from 'node:assert/strict';

import { digestOfCanonical, requestDigest } from '../../runtime/receipt/request-digest.js';

describe('the digest of a request', () => {
  it('is the SHA-256 of the canonical JSON, as another tool reckons it', () => {
    // printf '%s' '{"arguments":{"city":"Zürich","latitude":52.52,"list":[1,"a",null]},"endpoint":"weather/forecast"}' | sha256sum
    assert.equal(
      requestDigest('weather/forecast', { latitude: 52.52, city: 'Zürich', list: [1, 'a', null] }),
      'f1734afc03bde8f849a7fcfe7f097364de417630e1a661bba63311cc812bf49a',
    );
  });

  const SAME: readonly (readonly [name: string, left: string, right: string])[] = [
    ['the order of members', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}'],
    ['white space', '{"a":[1,2]}', '{ "a" : [ 1, 2 ] }'],
    ['the notation of a number', '{"a":100}', '{"a":1e2}'],
    ['the notation of a character', '{"a":"é"}', '{"a":"\\u00e9"}'],
  ];
  for (const [name, left, right] of SAME) {
    it(`does not depend on ${name}`, () => {
      assert.equal(requestDigest('a/b', JSON.parse(left)), requestDigest('a/b', JSON.parse(right)));
    });
  }

  const OTHER: readonly (readonly [name: string, left: string, right: string])[] = [
    ['a value', '{"a":1}', '{"a":2}'],
    ['a type', '{"a":1}', '{"a":"1"}'],
    ['the order of a list', '{"a":[1,2]}', '{"a":[2,1]}'],
    ['null and absent', '{"a":null}', '{}'],
    ['a member called __proto__', '{"__proto__":{"a":1}}', '{}'],
  ];
  for (const [name, left, right] of OTHER) {
    it(`depends on ${name}`, () => {
      assert.notEqual(requestDigest('a/b', JSON.parse(left)), requestDigest('a/b', JSON.parse(right)));
    });
  }

  it('depends on the endpoint', () => {
    assert.notEqual(requestDigest('a/b', {}), requestDigest('a/c', {}));
  });

  it('is of all digits of a bigint, which a double may not hold', () => {
    const digest = digestOfCanonical('a/b', '{"ids":[9007199254740993]}');
    assert.equal(requestDigest('a/b', { ids: [9007199254740993n] }), digest);
    assert.notEqual(requestDigest('a/b', { ids: [9007199254740992] }), digest);
  });

  const BIGINTS: readonly (readonly [value: bigint, canonical: string])[] = [
    [1n, '1'],
    [-9007199254740993n, '-9007199254740993'],
    [123456789012345678901n, '123456789012345678901'],
    [10n ** 21n, '1e+21'],
    [1234567890123456789012n, '1.234567890123456789012e+21'],
  ];
  for (const [value, canonical] of BIGINTS) {
    it(`is of a bigint as of the number that JSON has: ${canonical}`, () => {
      assert.equal(requestDigest('a/b', { a: value }), digestOfCanonical('a/b', `{"a":${canonical}}`));
    });
  }

  it('is the same where the canonical JSON of the arguments is known', () => {
    for (const endpoint of ['a/b', 'é/"\\', 'a/\ud800']) {
      assert.equal(digestOfCanonical(endpoint, '{"a":"é","b":[1]}'), requestDigest(endpoint, { b: [1], a: 'é' }));
    }
  });

  it('refuses what is not JSON', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const value of [NaN, Infinity, circle]) assert.throws(() => requestDigest('a/b', { value }));
  });
});
