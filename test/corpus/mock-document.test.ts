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
    assert.deepEqual(mocked.paths, { '/0/a/{id}': { parameters, post: { requestBody: body, responses } } });
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

  it('is not made for an operation that the document does not have', () => {
    assert.throws(() => mockDocument(DOCUMENT, [{ method: 'PUT', path: '/a/{id}' }]), /no operation PUT \/a\/{id}/);
  });
});
