import assert from 'node:assert/strict';

import { readableParameters } from './readable-parameters.js';

const DOCUMENT = { paths: {}, components: { schemas: { Number: { type: 'integer' }, Text: { type: 'string' } } } };
const number = { $ref: '#/components/schemas/Number' };
const text = { $ref: '#/components/schemas/Text' };

describe('a parameter as Prism reads it', () => {
  const parameters: [name: string, given: object, want: object | undefined][] = [
    ['has no header that the specification ignores', { in: 'header', name: 'Accept', required: true }, undefined],
    ['has the other headers', { in: 'header', name: 'X-Key' }, { in: 'header', name: 'X-Key' }],
    ['has no value of a path that its template has no place for', { in: 'path', name: 'gone' }, undefined],
    ['has those of its template', { in: 'path', name: 'id' }, { in: 'path', name: 'id' }],
    [
      'says that a form explodes where nothing else is said',
      { in: 'query', name: 'a', schema: { type: 'array' } },
      { in: 'query', name: 'a', explode: true, schema: { type: 'array' } },
    ],
    [
      'keeps what is said of it',
      { in: 'query', name: 'a', explode: false },
      { in: 'query', name: 'a', explode: false },
    ],
    [
      'does not explode other styles',
      { in: 'query', name: 'a', style: 'pipeDelimited' },
      { in: 'query', name: 'a', style: 'pipeDelimited' },
    ],
    [
      'takes a text of the wire for any kind that it fits',
      { in: 'path', name: 'id', schema: { oneOf: [number, text] } },
      { in: 'path', name: 'id', schema: { anyOf: [number, text] } },
    ],
    [
      'keeps a choice between kinds that one text is not both of',
      { in: 'path', name: 'id', schema: { oneOf: [number, { type: 'boolean' }] } },
      { in: 'path', name: 'id', schema: { oneOf: [number, { type: 'boolean' }] } },
    ],
    [
      'lets an optional exploded object have no members, as one that is not given has none',
      { in: 'query', name: 'a', schema: { type: 'object', required: ['b'], properties: { b: {} } } },
      {
        in: 'query',
        name: 'a',
        explode: true,
        schema: { type: 'object', properties: { b: {} }, anyOf: [{ required: ['b'] }, { maxProperties: 0 }] },
      },
    ],
    [
      'does so too where it is said that it explodes',
      { in: 'query', name: 'a', explode: true, schema: { type: 'object', required: ['b'] } },
      {
        in: 'query',
        name: 'a',
        explode: true,
        schema: { type: 'object', anyOf: [{ required: ['b'] }, { maxProperties: 0 }] },
      },
    ],
    [
      'wants the members of a required one',
      { in: 'query', name: 'a', required: true, explode: true, schema: { type: 'object', required: ['b'] } },
      { in: 'query', name: 'a', required: true, explode: true, schema: { type: 'object', required: ['b'] } },
    ],
  ];
  for (const [name, given, want] of parameters) {
    it(name, () => {
      assert.deepEqual(readableParameters(DOCUMENT, [given], '/things/{id}'), want === undefined ? [] : [want]);
    });
  }
});
