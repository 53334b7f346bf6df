import assert from 'node:assert/strict';

import { countOperations } from './count-operations.js';

describe('the operations of a document', () => {
  it('are those of its paths, shared items and additional methods included, webhooks and extensions not', () => {
    const document = {
      paths: {
        '/a': { get: {}, parameters: [], 'x-post': {}, additionalOperations: { PURGE: {} } },
        '/b': { $ref: '#/x-items/shared' },
        '/c': { $ref: '#/x-items/shared' },
        'x-notes': { get: {} },
      },
      'x-items': { shared: { put: {}, query: {} } },
      webhooks: { hook: { post: {} } },
    };
    assert.equal(countOperations(document), 6);
  });
});
