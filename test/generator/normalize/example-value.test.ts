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

describe('an argument of which no example could be made', () => {
  const warnings = (schema: object, schemas: object): unknown => {
    const requestBody = { required: true, content: { 'application/json': { schema } } };
    const { findings } = normalized(withOperation({ requestBody }, { components: { schemas } }));
    return findings.warnings.map(({ rule, pointer, message, remedy }) => [rule, pointer, message, remedy]);
  };
  const Node = '#/components/schemas/Node';
  const object = (next: object): object => ({ type: 'object', required: ['next'], properties: { next } });
  const ENDLESS: [name: string, schemas: object][] = [
    ['by a property', { Node: object({ $ref: Node }) }],
    [
      'by way of another schema',
      { Node: object({ $ref: '#/components/schemas/Other' }), Other: object({ $ref: Node }) },
    ],
    [
      'by way of what it extends',
      { Node: { allOf: [{ $ref: '#/components/schemas/Base' }] }, Base: object({ $ref: Node }) },
    ],
    ['by items of which there has to be one', { Node: object({ type: 'array', minItems: 1, items: { $ref: Node } }) }],
    [
      'by each of its alternatives',
      {
        Node: {
          anyOf: [
            object({ $ref: Node }),
            object({ type: 'object', required: ['a'], properties: { a: { $ref: Node } } }),
          ],
        },
      },
    ],
  ];
  for (const [name, schemas] of ENDLESS) {
    it(`is told that its schema requires itself ${name}, and what would end it`, () => {
      assert.deepEqual(warnings({ $ref: Node }, schemas), [
        [
          'endless-schema',
          '/paths/~1things/post',
          'no example of the argument "body" could be made: the schema "Node" requires itself, so that no value of it ends',
          'take the property that leads back out of required, or let it be null',
        ],
      ]);
    });
  }

  it('is told to have one in the document where its schema has an end', () => {
    assert.deepEqual(warnings({ type: 'string', minLength: 20_000 }, {}), [
      [
        'no-example',
        '/paths/~1things/post',
        'no example of the argument "body" could be made',
        'give an example in the document',
      ],
    ]);
  });

  it('is none where what leads back may be left out, be null, or be empty', () => {
    for (const next of [
      { anyOf: [{ $ref: Node }, { type: 'null' }] },
      { type: 'array', items: { $ref: Node } },
      { type: ['object', 'null'], required: ['next'], properties: { next: { $ref: Node } } },
    ]) {
      assert.deepEqual(warnings({ $ref: Node }, { Node: object(next) }), [], JSON.stringify(next));
    }
    assert.deepEqual(warnings({ $ref: Node }, { Node: { type: 'object', properties: { next: { $ref: Node } } } }), []);
  });
});
