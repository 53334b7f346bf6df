/** Rows 1 to 7: what stands elsewhere. */

import assert from 'node:assert/strict';

import { openapi, type OpenapiCase } from './openapi-case.js';

export const REFERENCES: Readonly<Record<number, OpenapiCase>> = {
  1: {
    document: openapi(
      '3.1.0',
      `
paths:
  /trees:
    post:
      operationId: plantTree
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/Tree" } } }
components:
  schemas:
    Tree:
      type: object
      required: [name]
      properties:
        name: { type: string }
        branches: { type: array, items: { $ref: "#/components/schemas/Tree" } }
`,
    ),
    prove: async ({ describe, send }) => {
      const { arguments: schema } = await describe('plant-tree');
      assert.deepEqual(schema, {
        type: 'object',
        properties: { body: { $ref: '#/$defs/Tree' } },
        required: ['body'],
        additionalProperties: false,
        $defs: {
          Tree: {
            type: 'object',
            properties: { name: { type: 'string' }, branches: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
            required: ['name'],
          },
        },
      });
      const body = { branches: [{ branches: [], name: 'twig' }], name: 'oak' };
      assert.equal(
        (await send('plant-tree', { body })).body,
        '{"branches":[{"branches":[],"name":"twig"}],"name":"oak"}',
      );
    },
  },

  2: {
    document: openapi(
      '3.0.3',
      `
paths:
  /first/{id}:
    get:
      operationId: first
      parameters: [{ name: id, in: path, required: true, schema: { type: integer, minimum: 7 } }]
      responses: { "200": { description: ok } }
  /second/{id}:
    get:
      operationId: second
      parameters: [{ $ref: "#/paths/~1first~1%7Bid%7D/get/parameters/0" }]
      responses: { "200": { description: ok } }
`,
    ),
    prove: async ({ argumentsOf, send }) => {
      assert.deepEqual(await argumentsOf('second'), { id: { type: 'integer', minimum: 7 } });
      assert.equal((await send('second', { id: 8 })).url, '/second/8');
    },
  },

  3: {
    document: {
      'openapi.yaml': openapi(
        '3.1.0',
        `
paths:
  /pets: { $ref: "./paths/pets.yaml" }
`,
      ),
      'paths/pets.yaml': `
post:
  operationId: addPet
  requestBody: { content: { application/json: { schema: { $ref: "../schemas/pet.json#/definitions/Pet" } } } }
`,
      'schemas/pet.json': '{"definitions":{"Pet":{"type":"object","properties":{"name":{"$ref":"name.yaml"}}}}}',
      'schemas/name.yaml': 'type: string\nmaxLength: 20\n',
    },
    prove: async ({ describe, send, generate }) => {
      const described = JSON.stringify((await describe('add-pet')).arguments);
      assert.match(described, /"maxLength":20/);
      assert.equal((await send('add-pet', { body: { name: 'Ada' } })).body, '{"name":"Ada"}');
      const { refused, output } = await generate({
        'openapi.yaml': openapi('3.1.0', 'paths: { /pets: { $ref: "http://upstream.test/pets.yaml" } }'),
      });
      assert.equal(output, undefined);
      assert.deepEqual(
        refused.map(({ rule, pointer, remedy }) => [rule, pointer, remedy]),
        [['remote-ref', '/paths/~1pets', 'copy the file next to it, or pass --allow-remote-refs']],
      );
    },
  },

  4: {
    document: openapi(
      '3.0.3',
      `
paths:
  /tracks:
    get:
      operationId: listTracks
      x-spotify-docs: { $ref: "../snippets/tracks.yaml" }
      responses: { "200": { description: ok } }
`,
    ),
    prove: async ({ warnings, send }) => {
      assert.deepEqual(
        warnings.filter(({ rule }) => rule.endsWith('ref')).map(({ rule, pointer }) => [rule, pointer]),
        [['dangling-ref', '/paths/~1tracks/get/x-spotify-docs']],
      );
      assert.equal((await send('list-tracks')).url, '/tracks');
    },
  },

  5: {
    document: openapi(
      '3.1.0',
      `
paths:
  /cats: { $ref: "#/components/pathItems/Animals" }
  /dogs: { $ref: "#/components/pathItems/Animals" }
components:
  pathItems:
    Animals:
      get: { parameters: [{ name: age, in: query, schema: { type: integer } }] }
`,
    ),
    prove: async ({ operations, send }) => {
      assert.deepEqual(await operations(), ['get-cats', 'get-dogs']);
      assert.equal((await send('get-cats', { age: 1 })).url, '/cats?age=1');
      assert.equal((await send('get-dogs', { age: 2 })).url, '/dogs?age=2');
    },
  },

  6: {
    document: openapi(
      '3.1.0',
      `
paths:
  /items:
    summary: All about items
    description: Items, and nothing else.
    x-owner: the shop
    servers: [{ url: "http://upstream.test/shop" }]
    parameters:
      - { name: limit, in: query, schema: { type: integer, maximum: 10 } }
      - { name: page, in: query, schema: { type: integer } }
      - { name: limit, in: header, schema: { type: string } }
    get:
      operationId: listItems
      parameters: [{ name: limit, in: query, required: true, schema: { type: integer, maximum: 100 } }]
`,
    ),
    prove: async ({ operations, argumentsOf, send }) => {
      assert.deepEqual(await operations(), ['list-items']);
      assert.deepEqual(await argumentsOf('list-items'), {
        limit: { type: 'integer', maximum: 100 },
        page: { type: 'integer' },
        limit_header: { type: 'string' },
      });
      const sent = await send('list-items', { limit: 50, page: 2, limit_header: 'soft' });
      assert.equal(sent.url, '/shop/items?limit=50&page=2');
      assert.equal(sent.headers.limit, 'soft');
    },
  },

  7: {
    document: openapi(
      '3.1.0',
      `
paths:
  /shops/{shop}:
    parameters: [{ $ref: "#/components/parameters/Shop" }, { $ref: "#/components/parameters/Trace" }]
    get: { operationId: getShop }
components:
  parameters:
    Shop: { name: shop, in: path, required: true, schema: { type: string } }
    Trace: { $ref: "#/components/parameters/TraceId" }
    TraceId: { name: X-Trace, in: header, schema: { type: string } }
`,
    ),
    prove: async ({ argumentsOf, send }) => {
      assert.deepEqual(Object.keys(await argumentsOf('get-shop')), ['shop', 'X-Trace']);
      const { url, headers } = await send('get-shop', { shop: 'corner', 'X-Trace': 't1' });
      assert.deepEqual([url, headers['x-trace']], ['/shops/corner', 't1']);
    },
  },
};
