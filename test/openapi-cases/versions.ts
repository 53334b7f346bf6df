/** Rows 48 and 50 to 52: texts, and what single versions of OpenAPI bring. */

import assert from 'node:assert/strict';

import { exportsOf } from '../generator/emit/compiled.js';
import { openapi, type OpenapiCase } from './openapi-case.js';

const TRICK = '*/ ${globalThis.injected = 1} `${globalThis.injected = 1}` "; globalThis.injected = 1; //';

export const VERSIONS: Readonly<Record<number, OpenapiCase>> = {
  48: {
    document: openapi(
      '3.1.0',
      `paths: { /things: { get: { operationId: listThings, summary: ${JSON.stringify(TRICK)}, description: ${JSON.stringify(TRICK)} } } }`,
    ),
    prove: async ({ describe, generate }) => {
      assert.equal((await describe('list-things')).description, TRICK);
      const { output } = await generate({
        'openapi.yaml': openapi(
          '3.1.0',
          `paths: { /things: { get: { operationId: listThings, description: ${JSON.stringify(TRICK)} } } }`,
        ),
      });
      const source = output?.files.find(({ file }) => file === 'providers/alone/endpoints.ts')?.text ?? '';
      assert.match(source, /globalThis\.injected/);
      await exportsOf(source);
      assert.equal('injected' in globalThis, false);
    },
  },

  50: {
    document: `
swagger: "2.0"
info: { title: A case, version: "1" }
host: upstream.test
basePath: /v2
schemes: [http]
consumes: [application/json]
produces: [application/json]
parameters:
  Page: { name: page, in: query, type: integer, maximum: 9 }
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - { $ref: "#/parameters/Page" }
        - { name: kinds, in: query, type: array, items: { type: string }, collectionFormat: pipes }
        - { name: colours, in: query, type: array, items: { type: string }, collectionFormat: multi }
        - { name: sizes, in: query, type: array, items: { type: string } }
      responses: { "200": { description: ok, schema: { type: array, items: { $ref: "#/definitions/Pet" } } } }
    post:
      operationId: addPet
      parameters: [{ name: pet, in: body, required: true, schema: { $ref: "#/definitions/Pet" } }]
      responses: { "200": { description: ok } }
  /pets/{id}/photo:
    post:
      operationId: addPhoto
      consumes: [multipart/form-data]
      parameters:
        - { name: id, in: path, required: true, type: integer }
        - { name: file, in: formData, required: true, type: file }
        - { name: note, in: formData, type: string }
      responses: { "200": { description: ok } }
  /login:
    post:
      operationId: login
      consumes: [application/x-www-form-urlencoded]
      parameters:
        - { name: user, in: formData, required: true, type: string }
        - { name: roles, in: formData, type: array, items: { type: string }, collectionFormat: csv }
      responses: { "200": { description: ok } }
definitions:
  Pet: { type: object, required: [name], properties: { name: { type: string }, mother: { $ref: "#/definitions/Pet" } } }
`,
    prove: async ({ send, refusal }) => {
      const list = await send('list-pets', {
        page: 2,
        kinds: ['cat', 'dog'],
        colours: ['red', 'blue'],
        sizes: ['s', 'm'],
      });
      assert.equal(list.url, '/v2/pets?page=2&kinds=cat%7Cdog&colours=red&colours=blue&sizes=s,m');
      assert.equal(await refusal('list-pets', { page: 10 }), 'INVALID_ARGUMENTS');
      const pet = { mother: { name: 'Cat' }, name: 'Kit' };
      assert.equal((await send('add-pet', { body: pet })).body, '{"mother":{"name":"Cat"},"name":"Kit"}');
      const photo = await send('add-photo', { id: 1, body: { file: 'AP8=', note: 'hi' } });
      assert.equal(photo.url, '/v2/pets/1/photo');
      assert.match(photo.headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
      assert.ok(photo.bytes.includes(Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0xff, 0x0d, 0x0a])));
      const login = await send('login', { body: { user: 'a&b', roles: ['x', 'y'] } });
      assert.equal(login.body, 'user=a%26b&roles=x,y');
      assert.equal(login.headers['content-type'], 'application/x-www-form-urlencoded');
    },
  },

  51: {
    document: openapi(
      '3.1.0',
      `
paths:
  /things:
    post:
      operationId: addThing
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                size: { type: [integer, "null"], examples: [3] }
                kind: { const: thing }
                pair: { type: array, prefixItems: [{ type: string }, { type: integer }], items: false }
webhooks:
  thingAdded: { post: { operationId: thingAdded } }
`,
    ),
    prove: async ({ operations, argumentsOf, send, refusal }) => {
      assert.deepEqual(await operations(), ['add-thing']);
      assert.deepEqual((await argumentsOf('add-thing')).body?.properties, {
        size: { type: ['integer', 'null'], examples: [3] },
        kind: { const: 'thing' },
        pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false },
      });
      const body = { kind: 'thing', pair: ['a', 1], size: null };
      assert.equal((await send('add-thing', { body })).body, '{"kind":"thing","pair":["a",1],"size":null}');
      assert.equal(await refusal('add-thing', { body: { pair: ['a', 1, 2] } }), 'INVALID_ARGUMENTS');
    },
  },

  52: {
    document: openapi(
      '3.2.0',
      `
paths:
  /things:
    query:
      operationId: findThings
      requestBody: { content: { application/json: { schema: { type: object } } } }
    additionalOperations:
      PURGE: { operationId: purgeThings }
    get:
      operationId: watchThings
      responses:
        "200": { description: ok, content: { application/jsonl: { itemSchema: { type: object, properties: { n: { type: integer } } } } } }
`,
    ),
    prove: async ({ operations, send }) => {
      assert.deepEqual(await operations(), ['find-things', 'purge-things', 'watch-things']);
      const query = await send('find-things', { body: { name: 'a' } });
      assert.deepEqual([query.method, query.body], ['QUERY', '{"name":"a"}']);
      assert.equal((await send('purge-things')).method, 'PURGE');
      assert.equal((await send('watch-things')).headers.accept, 'application/jsonl, */*;q=0.1');
    },
  },
};
