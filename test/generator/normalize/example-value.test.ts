import assert from 'node:assert/strict';

import { normalized, withOperation } from './normalized.js';

describe('the example of an operation', () => {
  const bodies: [name: string, schema: object, want: unknown][] = [
    ['shows what is required', { required: ['a'], properties: { a: { type: 'string' }, b: {} } }, { a: 'example' }],
    [
      'shows one property of an object that requires none, so that a form can say it',
      {
        required: ['profile'],
        properties: { profile: { type: 'object', properties: { headline: { type: 'string' }, link: {} } } },
      },
      { profile: { headline: 'example' } },
    ],
    [
      'leaves an object empty that may have no properties',
      { required: ['none'], properties: { none: { type: 'object', properties: { a: {} }, maxProperties: 0 } } },
      { none: {} },
    ],
    [
      'fills a text up to its least length where its pattern leaves that open',
      { required: ['a'], properties: { a: { type: 'string', pattern: '^arn:', minLength: 6 } } },
      { a: 'arn:xx' },
    ],
    [
      'repeats a part of a pattern as often as the length asks for',
      { required: ['a'], properties: { a: { type: 'string', pattern: '^a[b]{0,63}c{12}$', minLength: 20 } } },
      { a: 'abbbbbbbbcccccccccccc' },
    ],
    [
      'has the property that tells one alternative from the others',
      {
        required: ['a'],
        properties: {
          a: { oneOf: [1, 2].map((kind) => ({ properties: { size: { type: 'integer' }, kind: { enum: [kind] } } })) },
        },
      },
      { a: { size: 1, kind: 1 } },
    ],
    [
      'has what is required of several alternatives together',
      {
        required: ['a'],
        properties: {
          a: {
            required: ['x', 'y'],
            anyOf: [{ properties: { x: { type: 'integer' } } }, { properties: { y: { type: 'boolean' } } }],
            unevaluatedProperties: false,
          },
        },
      },
      { a: { x: 1, y: true } },
    ],
  ];
  for (const [name, schema, want] of bodies) {
    it(name, () => {
      const content = { 'application/x-www-form-urlencoded': { schema: { type: 'object', ...schema } } };
      const document = withOperation({ requestBody: { required: true, content } });
      assert.deepEqual(normalized(document).only().example, { body: want });
    });
  }
});
