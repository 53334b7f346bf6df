import assert from 'node:assert/strict';
import { normalized, propertiesOf, withOperation } from './normalized.js';

const form = 'application/x-www-form-urlencoded';
const base64 = { type: 'string', contentEncoding: 'base64', description: "the file's bytes, in base64" };
const file = {
  anyOf: [
    base64,
    {
      type: 'object',
      properties: {
        data: base64,
        filename: { type: 'string' },
        contentType: { type: 'string', pattern: "^[\\w!#$%&'+.^`|~-]+/[\\w!#$%&'+.^`|~-]+\\s*(;[ -~]*)?$" },
      },
      required: ['data'],
      additionalProperties: false,
    },
  ],
};

function operationOf(content: object, openapi = '3.1.0', more: object = {}) {
  return normalized(withOperation({ requestBody: { content, ...more } }, {}, openapi)).only();
}

describe('the body of a request', () => {
  const schemas: [name: string, schema: object][] = [
    ['an array', { type: 'array', items: { type: 'integer' } }],
    ['a scalar', { type: 'string' }],
    ['a dictionary', { type: 'object', additionalProperties: { type: 'string' } }],
    ['oneOf', { oneOf: [{ type: 'string' }, { type: 'integer' }] }],
    ['anyOf', { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
    ['allOf', { allOf: [{ type: 'object' }, { required: ['a'] }] }],
  ];
  for (const [name, schema] of schemas) {
    it(`is one argument, never the root: ${name}`, () => {
      const operation = operationOf({ 'application/json': { schema } });
      assert.deepEqual(operation.arguments, {
        type: 'object',
        properties: { body: schema },
        additionalProperties: false,
      });
    });
  }

  const types: [contentType: string, encoding: string][] = [
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/json-patch+json', 'json'],
    ['application/merge-patch+json', 'json'],
    ['application/vnd.acme.v2+json', 'json'],
    [form, 'form'],
    ['multipart/form-data', 'multipart'],
    ['application/octet-stream', 'binary'],
    ['image/png', 'binary'],
    ['application/pdf', 'binary'],
    ['application/xml', 'xml'],
    ['application/soap+xml', 'xml'],
    ['text/xml', 'xml'],
    ['text/plain', 'text'],
    ['application/text', 'text'],
    ['plain/text', 'text'],
    ['application/jwt', 'text'],
    ['application/vnd.oai.openapi+yaml', 'text'],
    ['application/x-ndjson', 'text'],
  ];
  for (const [contentType, encoding] of types) {
    it(`of type ${contentType} is written as ${encoding} under that very name`, () => {
      const { body } = operationOf({ [contentType]: {} });
      assert.deepEqual([body?.contentType, body?.encoding], [contentType, encoding]);
    });
  }

  const wildcards: [schema: object, contentType: string, encoding: string][] = [
    [{ type: 'object' }, 'application/json', 'json'],
    [{ type: 'string', format: 'binary' }, 'application/octet-stream', 'binary'],
    [{ type: 'string' }, 'text/plain', 'text'],
  ];
  for (const [schema, contentType, encoding] of wildcards) {
    it(`of any type is sent as ${contentType} where the schema is ${JSON.stringify(schema)}`, () => {
      const { body } = operationOf({ '*/*': { schema } });
      assert.deepEqual([body?.contentType, body?.encoding], [contentType, encoding]);
    });
  }

  it('prefers JSON, and reports the alternatives that have another schema', () => {
    const json = { schema: { type: 'object' } };
    const content = { 'text/plain': { schema: { type: 'string' } }, [form]: json, 'application/json': json };
    const result = normalized(withOperation({ requestBody: { content } }));
    assert.equal(result.only().body?.contentType, 'application/json');
    assert.deepEqual(
      result.findings.losses.map(({ what }) => what),
      ['request content type text/plain not offered'],
    );
  });

  it('is the JSON that has a name, before what has none', () => {
    const content = { '': { schema: { properties: { a: {} } } }, 'application/json': { schema: { type: 'array' } } };
    const operation = normalized(withOperation({ requestBody: { content } })).only();
    assert.deepEqual(propertiesOf(operation), { body: { type: 'array' } });
  });

  for (const contentType of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
    it(`is an object of any fields where ${contentType} is described as a text`, () => {
      const content = { [contentType]: { schema: { type: 'string' } } };
      const result = normalized(withOperation({ requestBody: { content } }));
      assert.deepEqual(propertiesOf(result.only()), { body: { type: 'object' } });
      assert.deepEqual(
        result.findings.losses.map(({ rule, what }) => [rule, what]),
        [['text-form', 'the schema of the request body']],
      );
    });
  }

  it('is multipart where the document puts files first', () => {
    const content = {
      'multipart/form-data': { schema: { type: 'object', properties: { f: { type: 'string', format: 'binary' } } } },
      'application/json': { schema: { type: 'object' } },
    };
    assert.equal(operationOf(content).body?.encoding, 'multipart');
  });

  it('carries the encoding of form fields', () => {
    const schema = { type: 'object', properties: { expand: { type: 'array' }, meta: { type: 'object' }, plain: {} } };
    const encoding = {
      expand: { style: 'form', explode: false, allowReserved: true },
      meta: { style: 'deepObject', explode: true, contentType: 'application/json' },
    };
    assert.deepEqual(operationOf({ [form]: { schema, encoding } }).body?.fields, {
      expand: { style: 'form', explode: false, allowReserved: true },
      meta: { contentType: 'application/json', style: 'deepObject', explode: true },
      plain: {},
    });
  });

  it('lists the fields of a form in the order of the document, without those of the answer alone', () => {
    const schema = {
      allOf: [{ properties: { z: {} } }, { properties: { id: { readOnly: true }, a: {} } }],
      properties: { m: {} },
    };
    for (const type of [form, 'multipart/form-data']) {
      assert.deepEqual(Object.keys(operationOf({ [type]: { schema } }).body?.fields ?? {}), ['m', 'z', 'a']);
    }
  });

  const files: [version: string, schema: object][] = [
    ['3.0.3', { type: 'string', format: 'binary' }],
    ['3.1.0', { type: 'string', contentMediaType: 'application/octet-stream' }],
    ['3.1.0', { contentMediaType: 'image/png' }],
    ['3.1.0', { type: 'string', format: 'binary' }],
  ];
  for (const [version, field] of files) {
    it(`takes ${JSON.stringify(field)} of ${version} for a file`, () => {
      const schema = { type: 'object', required: ['f'], properties: { f: field, note: { type: 'string' } } };
      const encoding = { f: { contentType: 'image/png' } };
      const operation = operationOf({ 'multipart/form-data': { schema, encoding } }, version);
      assert.deepEqual(operation.body?.fields, { f: { contentType: 'image/png', binary: true }, note: {} });
      assert.deepEqual(propertiesOf(operation)['body'], {
        type: 'object',
        properties: { f: file, note: { type: 'string' } },
        required: ['f'],
      });
    });
  }

  it('takes a list of files', () => {
    const schema = {
      type: 'object',
      properties: { f: { type: 'array', items: { type: 'string', format: 'binary' } } },
    };
    const operation = operationOf({ 'multipart/form-data': { schema } });
    assert.deepEqual(operation.body?.fields, { f: { binary: true } });
    assert.deepEqual(propertiesOf(operation)['body'], {
      type: 'object',
      properties: { f: { type: 'array', items: file } },
    });
  });

  it('is base64 where it is bytes', () => {
    const operation = operationOf(
      { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      '3.0.0',
    );
    assert.deepEqual(propertiesOf(operation)['body'], {
      type: 'string',
      contentEncoding: 'base64',
      description: 'the bytes of the body (application/octet-stream), in base64',
    });
  });

  it('is required only where the document says so', () => {
    const json = { 'application/json': { schema: {} } };
    assert.deepEqual((operationOf(json, '3.1.0', { required: true }).arguments as { required?: string[] }).required, [
      'body',
    ]);
    assert.equal((operationOf(json).arguments as { required?: string[] }).required, undefined);
  });

  it('is resolved through a reference', () => {
    const components = {
      requestBodies: { Thing: { content: { 'application/json': { schema: { type: 'integer' } } } } },
    };
    const document = withOperation({ requestBody: { $ref: '#/components/requestBodies/Thing' } }, { components });
    assert.deepEqual(propertiesOf(normalized(document).only())['body'], { type: 'integer' });
  });

  const parts: [name: string, media: object, openapi: string, want: [rule: string, what: string][]][] = [
    [
      'headers of a part',
      { schema: { type: 'object' }, encoding: { a: { headers: { 'X-Id': {}, 'Content-Type': {} } }, b: {} } },
      '3.1.0',
      [['part-headers', 'the headers X-Id of the part a']],
    ],
    [
      'parts that are told apart by their places',
      { itemSchema: { type: 'object' }, itemEncoding: { contentType: 'application/json' } },
      '3.2.0',
      [['unnamed-parts', 'the itemSchema, itemEncoding of the request body']],
    ],
    [
      'no more than its content type',
      { schema: { type: 'object' }, encoding: { a: { contentType: 'text/csv', headers: { 'content-type': {} } } } },
      '3.1.0',
      [],
    ],
  ];
  for (const [name, media, openapi, want] of parts) {
    it(`reports what a multipart body says of its parts and nobody can send: ${name}`, () => {
      const requestBody = { content: { 'multipart/mixed': media } };
      const { findings } = normalized(withOperation({ requestBody }, {}, openapi));
      assert.deepEqual(
        findings.losses.map(({ rule, what }) => [rule, what]),
        want,
      );
    });
  }
});
