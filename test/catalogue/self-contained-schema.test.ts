import assert from 'node:assert/strict';

import type { JsonSchema } from '../../generated/contract.js';
import { selfContainedSchema } from '../../runtime/catalogue/self-contained-schema.js';

const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
const A = { type: 'object', properties: { b: ref('B') } };
const B = { type: 'array', items: ref('A') };
const C = { type: 'string' };
const DEFINITIONS: Readonly<Record<string, JsonSchema>> = { C, B, A, Self: { anyOf: [ref('Self'), ref('C')] } };

describe('a self-contained schema', () => {
  const CASES: readonly (readonly [name: string, given: JsonSchema, want: JsonSchema])[] = [
    ['is as it is without a reference', { type: 'string' }, { type: 'string' }],
    ['is as it is where it is a boolean', true, true],
    ['carries what it refers to and no more', ref('C'), { ...ref('C'), $defs: { C } }],
    [
      'carries what that refers to, in one order, and closes cycles by reference',
      { properties: { x: ref('B') } },
      { properties: { x: ref('B') }, $defs: { A, B } },
    ],
    [
      'carries what refers to itself once',
      { items: ref('Self') },
      { items: ref('Self'), $defs: { C, Self: DEFINITIONS.Self } },
    ],
    ['leaves a reference to nothing', ref('Absent'), ref('Absent')],
    ['takes no name of every object for a definition', ref('constructor'), ref('constructor')],
    ['does not follow references to elsewhere', { $ref: 'https://x.example' }, { $ref: 'https://x.example' }],
  ];
  for (const [name, given, want] of CASES) {
    it(name, () => {
      assert.deepEqual(selfContainedSchema(given, DEFINITIONS), want);
    });
  }

  it('takes an enumeration of 300,000 values', () => {
    const schema = { enum: Array.from({ length: 300_000 }, (_, index) => index) };
    assert.equal(selfContainedSchema(schema, {}), schema);
  });
});
