import assert from 'node:assert/strict';
import { normalized, propertiesOf, withOperation } from './normalized.js';

const string = { type: 'string' };

describe('the parameters of an operation', () => {
  const bindings: [name: string, given: object, want: object][] = [
    [
      'a path parameter is simple and required',
      { in: 'path', name: 'id', schema: string },
      { argument: 'id', name: 'id', in: 'path', required: true, style: 'simple', explode: false },
    ],
    [
      'label',
      { in: 'path', name: 'id', style: 'label', explode: true, schema: string },
      { argument: 'id', name: 'id', in: 'path', required: true, style: 'label', explode: true },
    ],
    [
      'matrix',
      { in: 'path', name: 'id', style: 'matrix', schema: string },
      { argument: 'id', name: 'id', in: 'path', required: true, style: 'matrix', explode: false },
    ],
    [
      'a query parameter is an exploded form',
      { in: 'query', name: 'id', schema: { type: 'array', items: string } },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'form', explode: true },
    ],
    [
      'explode: false',
      { in: 'query', name: 'id', explode: false, schema: string },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'form', explode: false },
    ],
    [
      'pipeDelimited',
      { in: 'query', name: 'id', style: 'pipeDelimited', schema: string },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'pipeDelimited', explode: false },
    ],
    [
      'spaceDelimited',
      { in: 'query', name: 'id', style: 'spaceDelimited', schema: string },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'spaceDelimited', explode: false },
    ],
    [
      'deepObject',
      { in: 'query', name: 'id', style: 'deepObject', explode: true, schema: { type: 'object' } },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'deepObject', explode: true },
    ],
    [
      'allowReserved',
      { in: 'query', name: 'id', allowReserved: true, schema: string },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'form', explode: true, allowReserved: true },
    ],
    [
      'a style of another place falls back',
      { in: 'query', name: 'id', style: 'simple', schema: string },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'form', explode: true },
    ],
    [
      'a header is simple',
      { in: 'header', name: 'id', schema: string },
      { argument: 'id', name: 'id', in: 'header', required: false, style: 'simple', explode: false },
    ],
    [
      'a cookie is a form',
      { in: 'cookie', name: 'id', schema: string },
      { argument: 'id', name: 'id', in: 'cookie', required: false, style: 'form', explode: true },
    ],
    [
      'content in place of a schema',
      { in: 'query', name: 'id', content: { 'application/json': { schema: { type: 'object' } } } },
      {
        argument: 'id',
        name: 'id',
        in: 'query',
        required: false,
        style: 'form',
        explode: true,
        contentType: 'application/json',
      },
    ],
    [
      'the default is noted',
      { in: 'query', name: 'id', schema: { type: 'integer', default: 0 } },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'form', explode: true, default: 0 },
    ],
    [
      'a form as the whole query string',
      {
        in: 'querystring',
        name: 'id',
        content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } },
      },
      { argument: 'id', name: 'id', in: 'query', required: false, style: 'form', explode: true },
    ],
  ];
  for (const [name, given, want] of bindings) {
    it(name, () => {
      const path = (given as { in: string }).in === 'path' ? '/things/{id}' : '/things';
      assert.deepEqual(normalized(withOperation({ parameters: [given] }, { path })).only().parameters, [want]);
    });
  }

  it('keep their description, with the default documented and the examples kept', () => {
    const parameters = [
      {
        in: 'query',
        name: 'q',
        description: 'What to find.',
        example: 'cats',
        deprecated: true,
        schema: { type: 'string', default: 'dogs' },
      },
    ];
    assert.deepEqual(propertiesOf(normalized(withOperation({ parameters })).only())['q'], {
      type: 'string',
      default: 'dogs',
      description: 'What to find.',
      deprecated: true,
      examples: ['cats'],
    });
  });

  it('keep each example once, so that there is room for others', () => {
    const examples = Object.fromEntries(['cats', 'cats', 'cats', 'dogs'].map((value, index) => [index, { value }]));
    const parameters = [{ in: 'query', name: 'q', examples, schema: { type: 'string', example: 'cats' } }];
    assert.deepEqual(propertiesOf(normalized(withOperation({ parameters })).only())['q'], {
      type: 'string',
      examples: ['cats', 'dogs'],
    });
  });

  it('are merged with those of the path, references resolved, and the operation wins', () => {
    const pathItem = {
      summary: 'no operation',
      'x-anything': {},
      parameters: [{ $ref: '#/components/parameters/Limit' }, { in: 'query', name: 'page', schema: string }],
    };
    const components = { parameters: { Limit: { in: 'query', name: 'limit', schema: { type: 'integer' } } } };
    const parameters = [{ in: 'query', name: 'page', schema: { type: 'number' } }];
    const result = normalized(withOperation({ parameters }, { pathItem, components }));
    assert.equal(result.operations.length, 1);
    assert.deepEqual(propertiesOf(result.only()), { limit: { type: 'integer' }, page: { type: 'number' } });
  });

  it('of one name are all settable, the first place keeping the name', () => {
    const parameters = ['cookie', 'header', 'query', 'path'].map((place) => ({
      in: place,
      name: 'id',
      schema: string,
    }));
    const requestBody = { content: { 'application/json': { schema: { properties: { id: string } } } } };
    const operation = normalized(withOperation({ parameters, requestBody }, { path: '/things/{id}' })).only();
    assert.deepEqual(
      operation.parameters.map(({ argument, in: place }) => [argument, place]),
      [
        ['id', 'path'],
        ['id_query', 'query'],
        ['id_header', 'header'],
        ['id_cookie', 'cookie'],
      ],
    );
    assert.deepEqual(Object.keys(propertiesOf(operation)), ['id', 'id_query', 'id_header', 'id_cookie', 'body']);
  });

  it('do not take the name that another is given for a clash', () => {
    const parameters = [
      { in: 'query', name: 'id', schema: string },
      { in: 'query', name: 'id_query', schema: string },
    ];
    const operation = normalized(withOperation({ parameters }, { path: '/things/{id}' })).only();
    assert.deepEqual(
      operation.parameters.map(({ argument }) => argument),
      ['id', 'id_query_2', 'id_query'],
    );
  });

  it('called body give way to none: the body is renamed', () => {
    const parameters = [{ in: 'query', name: 'body', schema: string }];
    const requestBody = { content: { 'application/json': { schema: {} } } };
    const operation = normalized(withOperation({ parameters, requestBody })).only();
    assert.equal(operation.body?.argument, 'request_body');
    assert.deepEqual(Object.keys(propertiesOf(operation)), ['body', 'request_body']);
  });

  it('exist for every name in the path, declared or not', () => {
    const result = normalized(withOperation({}, { path: '/a/{x}/{y}' }));
    assert.deepEqual((result.only().arguments as { required: string[] }).required, ['x', 'y']);
    assert.deepEqual(
      result.findings.warnings.map(({ rule }) => rule),
      ['undeclared-path-parameter', 'undeclared-path-parameter'],
    );
  });

  const readOnly = { type: 'integer', readOnly: true };
  const inPath: [name: string, given: object, want: object][] = [
    ['a text in a path is never empty', string, { type: 'string', minLength: 1 }],
    ['what may be a text in a path is never empty', {}, { minLength: 1 }],
    ['a longer minimum in a path stays', { type: 'string', minLength: 3 }, { type: 'string', minLength: 3 }],
    ['a number in a path has no length', { type: 'integer' }, { type: 'integer' }],
    ['a list in a path is never empty', { type: 'array' }, { type: 'array', minItems: 1 }],
    ['an object in a path is never empty', { type: 'object' }, { type: 'object', minProperties: 1 }],
    ['a number in a path is never null', { type: ['integer', 'null'] }, { type: 'integer' }],
    [
      'a listed text in a path is never null',
      { type: ['string', 'integer', 'null'], enum: ['a', 1, null] },
      { type: ['string', 'integer'], enum: ['a', 1], minLength: 1 },
    ],
    [
      'a value of a path whose schema is shared is never null',
      { $ref: '#/components/schemas/Size' },
      { $ref: '#/$defs/Size', not: { type: 'null' } },
    ],
    [
      'an object in a path that has read-only properties alone is a text',
      { $ref: '#/components/schemas/Version', description: 'As 1.2' },
      { type: 'string', minLength: 1, description: 'As 1.2' },
    ],
    [
      'an object in a path that may have others is none',
      { type: 'object', properties: { Major: readOnly } },
      { type: 'object', properties: {}, minProperties: 1 },
    ],
  ];
  for (const [name, schema, want] of inPath) {
    it(name, () => {
      const parameters = [{ in: 'path', name: 'id', schema }];
      const version = { type: 'object', properties: { Major: readOnly, Minor: readOnly }, additionalProperties: false };
      const components = { schemas: { Size: { type: ['integer', 'null'] }, Version: version } };
      const operation = normalized(withOperation({ parameters }, { path: '/{id}', components })).only();
      assert.deepEqual(propertiesOf(operation)['id'], want);
    });
  }

  const inQuery: [name: string, parameter: object, want: object][] = [
    ['a required list is never empty', { required: true, schema: { type: 'array' } }, { type: 'array', minItems: 1 }],
    [
      'a required list behind a reference is never empty',
      { required: true, schema: { $ref: '#/components/schemas/List' } },
      { $ref: '#/$defs/List', minItems: 1 },
    ],
    ['an optional list may be empty', { schema: { type: 'array' } }, { type: 'array' }],
    ['a required text may be empty', { required: true, schema: string }, string],
    [
      'a required list that is written as JSON may be empty',
      { required: true, content: { 'application/json': { schema: { type: 'array' } } } },
      { type: 'array' },
    ],
  ];
  for (const [name, parameter, want] of inQuery) {
    it(name, () => {
      const components = { schemas: { List: { type: 'array' } } };
      const parameters = [{ in: 'query', name: 'id', ...parameter }];
      const { arguments: schema } = normalized(withOperation({ parameters }, { components })).only();
      assert.deepEqual((schema as { properties: object }).properties, { id: want });
    });
  }

  for (const said of [{ allowReserved: true }, { 'x-reservedExpansion': true }, { 'x-ms-skip-url-encoding': true }]) {
    it(`may be a path of their own: ${JSON.stringify(said)}`, () => {
      const parameters = [{ in: 'path', name: 'id', schema: string, ...said }];
      const operation = normalized(withOperation({ parameters }, { path: '/{id}' })).only();
      assert.equal(operation.parameters[0]?.allowReserved, true);
    });
  }

  it('have no reserved characters in a header, whatever a document says', () => {
    const parameters = [{ in: 'header', name: 'id', schema: string, allowReserved: true }];
    assert.equal(normalized(withOperation({ parameters })).only().parameters[0]?.allowReserved, undefined);
  });

  const asked: [name: string, parameter: object, want: string | undefined][] = [
    [
      'that it lists',
      { schema: { type: 'string', enum: ['no type', 'application/vnd.acme+json'] } },
      'application/vnd.acme+json',
    ],
    ['that it gives as an example', { schema: string, example: 'text/csv' }, 'text/csv'],
    ['of JSON where it names none', { schema: string }, 'application/json'],
    ['but none where it does not require one', { required: false, schema: string }, undefined],
  ];
  for (const [name, parameter, want] of asked) {
    it(`send the content type ${name}, of a request without a body`, () => {
      const parameters = [{ in: 'header', name: 'content-Type', required: true, ...parameter }];
      const operation = normalized(withOperation({ parameters })).only();
      assert.deepEqual(propertiesOf(operation), {});
      assert.deepEqual(
        operation.parameters.map(({ name, fixed }) => [name, fixed]),
        want === undefined ? [] : [['Content-Type', want]],
      );
    });
  }

  const bodies: [name: string, body: object, example: object, want: string | undefined][] = [
    ['leave the content type of a body to the body', { required: true }, {}, undefined],
    ['name the content type of a body that may be left out', {}, {}, 'text/csv'],
    ['name the content type that they ask for where a body is left out', {}, { example: 'text/plain' }, 'text/plain'],
  ];
  for (const [name, body, example, want] of bodies) {
    it(name, () => {
      const parameters = [{ in: 'header', name: 'Content-Type', required: true, schema: string, ...example }];
      const requestBody = { content: { 'text/csv': { schema: string } }, ...body };
      assert.deepEqual(
        normalized(withOperation({ parameters, requestBody }))
          .only()
          .parameters.map(({ name: header, fixed }) => [header, fixed]),
        want === undefined ? [] : [['Content-Type', want]],
      );
    });
  }

  const accepted: [name: string, parameter: object, types: readonly string[], want: string | undefined][] = [
    [
      'a version of it that the document names',
      { schema: string, example: 'application/json;version=2' },
      ['application/json'],
      'application/json;version=2, application/json;q=0.5, */*;q=0.1',
    ],
    [
      'the one value that the document allows, whatever else it says',
      { schema: { const: 'image/jpeg' } },
      ['application/json'],
      'image/jpeg, application/json;q=0.5, */*;q=0.1',
    ],
    [
      'JSON first of what the document allows, where it says nothing of its answers',
      { schema: { type: 'string', enum: ['application/xml', 'application/json'] } },
      [],
      'application/json, application/xml;q=0.5, */*;q=0.1',
    ],
    [
      'nothing of the document where its answers have what it names',
      { schema: { enum: ['text/csv', 'application/json', 'text/xml'] } },
      ['application/json', 'text/csv'],
      undefined,
    ],
    [
      'the allowed one of its answers, before JSON that is not allowed',
      { schema: { enum: ['text/xml', 'text/csv'] } },
      ['application/json', 'text/csv'],
      'text/csv, application/json;q=0.5, */*;q=0.1',
    ],
    [
      'nothing of an example that no answer fits',
      { schema: string, example: 'application/json' },
      ['image/png'],
      undefined,
    ],
    ['nothing of a value that is no media type', { schema: { enum: ['yes'] } }, [], undefined],
    ['nothing of what is not required', { required: false, schema: { const: 'image/jpeg' } }, [], undefined],
  ];
  for (const [name, parameter, types, want] of accepted) {
    it(`that are called Accept have an answer's type asked for: ${name}`, () => {
      const parameters = [{ in: 'header', name: 'accept', required: true, ...parameter }];
      const content = Object.fromEntries(types.map((type) => [type, {}]));
      const responses = { 200: { description: 'ok', content }, 404: { content: { 'application/problem+json': {} } } };
      const operation = normalized(withOperation({ parameters, responses })).only();
      assert.deepEqual(propertiesOf(operation), {});
      assert.deepEqual(
        operation.parameters.map(({ name: header, fixed }) => [header, fixed]),
        want === undefined ? [] : [['Accept', want]],
      );
    });
  }

  const ignored: [name: string, parameter: object][] = [
    ['Accept', { in: 'header', name: 'Accept', schema: string }],
    ['Content-Type', { in: 'header', name: 'content-type', schema: string }],
    ['Authorization', { in: 'header', name: 'Authorization', schema: string }],
    ['what frames the message', { in: 'header', name: 'Content-Length', required: true, schema: string }],
    ['what belongs to the connection', { in: 'header', name: 'transfer-encoding', required: true, schema: string }],
    ['all cookies at once, which may carry a credential', { in: 'header', name: 'Cookie', schema: string }],
    ['the API key of the operation', { in: 'header', name: 'x-KEY', schema: string }],
    ['the API key of an alternative', { in: 'query', name: 'key', schema: string }],
    ['a path parameter that the path does not have', { in: 'path', name: 'gone', schema: string }],
    ['a header that no request can carry', { in: 'header', name: 'a b', schema: string }],
    ['a parameter without a name', { in: 'query', schema: string }],
    ['a parameter without a place', { name: 'a', schema: string }],
  ];
  for (const [name, parameter] of ignored) {
    it(`never are: ${name}`, () => {
      const securitySchemes = {
        header: { type: 'apiKey', in: 'header', name: 'X-Key' },
        query: { type: 'apiKey', in: 'query', name: 'key' },
      };
      const document = withOperation(
        { parameters: [parameter], security: [{ header: [] }, { query: [] }] },
        { components: { securitySchemes } },
      );
      assert.deepEqual(normalized(document).only().parameters, []);
    });
  }

  it('are told of where nothing of one could be sent', () => {
    const schema = { type: 'object', properties: { Major: readOnly }, additionalProperties: false };
    const parameters = [{ in: 'query', name: 'version', required: true, schema }];
    const { losses } = normalized(withOperation({ parameters })).findings;
    assert.deepEqual(
      losses.map(({ rule, what, why }) => [rule, what, why]),
      [
        [
          'read-only-parameter',
          'the schema of the parameter version',
          'it is an object of which every property is read-only, so that nothing of it could be sent',
        ],
      ],
    );
  });

  it('never vanish without a word: headers that the gateway writes itself, and those that no caller sets', () => {
    const parameters = ['Expect', 'Cookie', 'X-Mine'].map((name) => ({ in: 'header', name, schema: string }));
    const result = normalized(withOperation({ parameters }));
    assert.deepEqual(Object.keys(propertiesOf(result.only())), ['X-Mine']);
    assert.deepEqual(
      result.findings.warnings.map(({ rule, message }) => [rule, message]),
      [
        [
          'connection-header',
          'Expect is a header of the connection, which the gateway writes itself; it is no argument',
        ],
      ],
    );
    assert.deepEqual(
      result.findings.losses.map(({ what, why }) => [what, why]),
      [['the parameter Cookie', 'it may carry a credential, and no caller sets one']],
    );
  });

  it('never are: what an AWS signature is made of, where the operation is signed', () => {
    const hmac = { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' };
    const parameters = ['X-Amz-Date', 'X-Amz-Content-Sha256', 'x-amz-security-token', 'X-Amz-Target'].flatMap(
      (name) => [
        { in: 'header', name, schema: string },
        { in: 'query', name, schema: string },
      ],
    );
    const names = (security: object[]) =>
      normalized(withOperation({ parameters, security }, { components: { securitySchemes: { hmac } } }))
        .only()
        .parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    assert.deepEqual(names([{ hmac: [] }]), ['query X-Amz-Target', 'header X-Amz-Target']);
    assert.equal(names([]).length, 8);
  });

  it('keep an API key as an argument where the operation does not use it', () => {
    const parameters = [{ in: 'query', name: 'key', schema: string }];
    const securitySchemes = { query: { type: 'apiKey', in: 'query', name: 'key' } };
    const operation = normalized(withOperation({ parameters }, { components: { securitySchemes } })).only();
    assert.deepEqual(
      operation.parameters.map(({ argument }) => argument),
      ['key'],
    );
  });

  it('survive the names of a prototype', () => {
    const parameters = ['__proto__', 'constructor'].map((name) => ({
      in: 'query',
      name,
      schema: string,
      required: true,
    }));
    const operation = normalized(withOperation({ parameters })).only();
    assert.deepEqual(Object.keys(propertiesOf(operation)), ['__proto__', 'constructor']);
    assert.deepEqual(Object.keys(operation.example), ['__proto__', 'constructor']);
  });
});
