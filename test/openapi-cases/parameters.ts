/** Rows 11 to 17, 27 to 30 and 49: arguments on their way into path, query, headers and cookies. */

import assert from 'node:assert/strict';

import { openapi, type OpenapiCase } from './openapi-case.js';

const COLOURS = ['blue', 'black', 'brown'];
const BGR = { B: 150, G: 200, R: 100 };

export const PARAMETERS: Readonly<Record<number, OpenapiCase>> = {
  11: {
    document: openapi(
      '3.1.0',
      `
paths:
  /files/{name}/info:
    get:
      operationId: getFile
      parameters: [{ name: name, in: path, required: true, schema: { type: string } }]
`,
    ),
    prove: async ({ send, refusal }) => {
      assert.equal((await send('get-file', { name: '../../x' })).url, '/files/..%2F..%2Fx/info');
      assert.equal((await send('get-file', { name: 'a?b#c d%2Fé' })).url, '/files/a%3Fb%23c%20d%252F%C3%A9/info');
      for (const name of ['..', '.']) assert.equal(await refusal('get-file', { name }), 'INVALID_ARGUMENTS');
    },
  },

  12: {
    document: openapi(
      '3.1.0',
      `
paths:
  /files/{name}:
    get:
      operationId: getFile
      parameters: [{ name: name, in: path, schema: { type: string } }]
`,
    ),
    prove: async ({ refusal }) => {
      assert.equal(await refusal('get-file', {}), 'INVALID_ARGUMENTS');
      assert.equal(await refusal('get-file', { name: '' }), 'INVALID_ARGUMENTS');
    },
  },

  13: {
    document: openapi(
      '3.1.0',
      `
paths:
  /{simple}/{simpleEach}/{label}/{labelEach}/{matrix}/{matrixEach}:
    get:
      operationId: paint
      parameters:
        - { name: simple, in: path, required: true, schema: { type: [array, object] } }
        - { name: simpleEach, in: path, required: true, explode: true, schema: { type: [array, object] } }
        - { name: label, in: path, required: true, style: label, schema: { type: [array, object] } }
        - { name: labelEach, in: path, required: true, style: label, explode: true, schema: { type: [array, object] } }
        - { name: matrix, in: path, required: true, style: matrix, schema: { type: [array, object] } }
        - { name: matrixEach, in: path, required: true, style: matrix, explode: true, schema: { type: [array, object] } }
`,
    ),
    prove: async ({ send }) => {
      const all = (value: unknown) => ({
        simple: value,
        simpleEach: value,
        label: value,
        labelEach: value,
        matrix: value,
        matrixEach: value,
      });
      assert.deepEqual((await send('paint', all(COLOURS))).url.split('/').slice(1), [
        'blue,black,brown',
        'blue,black,brown',
        '.blue,black,brown',
        '.blue.black.brown',
        ';matrix=blue,black,brown',
        ';matrixEach=blue;matrixEach=black;matrixEach=brown',
      ]);
      assert.deepEqual((await send('paint', all(BGR))).url.split('/').slice(1), [
        'B,150,G,200,R,100',
        'B=150,G=200,R=100',
        '.B,150,G,200,R,100',
        '.B=150.G=200.R=100',
        ';matrix=B,150,G,200,R,100',
        ';B=150;G=200;R=100',
      ]);
    },
  },

  14: {
    document: openapi(
      '3.1.0',
      `
paths:
  /search:
    get:
      operationId: search
      parameters: [{ name: a, in: query, schema: { type: array, items: { type: integer } } }]
`,
    ),
    prove: async ({ send }) => assert.equal((await send('search', { a: [1, 2] })).url, '/search?a=1&a=2'),
  },

  15: {
    document: openapi(
      '3.1.0',
      `
paths:
  /search:
    get:
      operationId: search
      parameters:
        - { name: comma, in: query, explode: false, schema: { type: array, items: { type: string } } }
        - { name: pipe, in: query, style: pipeDelimited, explode: false, schema: { type: array, items: { type: string } } }
        - { name: space, in: query, style: spaceDelimited, explode: false, schema: { type: array, items: { type: string } } }
`,
    ),
    prove: async ({ send }) => {
      const { url } = await send('search', { comma: ['a', 'b,c'], pipe: ['a', 'b'], space: ['a', 'b'] });
      assert.equal(url, '/search?comma=a,b%2Cc&pipe=a%7Cb&space=a%20b');
    },
  },

  16: {
    document: openapi(
      '3.1.0',
      `
paths:
  /search:
    get:
      operationId: search
      parameters:
        - name: f
          in: query
          style: deepObject
          explode: true
          schema:
            type: object
            properties:
              k: { type: string }
              in: { type: object, properties: { deep: { type: integer } } }
              list: { type: array, items: { type: string } }
`,
    ),
    prove: async ({ send }) => {
      const { url } = await send('search', { f: { in: { deep: 1 }, k: 'v w', list: ['a', 'b'] } });
      assert.equal(decodeURIComponent(url), '/search?f[in][deep]=1&f[k]=v w&f[list][]=a&f[list][]=b');
    },
  },

  17: {
    document: openapi(
      '3.1.0',
      `
paths:
  /things/{id}:
    put:
      operationId: putThing
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: id, in: query, schema: { type: string } }
        - { name: body, in: query, schema: { type: string } }
      requestBody: { content: { application/json: { schema: { type: object, properties: { id: { type: string } } } } } }
`,
    ),
    prove: async ({ argumentsOf, send }) => {
      const names = Object.keys(await argumentsOf('put-thing'));
      assert.deepEqual(names, ['id', 'id_query', 'body', 'request_body']);
      const sent = await send('put-thing', { id: 'p', id_query: 'q', body: 'b', request_body: { id: 'c' } });
      assert.deepEqual([sent.url, sent.body], ['/things/p?id=q&body=b', '{"id":"c"}']);
    },
  },

  27: {
    document: openapi(
      '3.1.0',
      `
paths:
  /home:
    get:
      operationId: home
      parameters:
        - { name: session, in: cookie, required: true, schema: { type: string } }
        - { name: theme, in: cookie, schema: { type: string } }
`,
    ),
    prove: async ({ send }) => {
      const { headers } = await send('home', { session: 's 1;x', theme: 'dark' });
      assert.equal(headers.cookie, 'session=s%201%3Bx; theme=dark');
    },
  },

  28: {
    document: openapi(
      '3.1.0',
      `
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - { name: Accept, in: header, required: true, schema: { type: string } }
        - { name: content-type, in: header, schema: { type: string } }
        - { name: Authorization, in: header, required: true, schema: { type: string } }
        - { name: X-Mine, in: header, schema: { type: string } }
      responses: { "200": { description: ok, content: { application/json: {} } } }
`,
    ),
    prove: async ({ argumentsOf, send, refusal }) => {
      assert.deepEqual(Object.keys(await argumentsOf('list-things')), ['X-Mine']);
      const { headers } = await send('list-things', { 'X-Mine': '1' });
      assert.equal(headers.accept, 'application/json, */*;q=0.1');
      assert.equal(headers.authorization, undefined);
      assert.equal(await refusal('list-things', { Authorization: 'Bearer stolen' }), 'INVALID_ARGUMENTS');
    },
  },

  29: {
    document: openapi(
      '3.1.0',
      `
paths:
  /things:
    post:
      operationId: addThing
      parameters:
        - { name: unset, in: query, schema: { type: string } }
        - { name: empty, in: query, schema: { type: string } }
        - { name: none, in: query, schema: { type: array, items: { type: string } } }
        - { name: nothing, in: query, schema: { type: [string, "null"] } }
        - { name: needed, in: query, required: true, schema: { type: [integer, "null"] } }
      requestBody:
        content:
          application/json:
            schema: { type: object, properties: { gone: { type: [string, "null"] }, name: { type: string } } }
`,
    ),
    prove: async ({ send, refusal }) => {
      const given = { empty: '', none: [], nothing: null, needed: null, body: { gone: null } };
      const sent = await send('add-thing', given);
      assert.deepEqual([sent.url, sent.body], ['/things?empty=&needed=', '{"gone":null}']);
      const bare = await send('add-thing', { needed: 1 });
      assert.deepEqual([bare.url, bare.body, bare.headers['content-type']], ['/things?needed=1', '', undefined]);
      assert.equal(await refusal('add-thing', { needed: 1, body: { name: null } }), 'INVALID_ARGUMENTS');
      assert.equal(await refusal('add-thing', {}), 'INVALID_ARGUMENTS');
    },
  },

  30: {
    document: openapi(
      '3.1.0',
      `
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - { name: order, in: query, schema: { type: string, default: newest } }
        - { name: version, in: query, required: true, schema: { type: string, default: "2024" } }
`,
    ),
    prove: async ({ argumentsOf, send }) => {
      assert.deepEqual(await argumentsOf('list-things'), {
        order: { type: 'string', default: 'newest' },
        version: { type: 'string', default: '2024' },
      });
      assert.equal((await send('list-things')).url, '/things?version=2024');
      assert.equal((await send('list-things', { order: 'newest' })).url, '/things?order=newest&version=2024');
    },
  },

  49: {
    document: openapi(
      '3.1.0',
      `
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - name: filter
          in: query
          content: { application/json: { schema: { type: object, properties: { age: { type: integer } } } } }
`,
    ),
    prove: async ({ argumentsOf, send }) => {
      assert.deepEqual(await argumentsOf('list-things'), {
        filter: { type: 'object', properties: { age: { type: 'integer' } } },
      });
      const { url } = await send('list-things', { filter: { age: 3 } });
      assert.equal(decodeURIComponent(url), '/things?filter={"age":3}');
    },
  },
};
