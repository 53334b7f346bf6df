import assert from 'node:assert/strict';

import { anExchange } from './an-exchange.js';
import { documentFault } from './document-fault.js';
import type { JsonObject } from './openapi-document.js';

const cases: [
  name: string,
  location: readonly string[],
  message: string,
  contentType: string,
  schema: JsonObject,
  explained: boolean,
][] = [
  ['bytes with the schema of an object', ['body'], 'must be object', 'application/octet-stream', {}, true],
  ['not: JSON that is no object', ['body'], 'must be object', 'application/json', {}, false],
  ['not: a part of a body', ['body', 'a'], 'must be object', 'application/octet-stream', {}, false],
  [
    'alternatives that cannot be told apart',
    ['body', 'a'],
    'must match exactly one schema in oneOf',
    'application/json',
    { properties: { body: { $ref: '#/$defs/B' } }, $defs: { B: { allOf: [{ properties: { a: { anyOf: [] } } }] } } },
    true,
  ],
  [
    'alternatives of an item that cannot be told apart',
    ['query', 'list', '0'],
    'must match exactly one schema in oneOf',
    'application/json',
    { properties: { list: { type: 'array', items: { anyOf: [] } } } },
    true,
  ],
  [
    'numbers for the values of a text',
    ['body', 'ratio'],
    'must be equal to one of the allowed values: 169, 43',
    'application/json',
    {},
    true,
  ],
  [
    'not: a value that is not listed',
    ['body', 'other'],
    'must be equal to one of the allowed values: 169, 43',
    'application/json',
    {},
    false,
  ],
  ['a path parameter behind "#"', ['path'], "must have required property 'name'", 'application/json', {}, true],
  ['not: a path parameter before it', ['path'], "must have required property 'id'", 'application/json', {}, false],
  ['a list of objects in the query', ['query', 'rows', '1'], 'must be object', 'application/json', {}, true],
  ['not: a list of texts in the query', ['query', 'names', '0'], 'must be object', 'application/json', {}, false],
  [
    'not: alternatives that can be told apart',
    ['body', 'a'],
    'must match exactly one schema in oneOf',
    'application/json',
    { properties: { body: { properties: { a: { oneOf: [] }, b: { anyOf: [] } } } } },
    false,
  ],
];

const ARGUMENTS = { body: { ratio: '43', other: '4' }, Rows: [{ a: 1 }], names: ['a'] };

describe('a fault of the document', () => {
  for (const [name, location, message, contentType, schema, explained] of cases) {
    it(name, () => {
      const violation = { location: ['request', ...location], code: '', message: `Request body ${message}` };
      const exchange = anExchange({ headers: { 'content-type': contentType }, sent: 'x' });
      const operation = { method: 'POST', path: '/things/{Id}#env/{Name}' };
      const refusal = { document: { paths: {} }, operation, arguments: ARGUMENTS, schema, exchange };
      assert.equal(documentFault(violation, refusal) !== undefined, explained);
    });
  }
});
