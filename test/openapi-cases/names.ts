/** Rows 40, 41 and 54: how operations are called. */

import assert from 'node:assert/strict';

import { openapi, type OpenapiCase } from './openapi-case.js';

const LONG = 'a-very-long-name-of-an-operation-that-goes-on-and-on'.repeat(4);

export const NAMES: Readonly<Record<number, OpenapiCase>> = {
  40: {
    document: openapi(
      '3.1.0',
      `
paths:
  /a: { get: { operationId: ${LONG}-one } }
  /b: { get: { operationId: ${LONG}-two } }
  /c: { get: { operationId: List Things } }
  /d: { get: { operationId: list_things } }
  /e: { get: { operationId: "Länge auf Deutsch" } }
`,
    ),
    prove: async ({ operations, send }) => {
      const names = await operations();
      assert.deepEqual(
        names.filter((name) => !name.startsWith('a-very-long')),
        ['lange-auf-deutsch', 'list-things', 'list_things'],
      );
      const long = names.filter((name) => name.startsWith('a-very-long-name-of-an-operation'));
      assert.equal(long.length, 2);
      for (const name of long) assert.ok('case-40'.length + name.length <= 128, name);
      for (const name of names) await send(name);
    },
  },

  41: {
    document: openapi(
      '3.1.0',
      `
paths:
  /users/{userId}/keys:
    get: { parameters: [{ name: userId, in: path, required: true, schema: { type: string } }] }
    post: { parameters: [{ name: userId, in: path, required: true, schema: { type: string } }] }
  /one: { get: { operationId: same } }
  /two: { get: { operationId: same } }
`,
    ),
    prove: async ({ operations, send }) => {
      assert.deepEqual(await operations(), [
        'get-users-userid-keys',
        'post-users-userid-keys',
        'same-get-one',
        'same-get-two',
      ]);
      assert.equal((await send('get-users-userid-keys', { userId: '7' })).url, '/users/7/keys');
    },
  },

  54: {
    document: openapi(
      '3.1.0',
      `
paths:
  /a/{id}: { get: { operationId: byId, parameters: [{ name: id, in: path, required: true, schema: { type: string } }] } }
  /a/{name}: { get: { operationId: byName, parameters: [{ name: name, in: path, required: true, schema: { type: string } }] } }
`,
    ),
    prove: async ({ operations, send }) => {
      assert.deepEqual(await operations(), ['by-id', 'by-name']);
      assert.equal((await send('by-id', { id: '1' })).url, '/a/1');
      assert.equal((await send('by-name', { name: 'ann' })).url, '/a/ann');
    },
  },
};
