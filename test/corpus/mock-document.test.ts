import assert from 'node:assert/strict';

import { mockDocument } from './mock-document.js';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const CHAIN = Object.fromEntries(
  Array.from({ length: 60 }, (_, index) => [
    `S${index}`,
    { properties: { next: { $ref: `#/components/schemas/S${(index + 1) % 60}` } } },
  ]),
);
const DOCUMENT = {
  openapi: '3.0.0',
  components: {
    schemas: { Light: { type: 'string' }, Unused: {}, ...CHAIN },
    securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
  },
  paths: {
    '/a/{id}': {
      parameters: [{ name: 'id', in: 'path' }],
      get: { responses: { 200: json({ $ref: '#/components/schemas/Light' }) } },
      post: { requestBody: json({ $ref: '#/components/schemas/Light' }), responses: { 200: json(CHAIN.S0!) } },
    },
    '/b': { get: { responses: {} } },
  },
};

describe('the document that is mocked', () => {
  it('has the operations that are called, with all that judges their requests', () => {
    const mocked = mockDocument(DOCUMENT, [{ method: 'GET', path: '/a/{id}' }]);
    const { parameters, get } = DOCUMENT.paths['/a/{id}'];
    assert.deepEqual(mocked.paths, { '/a/{id}': { parameters, get } });
    assert.deepEqual(mocked.components, {
      securitySchemes: DOCUMENT.components.securitySchemes,
      schemas: { Light: { type: 'string' } },
    });
  });

  it('answers without a schema where that reaches very many others, and keeps the request', () => {
    const mocked = mockDocument(DOCUMENT, [{ method: 'POST', path: '/a/{id}' }]);
    const { requestBody } = DOCUMENT.paths['/a/{id}'].post;
    assert.deepEqual((mocked.paths['/a/{id}'] as Record<string, unknown>).post, {
      requestBody,
      responses: { 200: { content: { 'application/json': { example: {} } } } },
    });
  });

  it('is not made for an operation that the document does not have', () => {
    assert.throws(() => mockDocument(DOCUMENT, [{ method: 'PUT', path: '/b' }]), /no operation PUT \/b/);
  });
});
