import assert from 'node:assert/strict';

import { mockDocument, mockPrefix } from './mock-document.js';

const light = { $ref: '#/components/schemas/Light' };
const body = { content: { 'application/json': { schema: light } } };
const DOCUMENT = {
  openapi: '3.0.0',
  components: {
    schemas: { Light: { type: 'string' }, Unused: {} },
    securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
  },
  paths: {
    '/a/{id}': {
      parameters: [{ name: 'id', in: 'path' }],
      get: { responses: { 200: { content: { 'application/json': { schema: { $ref: '#/nowhere' } } } } } },
      post: { requestBody: body, responses: {} },
    },
    '/b?action=list': { get: { responses: {} } },
    '/b#second': { get: { responses: {} } },
  },
};
const responses = { 200: { description: 'accepted', content: { 'application/json': { example: {} } } } };

describe('the document that is mocked', () => {
  it('has the operations that are called, with all that judges their requests, and an answer that is always right', () => {
    const mocked = mockDocument(DOCUMENT, [{ method: 'POST', path: '/a/{id}' }]);
    const { parameters } = DOCUMENT.paths['/a/{id}'];
    assert.deepEqual(mocked.paths, {
      '/0/a/{id}': { parameters, post: { parameters: [], requestBody: body, responses } },
    });
    assert.deepEqual(mocked.components, {
      securitySchemes: DOCUMENT.components.securitySchemes,
      schemas: { Light: { type: 'string' } },
    });
  });

  it('tells operations apart that differ by what is no path: each is below its own prefix', () => {
    const operations = ['/b?action=list', '/b#second'].map((path) => ({ method: 'GET', path }));
    assert.deepEqual(Object.keys(mockDocument(DOCUMENT, operations).paths), [
      `${mockPrefix(0)}/b`,
      `${mockPrefix(1)}/b`,
    ]);
  });

  it('has all of a component that it reaches a part of, and a copy of what stands in another path', () => {
    const elsewhere = { $ref: '#/paths/~1other/get/parameters/0' };
    const part = { $ref: '#/components/schemas/Tree/properties/name' };
    const document = {
      openapi: '3.0.0',
      paths: {
        '/a': { get: { parameters: [{ name: 'b', in: 'query', schema: { properties: { part, elsewhere } } }] } },
        '/other': { get: { parameters: [{ type: 'string' }] } },
      },
      components: {
        schemas: {
          Tree: { properties: { name: { type: 'string' }, leaf: { $ref: '#/components/schemas/Leaf' } } },
          Leaf: { type: 'string', format: 'int64' },
        },
      },
    };
    const mocked = mockDocument(document, [{ method: 'GET', path: '/a' }]);
    const copied = { $ref: '#/components/x-elsewhere/1' };
    const parameters = [{ name: 'b', in: 'query', explode: true, schema: { properties: { part, elsewhere: copied } } }];
    assert.deepEqual(mocked.paths, { '/0/a': { parameters: [], get: { parameters, responses } } });
    assert.deepEqual(mocked.components, {
      securitySchemes: {},
      schemas: document.components.schemas,
      'x-elsewhere': { 1: { type: 'string' } },
    });
  });

  it('calls nobody back, and has nothing that no operation reaches', () => {
    const post = { callbacks: { done: { '{$request.query.url}': {} } } };
    const document = { openapi: '3.0.0', paths: { '/a': { post } }, 'x-webhooks': { $ref: '#/nowhere' } };
    const mocked = mockDocument(document, [{ method: 'POST', path: '/a' }]);
    assert.deepEqual(mocked.paths, { '/0/a': { parameters: [], post: { parameters: [], responses } } });
    assert.equal(mocked['x-webhooks'], undefined);
  });

  it('is not made for an operation that the document does not have', () => {
    assert.throws(() => mockDocument(DOCUMENT, [{ method: 'PUT', path: '/a/{id}' }]), /no operation PUT \/a\/{id}/);
  });
});
