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

const requires = (name: string) => `must have required property '${name}'`;

describe('a refusal that is not counted', () => {
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
    ['a header that is no parameter', violation(['header'], requires('content-type')), {}, '', true],
    ['not: another header', violation(['header'], requires('x-key')), {}, '', false],
    ['not: anything else', violation(['path', 'id'], 'must be <= 3'), { id: 4 }, '', false],
  ];
  for (const [name, broken, args, sent, explained] of cases) {
    it(name, () => assert.equal(prismLimit(broken, refusal(args, sent)) !== undefined, explained));
  }

  const exploded: [name: string, target: string, explained: boolean][] = [
    ['an exploded object of any members', '/things/1?a=1&b=2', true],
    ['not: one that is not whole', '/things/1?a=1', false],
  ];
  for (const [name, target, explained] of exploded) {
    it(name, () => {
      const given = { Attributes: { a: 1, b: 2 } };
      const sent = { ...refusal(given), exchange: anExchange({ target }) };
      assert.equal(prismLimit(violation(['query'], requires('attributes')), sent) !== undefined, explained);
    });
  }

  const parts: [name: string, text: string, explained: boolean][] = [
    ['a part that is JSON', '{"b":1,"a":2}', true],
    ['not: a part that is other JSON', '{"a":2}', false],
    ['not: a part that is no JSON', 'a=2', false],
  ];
  for (const [name, text, explained] of parts) {
    it(name, () => {
      const headers = { 'content-type': 'multipart/form-data; boundary=B' };
      const sent = `--B\r\ncontent-disposition: form-data; name="o"\r\n\r\n${text}\r\n--B--\r\n`;
      const given = { ...refusal({ body: { o: { a: 2, b: 1 } } }), exchange: anExchange({ headers, sent }) };
      assert.equal(prismLimit(violation(['body', 'o'], 'must be object'), given) !== undefined, explained);
    });
  }

  const segments: [name: string, path: string, broken: Violation, target: string, explained: boolean][] = [
    ['two values in one segment', '/of/{id}{Ext}', violation(['path'], requires('id')), '/of/7.json', true],
    ['text beside the value', '/of/{id}/.{Ext}', violation(['path', 'ext'], 'must be one of'), '/of/7/.json', true],
    [
      'not: a segment of one value',
      '/of/{id}/{Ext}',
      violation(['path', 'ext'], 'must be one of'),
      '/of/7/json',
      false,
    ],
    [
      'not: a wire that says another',
      '/of/{id}.{Ext}',
      violation(['path', 'id'], 'must be integer'),
      '/of/8.json',
      false,
    ],
  ];
  for (const [name, path, broken, target, explained] of segments) {
    it(name, () => {
      const given = {
        ...refusal({ id: 7, Ext: path.includes('}{') ? '.json' : 'json' }),
        exchange: anExchange({ target }),
      };
      const operation = { method: 'GET', path };
      assert.equal(prismLimit(broken, { ...given, operation }) !== undefined, explained);
    });
  }

  const lists: [name: string, keys: readonly string[], target: string, explained: boolean][] = [
    ['a comma in an item of a list', ['a,b'], '/things?Keys=a%2Cb', true],
    ['not: a comma that is not encoded', ['a,b'], '/things?Keys=a,b', false],
    ['not: items without a comma', ['a', 'b'], '/things?Keys=a,b', false],
  ];
  for (const [name, Keys, target, explained] of lists) {
    it(name, () => {
      const sent = { ...refusal({ Keys }), exchange: anExchange({ target }) };
      const broken = violation(['query', 'keys', '0'], 'must NOT have fewer than 3 characters');
      assert.equal(prismLimit(broken, sent) !== undefined, explained);
    });
  }
});
