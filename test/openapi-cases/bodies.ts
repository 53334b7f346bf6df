/** Rows 18 to 26: bodies. */

import assert from 'node:assert/strict';

import { openapi, type OpenapiCase } from './openapi-case.js';

/** One operation, `send`, with this request body (YAML in flow style). */
const sending = (requestBody: string): string =>
  openapi('3.1.0', `paths: { /send: { post: { operationId: send, requestBody: ${requestBody} } } }`);

const json = (schema: string): string =>
  sending(`{ required: true, content: { application/json: { schema: ${schema} } } }`);

export const BODIES: Readonly<Record<number, OpenapiCase>> = {
  18: {
    document: openapi(
      '3.1.0',
      `
paths:
  /users/{name}:
    patch:
      operationId: renameUser
      parameters: [{ name: name, in: path, required: true, schema: { type: string } }]
      requestBody: { content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } }
`,
    ),
    prove: async ({ send }) => {
      const sent = await send('rename-user', { name: 'old', body: { name: 'new' } });
      assert.deepEqual([sent.url, sent.body], ['/users/old', '{"name":"new"}']);
    },
  },

  19: {
    document: json('{ type: array, items: { type: integer } }'),
    prove: async ({ send }) => assert.equal((await send('send', { body: [1, 2] })).body, '[1,2]'),
  },

  20: {
    document: json('{ type: string }'),
    prove: async ({ send }) => {
      const { body, headers } = await send('send', { body: 'a "word"' });
      assert.deepEqual([body, headers['content-type']], ['"a \\"word\\""', 'application/json']);
    },
  },

  21: {
    document: json('{ type: object, additionalProperties: { type: integer } }'),
    prove: async ({ argumentsOf, send, refusal }) => {
      assert.deepEqual(await argumentsOf('send'), {
        body: { type: 'object', additionalProperties: { type: 'integer' } },
      });
      assert.equal(
        (await send('send', { body: { 'any key': 1, constructor: 2 } })).body,
        '{"any key":1,"constructor":2}',
      );
      assert.equal(await refusal('send', { body: { a: 'text' } }), 'INVALID_ARGUMENTS');
    },
  },

  22: {
    document: openapi(
      '3.1.0',
      `
paths:
  /charges:
    post:
      operationId: charge
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                text: { type: string }
                expand: { type: array, items: { type: string } }
                tags: { type: array, items: { type: string } }
                card: { type: object, properties: { number: { type: string }, owner: { type: object } } }
                note: { type: object }
            encoding:
              expand: { style: deepObject, explode: true }
              tags: { style: form, explode: false }
              card: { style: deepObject, explode: true }
              note: { contentType: application/json }
`,
    ),
    prove: async ({ send }) => {
      const { headers, body } = await send('charge', {
        body: {
          text: 'a b&c=é',
          expand: ['x', 'y'],
          tags: ['p', 'q'],
          card: { number: '42', owner: { name: 'Ann' } },
          note: { n: 1 },
        },
      });
      assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
      assert.deepEqual(body.split('&').map(decodeURIComponent), [
        'text=a b&c=é',
        'expand[]=x',
        'expand[]=y',
        'tags=p,q',
        'card[number]=42',
        'card[owner][name]=Ann',
        'note={"n":1}',
      ]);
    },
  },

  23: {
    document: openapi(
      '3.1.0',
      `
paths:
  /photos:
    post:
      operationId: upload
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              required: [photo]
              properties:
                caption: { type: string }
                about: { type: object }
                photo: { type: string, format: binary }
            encoding:
              photo: { contentType: image/png }
`,
    ),
    prove: async ({ send }) => {
      const bytes = Buffer.from([0x89, 0x50, 0x0d, 0x0a, 0x00, 0xff]);
      const sent = await send('upload', {
        body: { photo: bytes.toString('base64'), about: { place: 'sea' }, caption: 'Blue' },
      });
      const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(sent.headers['content-type'] ?? '')?.[1];
      assert.ok(boundary);
      const part = (head: string, content: string): string => `--${boundary}\r\n${head}\r\n\r\n${content}\r\n`;
      assert.equal(
        sent.bytes.toString('latin1'),
        part('content-disposition: form-data; name="caption"', 'Blue') +
          part('content-disposition: form-data; name="about"\r\ncontent-type: application/json', '{"place":"sea"}') +
          part(
            'content-disposition: form-data; name="photo"; filename="photo"\r\ncontent-type: image/png',
            bytes.toString('latin1'),
          ) +
          `--${boundary}--\r\n`,
      );
    },
  },

  24: {
    document: sending(
      '{ required: true, content: { application/octet-stream: { schema: { type: string, format: binary } } } }',
    ),
    prove: async ({ send, refusal }) => {
      const { bytes, headers } = await send('send', { body: 'AP8Q' });
      assert.deepEqual([...bytes], [0x00, 0xff, 0x10]);
      assert.equal(headers['content-type'], 'application/octet-stream');
      assert.equal(await refusal('send', { body: 'not base64!' }), 'INVALID_ARGUMENTS');
    },
  },

  25: {
    document: openapi(
      '3.1.0',
      `
paths:
  /json-patch: { patch: { operationId: jsonPatch, requestBody: { content: { application/json-patch+json: { schema: { type: array } } } } } }
  /merge-patch: { patch: { operationId: mergePatch, requestBody: { content: { application/merge-patch+json: { schema: { type: object } } } } } }
  /vendor: { post: { operationId: vendor, requestBody: { content: { application/vnd.acme.v3+json: { schema: { type: object } } } } } }
  /charset: { post: { operationId: charset, requestBody: { content: { "application/json; charset=utf-8": { schema: { type: object } } } } } }
`,
    ),
    prove: async ({ send }) => {
      const typeOf = async (operation: string, body: unknown) => {
        const { headers } = await send(operation, { body });
        return headers['content-type'];
      };
      assert.equal(await typeOf('json-patch', [{ op: 'remove', path: '/a' }]), 'application/json-patch+json');
      assert.equal(await typeOf('merge-patch', { a: null }), 'application/merge-patch+json');
      assert.equal(await typeOf('vendor', {}), 'application/vnd.acme.v3+json');
      assert.equal(await typeOf('charset', {}), 'application/json; charset=utf-8');
    },
  },

  26: {
    document: `
swagger: "2.0"
info: { title: A case, version: "1" }
host: upstream.test
schemes: [http]
paths:
  /send:
    post:
      operationId: send
      parameters: [{ name: thing, in: body, schema: { type: object, properties: { a: { type: integer } } } }]
      responses: { "200": { description: ok } }
`,
    prove: async ({ send }) => {
      const { headers, body } = await send('send', { body: { a: 1 } });
      assert.deepEqual([headers['content-type'], body], ['application/json', '{"a":1}']);
    },
  },
};
