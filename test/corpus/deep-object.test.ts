import assert from 'node:assert/strict';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { deepObject } from './deep-object.js';

/** A price that may recur, which then needs an interval; and a list of names. */
const PRICE = {
  type: 'object',
  required: ['recurring'],
  properties: {
    currency: { type: 'string' },
    names: { type: 'array', items: { type: 'string' } },
    recurring: { $ref: '#/components/schemas/Recurring' },
  },
};
const Recurring = {
  type: 'object',
  required: ['interval'],
  properties: { interval: { enum: ['day'] }, count: { type: 'integer' } },
};
const DOCUMENT = { paths: {}, components: { schemas: { Recurring } } };

describe('the schema of a deepObject value that Prism has put together', () => {
  const cases: [name: string, isOptional: boolean, read: unknown, isRight: boolean][] = [
    ['takes an optional object of which nothing was sent', true, { names: [], recurring: {} }, true],
    ['refuses a required one of which nothing was sent', false, { names: [], recurring: {} }, false],
    ['takes one that is whole', true, { names: [], recurring: { interval: 'day' } }, true],
    ['refuses one of which a required member is missing', true, { names: [], recurring: { count: 2 } }, false],
    ['refuses one of which a required object is missing', true, { names: [], currency: 'eur', recurring: {} }, false],
    ['refuses one with a list alone', true, { names: ['a'], recurring: {} }, false],
    ['refuses a value that breaks the schema', true, { names: [], recurring: { interval: 'eon' } }, false],
  ];
  for (const [name, isOptional, read, isRight] of cases) {
    it(name, () => {
      const ajv = new Ajv2020({ strict: false });
      assert.equal(ajv.validate(deepObject(DOCUMENT, PRICE, isOptional), read), isRight);
    });
  }

  it('says what the members are where Prism looks for them', () => {
    const { type, properties } = deepObject(DOCUMENT, PRICE, true);
    assert.deepEqual(
      [type, properties],
      [
        'object',
        {
          currency: {},
          names: { type: 'array', items: {} },
          recurring: { type: 'object', properties: { interval: {}, count: {} } },
        },
      ],
    );
  });

  it('ends where an object has itself for a member', () => {
    const Node = { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } };
    assert.doesNotThrow(() => JSON.stringify(deepObject({ paths: {}, components: { schemas: { Node } } }, Node, true)));
  });
});
