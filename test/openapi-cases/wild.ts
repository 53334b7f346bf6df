/** Rows 56 to 62: what documents in the wild do beside what the specification foresees. */

import assert from 'node:assert/strict';

import type { Json } from '../fixtures/test-gateway.js';
import { openapi, type OpenapiCase } from './openapi-case.js';

export const WILD: Readonly<Record<number, OpenapiCase>> = {
  56: {
    document: openapi(
      '3.0.3',
      `
paths:
  /rpc?action=list:
    get:
      operationId: list
      parameters: [{ name: page, in: query, schema: { type: integer } }]
      responses: { "200": { description: ok } }
  /rpc?action=drop:
    get: { operationId: drop, responses: { "200": { description: ok } } }
`,
    ),
    prove: async ({ send }) => {
      assert.equal((await send('list', { page: 2 })).url, '/rpc?action=list&page=2');
      assert.equal((await send('drop')).url, '/rpc?action=drop');
    },
  },

  57: {
    document: openapi(
      '3.0.3',
      `
paths:
  /shops/{shop}/items/{item}:
    get:
      operationId: getItem
      parameters: [{ name: item, in: path, required: true, schema: { type: integer } }]
      responses: { "200": { description: ok } }
`,
    ),
    prove: async ({ argumentsOf, send, refusal }) => {
      assert.deepEqual(Object.keys(await argumentsOf('get-item')).sort(), ['item', 'shop']);
      assert.equal((await send('get-item', { shop: 'a b', item: 1 })).url, '/shops/a%20b/items/1');
      assert.equal(await refusal('get-item', { item: 1 }), 'INVALID_ARGUMENTS');
    },
  },

  58: {
    document: openapi(
      '3.0.3',
      `
paths:
  /items:
    get:
      operationId: listItems
      parameters:
        - { name: shop, in: path, required: true, schema: { type: string } }
        - { name: page, in: query, schema: { type: integer } }
      responses: { "200": { description: ok } }
`,
    ),
    prove: async ({ argumentsOf, send }) => {
      assert.deepEqual(Object.keys(await argumentsOf('list-items')), ['page']);
      assert.equal((await send('list-items', { page: 1 })).url, '/items?page=1');
    },
  },

  59: {
    document: openapi(
      '3.0.3',
      `
security: [{ key: [] }]
paths:
  /items:
    get:
      operationId: listItems
      parameters:
        - { name: X-Api-Key, in: header, required: true, schema: { type: string } }
        - { name: page, in: query, schema: { type: integer } }
      responses: { "200": { description: ok } }
components: { securitySchemes: { key: { type: apiKey, in: header, name: x-api-key } } }
`,
    ),
    environment: { TOLLGATE_CREDENTIAL_CASE_59_KEY: 'the-gateways' },
    prove: async ({ argumentsOf, send, refusal }) => {
      assert.deepEqual(Object.keys(await argumentsOf('list-items')), ['page']);
      assert.equal((await send('list-items')).headers['x-api-key'], 'the-gateways');
      assert.equal(await refusal('list-items', { 'X-Api-Key': 'an-agents' }), 'INVALID_ARGUMENTS');
    },
  },

  60: {
    document: `
openapi: "3.0.3"
info: { title: A case, version: 1.10, description: null }
servers: [{ url: "http://upstream.test/" }]
paths:
  /on/{yes}:
    get:
      operationId: toggle
      parameters: [{ name: "yes", in: path, required: true, schema: { type: string, enum: [on, off, no] } }]
      responses: { 200: { description: ok }, 4XX: { description: no } }
`,
    prove: async ({ argumentsOf, send }) => {
      assert.deepEqual((await argumentsOf('toggle')).yes?.enum, ['on', 'off', 'no']);
      assert.equal((await send('toggle', { yes: 'no' })).url, '/on/no');
    },
  },

  61: {
    document: openapi(
      '3.0.3',
      `
paths:
  /pets: { post: { operationId: addPet, requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }, responses: { "200": { description: ok } } } }
components:
  schemas:
    Pet:
      type: object
      required: [kind]
      properties: { kind: { type: string } }
      discriminator: { propertyName: kind, mapping: { dog: "#/components/schemas/Dog" } }
    Dog: { allOf: [{ $ref: "#/components/schemas/Pet" }, { type: object, required: [bark], properties: { bark: { type: string } } }] }
    Cat: { allOf: [{ $ref: "#/components/schemas/Pet" }, { type: object, properties: { mother: { $ref: "#/components/schemas/Pet" } } }] }
`,
    ),
    prove: async ({ describe, argumentsOf, send, refusal }) => {
      const { $defs } = (await describe('add-pet')).arguments as { $defs: Record<string, Json> };
      assert.deepEqual((await argumentsOf('add-pet')).body, { $ref: '#/$defs/Pet.subtypes' });
      assert.deepEqual($defs['Pet.subtypes']?.anyOf, [
        { allOf: [{ $ref: '#/$defs/Dog' }], properties: { kind: { const: 'dog' } }, required: ['kind'] },
        { allOf: [{ $ref: '#/$defs/Cat' }], properties: { kind: { const: 'Cat' } }, required: ['kind'] },
        { allOf: [{ $ref: '#/$defs/Pet' }], properties: { kind: { not: { enum: ['dog', 'Cat'] } } } },
      ]);
      assert.deepEqual((await describe('add-pet')).example, { body: { kind: 'dog', bark: 'example' } });
      const cat = { kind: 'Cat', mother: { bark: 'loud', kind: 'dog' } };
      assert.equal((await send('add-pet', { body: cat })).body, JSON.stringify(cat));
      assert.equal((await send('add-pet', { body: { kind: 'fish' } })).body, '{"kind":"fish"}');
      assert.equal(await refusal('add-pet', { body: { kind: 'dog' } }), 'INVALID_ARGUMENTS');
      assert.equal(await refusal('add-pet', { body: { kind: 'Cat', mother: { kind: 'dog' } } }), 'INVALID_ARGUMENTS');
    },
  },

  62: {
    document: openapi(
      '3.0.3',
      `
paths:
  /messages: { post: { operationId: sendMessage, requestBody: { content: { application/x-www-form-urlencoded: { schema: { $ref: "#/components/schemas/Message" } } } }, responses: { "200": { description: ok } } } }
  /notes: { post: { operationId: addNote, requestBody: { required: false, content: { application/json: { schema: { $ref: "#/components/schemas/Message" } } } }, responses: { "200": { description: ok } } } }
components: { schemas: { Message: { type: object, required: [to], properties: { to: { type: string }, text: { type: string } } } } }
`,
    ),
    prove: async ({ describe, send }) => {
      const { arguments: schema, example } = await describe('send-message');
      assert.deepEqual(example, { body: { to: 'example' } });
      assert.equal('required' in (schema as object), false);
      assert.equal((await send('send-message', example as Json)).body, 'to=example');
      assert.equal((await send('send-message')).body, '');
      assert.deepEqual((await describe('add-note')).example, {});
    },
  },
};
