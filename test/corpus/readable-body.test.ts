import assert from 'node:assert/strict';

import { readableBody } from './readable-body.js';

const DOCUMENT = { paths: {}, components: { schemas: { Text: { type: 'string' } } } };
const text = { $ref: '#/components/schemas/Text' };

describe('a body as Prism reads it', () => {
  it('offers the media type that is the most specific first', () => {
    const content = {
      '*/*': { schema: text },
      'text/*': {},
      'application/vnd.acme+json': { schema: { type: 'integer' } },
    };
    const body = readableBody(DOCUMENT, { required: true, content });
    assert.deepEqual(body, { required: true, content });
    assert.deepEqual(Object.keys(body.content as object), ['application/vnd.acme+json', 'text/*', '*/*']);
  });

  it('has the style of a list in a form written down, and an object of a form as a list of one, which it reads as JSON', () => {
    const object = { type: 'object', required: ['b'] };
    const schema = { type: 'object', properties: { list: { type: 'array' }, object, text, styled: { type: 'array' } } };
    const encoding = { styled: { style: 'spaceDelimited' }, list: { headers: {} } };
    const readAs = (type: string): unknown => {
      return (readableBody(DOCUMENT, { content: { [type]: { schema, encoding } } })?.content as never)[type];
    };
    const properties = { ...schema.properties, object: { type: 'array', items: object, maxItems: 1 } };
    const form = { style: 'form', explode: true };
    assert.deepEqual(readAs('application/x-www-form-urlencoded'), {
      schema: { ...schema, properties },
      encoding: { styled: { style: 'spaceDelimited' }, list: { ...form, headers: {} }, object: form },
    });
    const allowReserved = true;
    assert.deepEqual(readAs('multipart/form-data'), {
      schema: { ...schema, properties },
      encoding: {
        styled: { style: 'spaceDelimited', allowReserved },
        list: { ...form, headers: {}, allowReserved },
        object: { ...form, allowReserved },
      },
    });
  });

  it('leaves a list that is JSON as a whole, and a body that is no form', () => {
    const list = { type: 'object', properties: { list: { type: 'array' } } };
    const asJson = { 'multipart/form-data': { schema: list, encoding: { list: { contentType: 'application/json' } } } };
    assert.deepEqual(readableBody(DOCUMENT, { content: asJson }), { content: asJson });
    const json = { 'application/json': { schema: list } };
    assert.deepEqual(readableBody(DOCUMENT, { content: json }), { content: json });
  });
});
