import assert from 'node:assert/strict';

import { whyUnjudged } from './why-unjudged.js';

const FORM = 'application/x-www-form-urlencoded';
const object = { type: 'object', properties: { a: { type: 'object' }, b: { oneOf: [{ type: 'object' }] } } };

/** One operation, and what is told of it with these arguments. */
function told(operation: object, args: object, path = '/things'): string | undefined {
  const document = { paths: { [path]: { post: { ...operation } } } };
  return whyUnjudged({ document, operation: { method: 'POST', path }, arguments: { ...args } });
}

describe('a drawn call is passed over, before it is made', () => {
  const bodies: [name: string, content: object, body: unknown, why: RegExp | undefined][] = [
    ['with an XML body that has elements', { 'text/xml': { schema: object } }, 'a', /^mock: Prism reads no XML/],
    [
      'not: with an XML body that is described as a text',
      { 'text/xml': { schema: { type: 'string' } } },
      'a',
      undefined,
    ],
    ['not: where JSON is offered too', { 'text/xml': { schema: object }, 'application/json': {} }, {}, undefined],
    [
      'with bytes that are described as an object',
      { 'application/pdf': { schema: object } },
      'YQ==',
      /^document: a body/,
    ],
    [
      'with a text that is described as a number',
      { 'text/plain': { schema: { type: 'number' } } },
      '1',
      /^document: a body/,
    ],
    ['not: with bytes that are described as bytes', { 'image/png': { schema: { type: 'string' } } }, 'YQ==', undefined],
    ['not: with bytes of which nothing is said', { 'image/png': {} }, 'YQ==', undefined],
    ['with a form that is described as a text', { [FORM]: { schema: { type: 'string' } } }, {}, /^document: a form/],
    ['with a required form without fields', { [FORM]: { schema: object } }, { a: {} }, /^mock: Prism takes a form/],
    ['with required JSON that is null', { 'application/json': {} }, null, /^mock: Prism takes a form/],
    ['not: with required JSON that is empty', { 'application/json': {} }, {}, undefined],
    ['not: with an object in a form', { [FORM]: { schema: object } }, { a: { c: 1 } }, undefined],
    ['with a choice in a form', { [FORM]: { schema: object } }, { b: { c: 1 } }, /^mock: Prism reads no JSON/],
    [
      'with a list in a part that is JSON',
      { 'multipart/form-data': { schema: object, encoding: { c: { contentType: 'application/json' } } } },
      { c: [1] },
      /^mock: Prism reads no JSON/,
    ],
    [
      'with a list of objects in a form of deepObject',
      { [FORM]: { schema: object, encoding: { a: { style: 'deepObject' } } } },
      { a: { rows: [{ c: 1 }] } },
      /^mock: Prism reads the objects of a list/,
    ],
    [
      'not: with a list of texts there',
      { [FORM]: { schema: object, encoding: { a: { style: 'deepObject' } } } },
      { a: { rows: ['c'] } },
      undefined,
    ],
    [
      'with JSON that fits two alternatives of a oneOf',
      { 'application/json': { schema: { oneOf: [{ type: 'object' }, object] } } },
      {},
      /^document: what fits one alternative/,
    ],
  ];
  for (const [name, content, body, why] of bodies) {
    it(name, () => {
      const reason = told({ requestBody: { required: true, content } }, { body });
      if (why === undefined) assert.equal(reason, undefined);
      else assert.match(reason ?? '', why);
    });
  }

  const values: [name: string, parameter: object, value: unknown, why: RegExp | undefined][] = [
    ['with objects in a list of the query', { in: 'query' }, [{ b: 1 }], /^document: a list or an object/],
    ['with a list in an object of a header', { in: 'header' }, { b: [1] }, /^document: a list or an object/],
    ['not: in a deepObject', { in: 'query', style: 'deepObject' }, { b: [1] }, undefined],
    ['not: as JSON', { in: 'query', content: { 'application/json': {} } }, [{ b: 1 }], undefined],
    ['with a comma in an item that commas part', { in: 'query', explode: false }, ['b,c'], /^mock: Prism decodes/],
    ['with a comma in a list of the path', { in: 'path' }, ['b,c'], /^mock: Prism decodes/],
    ['with a bar in an item that bars part', { in: 'query', style: 'pipeDelimited' }, ['b|c'], /^mock: Prism decodes/],
    ['not: with a comma in an item that stands by itself', { in: 'query' }, ['b,c'], undefined],
    ['not: with a comma in a text', { in: 'query', explode: false }, 'b,c', undefined],
    ['with a required value of the query that is empty', { in: 'query', required: true }, '', /^mock: Prism takes an/],
    ['with a required value of the query that is null', { in: 'query', required: true }, null, /^mock: Prism takes an/],
    ['not: with an optional one', { in: 'query' }, '', undefined],
    ['not: with an empty header', { in: 'header', required: true }, '', undefined],
    ['not: without a value', { in: 'query', required: true }, undefined, undefined],
    [
      'with a value that is listed as another type',
      { in: 'query', schema: { type: 'number', enum: ['1'] } },
      1,
      /^doc/,
    ],
  ];
  for (const [name, parameter, a, why] of values) {
    it(name, () => {
      const reason = told({ parameters: [{ name: 'a', ...parameter }] }, a === undefined ? {} : { a });
      if (why === undefined) assert.equal(reason, undefined);
      else assert.match(reason ?? '', why);
    });
  }

  const segments: [name: string, path: string, args: object, isPassedOver: boolean][] = [
    ['with two values in a segment that nothing parts', '/of/{id}{ext}', { id: 7, ext: '.json' }, true],
    ['with a value that has what parts it from the next', '/of/{id}.{ext}', { id: 1.5, ext: 'json' }, true],
    ['not: with two values that are parted', '/of/{id}.{ext}', { id: 7, ext: 'json' }, false],
    ['not: with one value beside a text', '/of/{id}.json/(all)', { id: 1.5 }, false],
    ['not: with a value that is encoded', '/of/{id}/{ext}', { id: 'a/b', ext: 'a.b' }, false],
  ];
  for (const [name, path, args, isPassedOver] of segments) {
    it(name, () => {
      const parameters = Object.keys(args).map((each) => ({ name: each, in: 'path' }));
      assert.equal(told({ parameters }, args, path)?.startsWith('document: several values') ?? false, isPassedOver);
    });
  }

  it('reads the body under its other name, where a parameter takes that of the body', () => {
    const operation = {
      parameters: [{ name: 'body', in: 'query' }],
      requestBody: { content: { 'text/xml': { schema: object } } },
    };
    assert.equal(told(operation, { body: 'a' }), undefined);
    assert.match(told(operation, { request_body: 'a' }) ?? '', /^mock: Prism reads no XML/);
  });
});
