import assert from 'node:assert/strict';

import { anExchange } from './an-exchange.js';
import type { Violation } from './judge-exchange.js';
import type { JsonObject } from './openapi-document.js';
import { prismLimit } from './prism-limits.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** One operation, `POST /things/{id}`, whose form may have `tags`, `items`, `price` and must have `owner`. */
const DOCUMENT = {
  paths: {
    '/things/{id}': {
      post: {
        parameters: [{ name: 'id', in: 'path', schema: { oneOf: [{ type: 'integer' }, { type: 'string' }] } }],
        requestBody: {
          content: { 'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/T' } } },
        },
      },
    },
  },
  components: {
    schemas: {
      T: {
        required: ['owner'],
        properties: {
          owner: { type: 'object', required: ['name'], properties: { name: {} } },
          price: {
            type: 'object',
            required: ['recurring'],
            properties: { recurring: { type: 'object', required: ['interval'], properties: { interval: {} } } },
          },
        },
      },
    },
  },
};

const violation = (location: readonly string[], message: string): Violation => ({
  location: ['request', ...location],
  code: '',
  message,
});
const refusal = (args: JsonObject, sent = '') => ({
  document: DOCUMENT,
  operation: { method: 'POST', path: '/things/{id}' },
  arguments: args,
  schema: {},
  exchange: anExchange({ headers: FORM, sent }),
});

describe('a refusal that is not counted', () => {
  const requires = (name: string) => `must have required property '${name}'`;
  const notJson = 'Cannot deserialize JSON object array in form data request body. Make sure it is JSON';
  const cases: [name: string, violation: Violation, args: JsonObject, sent: string, explained: boolean][] = [
    ['an optional object that was not sent', violation(['body', 'price'], requires('recurring')), {}, 'a=1', true],
    [
      'what an optional object would require',
      violation(['body', 'price', 'recurring'], requires('interval')),
      { body: { a: 1 } },
      'a=1',
      true,
    ],
    [
      'not: an object that was given and not sent',
      violation(['body', 'price'], requires('recurring')),
      { body: { price: { recurring: { interval: 'day' } } } },
      'a=1',
      false,
    ],
    [
      'not: an object that was sent without what it requires',
      violation(['body', 'price'], requires('recurring')),
      {},
      'price%5Bother%5D=1',
      false,
    ],
    ['not: a required object', violation(['body', 'owner'], requires('name')), { body: {} }, '', false],
    [
      'a list, sent item by item',
      violation(['body', 'tags'], 'must be array'),
      { body: { tags: ['a', 'b'] } },
      'tags=a&tags=b',
      true,
    ],
    [
      'not: a list of which an item is missing',
      violation(['body', 'tags'], 'must be array'),
      { body: { tags: ['a', 'b'] } },
      'tags=b',
      false,
    ],
    ['objects in a list', violation([], notJson), { body: { items: [{ n: 1 }] } }, 'items%5B0%5D%5Bn%5D=1', true],
    [
      'not: an object that was lost',
      violation([], notJson),
      { body: { items: [{ n: 1 }, { n: 2 }] } },
      'items%5B0%5D%5Bn%5D=1',
      false,
    ],
    [
      'a number that could be a text',
      violation(['path', 'id'], 'must match exactly one schema in oneOf'),
      { id: 1 },
      '',
      true,
    ],
    ['not: anything else', violation(['path', 'id'], 'must be <= 3'), { id: 4 }, '', false],
  ];
  for (const [name, broken, args, sent, explained] of cases) {
    it(name, () => assert.equal(prismLimit(broken, refusal(args, sent)) !== undefined, explained));
  }
});
