import assert from 'node:assert/strict';

import { readableSchema } from './readable-schema.js';

describe('a schema as Prism reads it', () => {
  it('has the range of an int64 in numbers, within what the document says of it', () => {
    assert.deepEqual(readableSchema({ type: 'integer', format: 'int64', minimum: 0 }), {
      type: 'integer',
      format: undefined,
      minimum: 0,
      maximum: 2 ** 63 - 1,
    });
    assert.deepEqual(readableSchema({ type: 'string', format: 'int64' }), { type: 'string', format: 'int64' });
  });
});
