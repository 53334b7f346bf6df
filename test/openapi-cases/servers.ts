/** Rows 8 to 10: where requests go. */

import assert from 'node:assert/strict';

import { openapi, type OpenapiCase } from './openapi-case.js';

export const SERVERS: Readonly<Record<number, OpenapiCase>> = {
  8: {
    document: openapi(
      '3.1.0',
      `
paths:
  /a: { get: { operationId: byDocument } }
  /b:
    servers: [{ url: "http://upstream.test/of-path" }]
    get: { operationId: byPath }
    put: { operationId: byOperation, servers: [{ url: "http://upstream.test/of-operation" }] }
`,
    ),
    prove: async ({ send }) => {
      assert.equal((await send('by-document')).url, '/a');
      assert.equal((await send('by-path')).url, '/of-path/b');
      assert.equal((await send('by-operation')).url, '/of-operation/b');
    },
  },

  9: {
    document: `
openapi: 3.1.0
info: { title: A case, version: "1" }
servers:
  - url: http://upstream.test/{region}/{version}
    variables:
      region: { default: eu, enum: [eu, us] }
      version: { default: v3 }
paths:
  /things: { get: { operationId: listThings } }
`,
    prove: async ({ argumentsOf, send, refusal }) => {
      assert.deepEqual(await argumentsOf('list-things'), {
        region: { type: 'string', enum: ['eu', 'us'], default: 'eu' },
      });
      assert.equal((await send('list-things')).url, '/eu/v3/things');
      assert.equal((await send('list-things', { region: 'us' })).url, '/us/v3/things');
      assert.equal(await refusal('list-things', { region: 'evil.example/' }), 'INVALID_ARGUMENTS');
      assert.equal(await refusal('list-things', { version: 'v4' }), 'INVALID_ARGUMENTS');
    },
  },

  10: {
    document: `
openapi: 3.1.0
info: { title: A case, version: "1", x-origin: [{ url: "http://upstream.test/docs/v1/openapi.yaml" }] }
servers: [{ url: /api/v2/ }]
paths:
  /from-root: { get: { operationId: fromRoot } }
  /from-document: { get: { operationId: fromDocument, servers: [{ url: ../beta }] } }
`,
    prove: async ({ send }) => {
      assert.equal((await send('from-root')).url, '/api/v2/from-root');
      assert.equal((await send('from-document')).url, '/docs/beta/from-document');
    },
  },
};
