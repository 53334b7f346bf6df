/** Rows 31 to 39: schemas. */

import assert from 'node:assert/strict';

import type { Json } from '../fixtures/test-gateway.js';
import { openapi, type Bench, type OpenapiCase } from './openapi-case.js';

/** One operation, `send`, whose body has the schema `Body`; `schemas` is YAML, four spaces in. */
const withSchemas = (version: string, schemas: string): string =>
  openapi(
    version,
    `
paths:
  /send:
    post:
      operationId: send
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Body" } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Body" } } } } }
components:
  schemas:
${schemas}`,
  );

/** The schema of the body of `send`, behind its reference. */
async function bodyOf(describe: Bench['describe']): Promise<Json> {
  const { arguments: schema } = (await describe('send')) as unknown as {
    arguments: { properties: { body: { $ref: string } }; $defs: Record<string, Json> };
  };
  const name = schema.properties.body.$ref.slice('#/$defs/'.length);
  return schema.$defs[name] ?? assert.fail(`no $defs of ${name}`);
}

export const SCHEMAS: Readonly<Record<number, OpenapiCase>> = {
  31: {
    document: withSchemas(
      '3.0.3',
      `
    Body: { type: object, properties: { a: { type: string, nullable: true }, b: { type: string, nullable: true, enum: [x] } } }
`,
    ),
    prove: async ({ describe, send }) => {
      assert.deepEqual(await bodyOf(describe), {
        type: 'object',
        properties: { a: { type: ['string', 'null'] }, b: { type: ['string', 'null'], enum: ['x', null] } },
      });
      assert.equal((await send('send', { body: { a: null } })).body, '{"a":null}');
    },
  },

  32: {
    document: withSchemas(
      '3.0.3',
      `
    Body:
      type: object
      properties:
        below: { type: number, maximum: 5, exclusiveMaximum: true }
        upTo: { type: number, maximum: 5, exclusiveMaximum: false }
        above: { type: number, minimum: 5, exclusiveMinimum: true }
`,
    ),
    prove: async ({ describe, send, refusal }) => {
      assert.deepEqual((await bodyOf(describe)).properties, {
        below: { type: 'number', exclusiveMaximum: 5 },
        upTo: { type: 'number', maximum: 5 },
        above: { type: 'number', exclusiveMinimum: 5 },
      });
      await send('send', { body: { below: 4.9, upTo: 5, above: 5.1 } });
      assert.equal(await refusal('send', { body: { below: 5 } }), 'INVALID_ARGUMENTS');
    },
  },

  33: {
    document: openapi(
      '3.1.0',
      `
paths:
  /one: { post: { operationId: one, requestBody: { required: true, content: { application/json: { schema: { oneOf: [{ type: string }, { type: integer }] } } } } } }
  /any: { post: { operationId: any, requestBody: { required: true, content: { application/json: { schema: { anyOf: [{ type: string }, { type: integer }] } } } } } }
  /all: { post: { operationId: all, requestBody: { required: true, content: { application/json: { schema: { allOf: [{ type: object, required: [a] }, { type: object, required: [b] }] } } } } } }
`,
    ),
    prove: async ({ describe, send, refusal }) => {
      for (const operation of ['one', 'any', 'all']) {
        const { arguments: schema } = (await describe(operation)) as { arguments: Record<string, unknown> };
        assert.equal(schema.type, 'object');
        assert.deepEqual(Object.keys(schema.properties as object), ['body']);
        for (const keyword of ['oneOf', 'anyOf', 'allOf']) assert.equal(keyword in schema, false);
      }
      assert.equal((await send('one', { body: 7 })).body, '7');
      assert.equal((await send('any', { body: 'seven' })).body, '"seven"');
      assert.equal((await send('all', { body: { a: 1, b: 2 } })).body, '{"a":1,"b":2}');
      assert.equal(await refusal('all', { body: { a: 1 } }), 'INVALID_ARGUMENTS');
    },
  },

  34: {
    document: withSchemas(
      '3.0.3',
      `
    Base: { type: object, required: [id], properties: { id: { type: integer } } }
    Middle: { allOf: [{ $ref: "#/components/schemas/Base" }, { type: object, required: [name], properties: { name: { type: string } } }] }
    Body:
      allOf:
        - { $ref: "#/components/schemas/Middle" }
        - { type: object, properties: { parent: { $ref: "#/components/schemas/Body" } } }
`,
    ),
    prove: async ({ send, refusal }) => {
      const body = { id: 1, name: 'a', parent: { id: 2, name: 'b' } };
      assert.equal((await send('send', { body })).body, '{"id":1,"name":"a","parent":{"id":2,"name":"b"}}');
      for (const bad of [{ name: 'a' }, { id: 1 }, { id: 1, name: 'a', parent: { id: 2 } }]) {
        assert.equal(await refusal('send', { body: bad }), 'INVALID_ARGUMENTS');
      }
    },
  },

  35: {
    document: withSchemas(
      '3.0.3',
      `
    Body: { type: object, properties: { to: { oneOf: [{ type: string }, { type: array, items: { type: string, maxLength: 5 } }] } } }
`,
    ),
    prove: async ({ describe, send, refusal }) => {
      assert.deepEqual((await bodyOf(describe)).properties, {
        to: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string', maxLength: 5 } }] },
      });
      assert.equal((await send('send', { body: { to: ['ann', 'bob'] } })).body, '{"to":["ann","bob"]}');
      assert.equal(await refusal('send', { body: { to: ['too long'] } }), 'INVALID_ARGUMENTS');
    },
  },

  36: {
    document: withSchemas(
      '3.0.3',
      `
    Body:
      type: object
      required: [id, name, secret]
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string }
        secret: { type: string, writeOnly: true }
`,
    ),
    prove: async ({ describe, send }) => {
      assert.deepEqual(await bodyOf(describe), {
        type: 'object',
        properties: { name: { type: 'string' }, secret: { type: 'string', writeOnly: true } },
        required: ['name', 'secret'],
      });
      const { response } = (await describe('send')) as { response: { schema: object } };
      assert.deepEqual(response.schema, {
        $ref: '#/$defs/Body.response',
        $defs: {
          'Body.response': {
            type: 'object',
            properties: { id: { type: 'integer', readOnly: true }, name: { type: 'string' } },
            required: ['id', 'name'],
          },
        },
      });
      assert.equal((await send('send', { body: { name: 'a', secret: 's' } })).body, '{"name":"a","secret":"s"}');
    },
  },

  37: {
    document: withSchemas(
      '3.0.3',
      `
    Body: { type: object, properties: { size: { type: string, enum: [s, m, s, m] } } }
`,
    ),
    prove: async ({ describe, send }) => {
      assert.deepEqual((await bodyOf(describe)).properties, { size: { type: 'string', enum: ['s', 'm'] } });
      assert.equal((await send('send', { body: { size: 'm' } })).body, '{"size":"m"}');
    },
  },

  38: {
    document: openapi(
      '3.1.0',
      `
paths:
  /count:
    get:
      operationId: count
      responses:
        "200":
          description: ok
          content: { application/json: { schema: { type: object, required: [total], properties: { total: { type: integer } } } } }
`,
    ),
    answer: () => ({ headers: { 'content-type': 'application/json' }, body: '{"total":"many"}' }),
    prove: async ({ call }) => {
      const { isError, answer } = await call('count');
      assert.equal(isError, false);
      assert.deepEqual(answer.body, { total: 'many' });
      assert.deepEqual(answer.warnings, ['the answer breaks the schema of its document: /total (type)']);
      assert.equal(answer.charged, '0.001000');
      assert.ok(answer.receipt);
    },
  },

  39: {
    document: withSchemas(
      '3.1.0',
      `
    Body: { type: object, properties: { owner: { $ref: "#/components/schemas/Owner" }, other: { $ref: "#/components/schemas/Owner" } } }
    Owner: { type: object, properties: { "a/b": { $ref: "#/components/schemas/Na~1me" } } }
    "Na/me": { type: string, maxLength: 3 }
`,
    ),
    prove: async ({ describe, send, refusal }) => {
      const described = await describe('send');
      const text = JSON.stringify(described);
      assert.equal(text.includes('#/components'), false);
      assert.deepEqual(described.arguments, {
        type: 'object',
        properties: { body: { $ref: '#/$defs/Body' } },
        required: ['body'],
        additionalProperties: false,
        $defs: {
          Body: { type: 'object', properties: { owner: { $ref: '#/$defs/Owner' }, other: { $ref: '#/$defs/Owner' } } },
          Owner: { type: 'object', properties: { 'a/b': { $ref: '#/$defs/Na_me' } } },
          Na_me: { type: 'string', maxLength: 3 },
        },
      });
      assert.equal((await send('send', { body: { owner: { 'a/b': 'ann' } } })).body, '{"owner":{"a/b":"ann"}}');
      assert.equal(await refusal('send', { body: { owner: { 'a/b': 'anne' } } }), 'INVALID_ARGUMENTS');
    },
  },
};
