import assert from 'node:assert/strict';

import { contradiction } from './contradiction.js';

const Named = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
const Sized = { type: 'object', properties: { size: { type: 'number', nullable: true } } };
const Tree = {
  properties: { next: { $ref: '#/components/schemas/Tree' }, size: { type: 'number', enum: ['1', '2'] } },
};
const DOCUMENT = { paths: { '/a': { get: { schema: Named } } }, components: { schemas: { Named, Sized, Tree } } };
const schemas = '#/components/schemas';
const ALTERNATIVES = 'what fits one alternative of its oneOf fits another too, and it wants values that fit one alone';
const LISTED = 'its enum lists values of another type than stands beside it, so that no value is right';

describe('a contradiction of a document', () => {
  const choice = { oneOf: [{ $ref: `${schemas}/Named` }, { $ref: `${schemas}/Sized` }] };
  const cases: [name: string, schema: object, value: unknown, fault: string | undefined][] = [
    ['is a value that fits two alternatives of a oneOf', choice, { name: 'a', size: null }, ALTERNATIVES],
    ['is none where the value fits one alone', choice, { name: 'a', size: 'large' }, undefined],
    ['is none where the value fits no alternative', choice, { size: 'large' }, undefined],
    [
      'is one within a value',
      { type: 'array', items: { allOf: [choice] } },
      [
        { name: 'a', size: 'b' },
        { size: 1, name: 'c' },
      ],
      ALTERNATIVES,
    ],
    ['is a number that is listed as a text', { type: 'number', enum: ['1', '2'] }, 2, LISTED],
    ['is one behind references in a circle', { $ref: `${schemas}/Tree` }, { next: { size: 1 } }, LISTED],
    ['is none where the value is not listed at all', { type: 'number', enum: ['1', '2'] }, 3, undefined],
    ['is none where some value of the list is right', { type: 'number', enum: ['1', 2] }, 1, undefined],
    ['is a list whose items are listed beside it', { type: 'array', enum: ['a', 'b'] }, ['a'], LISTED],
    ['is none where nothing refuses the value', { $ref: '#/paths/~1a/get/schema' }, { name: 'a' }, undefined],
    ['is none where another thing refuses it', { ...choice, minProperties: 3 }, { name: 'a', size: 1 }, undefined],
    ['is none in a schema that Ajv cannot compile', { ...choice, minProperties: 'many' }, { name: 'a' }, undefined],
  ];
  for (const [name, schema, value, fault] of cases) {
    it(name, () => assert.equal(contradiction(DOCUMENT, schema, value), fault));
  }

  it('reads a request, of which what is read only is no part', () => {
    const Order = { required: ['id', 'of'], properties: { id: { readOnly: true }, of: choice } };
    assert.equal(contradiction(DOCUMENT, Order, { of: { name: 'a' } }), ALTERNATIVES);
  });
});
