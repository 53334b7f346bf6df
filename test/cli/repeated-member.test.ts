import assert from 'node:assert/strict';

import fc from 'fast-check';

import { hasRepeatedMember } from '../../runtime/cli/repeated-member.js';

const repeated = (text: string): boolean => hasRepeatedMember(text, JSON.parse(text));

describe('a member that JSON names twice', () => {
  for (const text of [
    '{"a":1,"a":2}',
    '[{"b":{"a":1,"c":":","a":1}}]',
    '{"a":1,"\\u0061":2}',
    '{"__proto__":1,"__proto__":2}',
  ]) {
    it(`is found in ${text}`, () => {
      assert.equal(repeated(text), true);
    });
  }

  it('is found in no text that was written of a value, however it is indented', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        assert.equal(repeated(JSON.stringify(value, null, indent)), false);
      }),
    );
  });

  it('is found wherever one is added to a text', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(objects, (object) => {
        const [name, value] = Object.entries(object)[0]!;
        const text = JSON.stringify(object);
        assert.equal(repeated(`{${JSON.stringify(name)}:${JSON.stringify(value)},${text.slice(1)}`), true);
      }),
    );
  });
});
