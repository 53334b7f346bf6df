import assert from 'node:assert/strict';
import { normalized, propertiesOf } from './normalized.js';

function swagger(operation: object, more: object = {}): object {
  return {
    swagger: '2.0',
    info: { title: 'Acme', version: '1' },
    host: 'api.acme.test',
    basePath: '/v1/',
    schemes: ['http', 'https'],
    paths: { '/things': { post: { responses: {}, ...operation } } },
    ...more,
  };
}

describe('a document of Swagger 2.0', () => {
  const servers: [name: string, more: object, want: string][] = [
    ['prefers https', {}, 'https://api.acme.test/v1'],
    ['uses http where there is nothing else', { schemes: ['http'] }, 'http://api.acme.test/v1'],
    ['assumes https', { schemes: undefined }, 'https://api.acme.test/v1'],
    ['keeps its base path without a host', { host: undefined }, '/v1'],
  ];
  for (const [name, more, want] of servers) {
    it(name, () => assert.equal(normalized(swagger({}, more)).only().server, want));
  }

  const formats: [collectionFormat: string | undefined, style: string, explode: boolean][] = [
    [undefined, 'form', false],
    ['csv', 'form', false],
    ['ssv', 'spaceDelimited', false],
    ['tsv', 'tabDelimited', false],
    ['pipes', 'pipeDelimited', false],
    ['multi', 'form', true],
  ];
  for (const [collectionFormat, style, explode] of formats) {
    it(`sends collectionFormat ${collectionFormat} as ${style}, in a query and in a form`, () => {
      const list = {
        type: 'array',
        items: { type: 'string' },
        ...(collectionFormat === undefined ? {} : { collectionFormat }),
      };
      const parameters = [
        { in: 'query', name: 'q', ...list },
        { in: 'formData', name: 'f', ...list },
      ];
      const operation = normalized(swagger({ parameters })).only();
      assert.deepEqual(operation.parameters, [
        { argument: 'q', name: 'q', in: 'query', required: false, style, explode },
      ]);
      assert.deepEqual(operation.body, {
        argument: 'body',
        required: false,
        contentType: 'application/x-www-form-urlencoded',
        encoding: 'form',
        fields: { f: { style, explode } },
      });
    });
  }

  const elsewhere: [collectionFormat: string | undefined, style: string][] = [
    [undefined, 'simple'],
    ['csv', 'simple'],
    ['ssv', 'spaceDelimited'],
    ['tsv', 'tabDelimited'],
    ['pipes', 'pipeDelimited'],
    // Which is for queries and forms alone.
    ['multi', 'simple'],
  ];
  for (const [collectionFormat, style] of elsewhere) {
    it(`sends collectionFormat ${collectionFormat} as ${style}, in a path and in a header`, () => {
      const list = {
        type: 'array',
        items: { type: 'string' },
        ...(collectionFormat === undefined ? {} : { collectionFormat }),
      };
      const parameters = [
        { in: 'path', name: 'ids', required: true, ...list },
        { in: 'header', name: 'X-Ids', ...list },
      ];
      const paths = { '/things/{ids}': { get: { parameters, responses: {} } } };
      const result = normalized(swagger({}, { paths }));
      assert.deepEqual(
        result.only().parameters.map((parameter) => [parameter.name, parameter.style, parameter.explode]),
        [
          ['ids', style, false],
          ['X-Ids', style, false],
        ],
      );
      assert.deepEqual(result.findings.warnings, []);
    });
  }

  it('reports the collectionFormat of lists within lists, which are sent as JSON', () => {
    const lists = { type: 'array', items: { type: 'array', items: { type: 'integer' }, collectionFormat: 'pipes' } };
    const parameters = [
      { in: 'query', name: 'q', ...lists },
      { in: 'formData', name: 'f', ...lists },
    ];
    const { findings } = normalized(swagger({ parameters }));
    assert.deepEqual(
      findings.losses.map(({ rule, what, why }) => [rule, what, why]),
      ['the parameter q', 'the field f'].map((of) => [
        'nested-format',
        `the collectionFormat pipes of the lists within ${of}`,
        'a list within a list is written as JSON',
      ]),
    );
  });

  it('sends a file as multipart, whatever it says that it consumes', () => {
    const parameters = [
      { in: 'formData', name: 'file', type: 'file', required: true },
      { in: 'formData', name: 'note', type: 'string', description: 'Why.' },
    ];
    const { body } = normalized(swagger({ parameters, consumes: ['application/x-www-form-urlencoded'] })).only();
    assert.deepEqual(body, {
      argument: 'body',
      required: true,
      contentType: 'multipart/form-data',
      encoding: 'multipart',
      fields: { file: { binary: true }, note: {} },
    });
  });

  it('has a body under the type that it consumes, with circles in its schema', () => {
    const parameters = [{ in: 'body', name: 'tree', required: true, schema: { $ref: '#/definitions/Tree' } }];
    const definitions = { Tree: { type: 'object', properties: { next: { $ref: '#/definitions/Tree' } } } };
    const result = normalized(swagger({ parameters, consumes: ['application/vnd.acme+json'] }, { definitions }));
    assert.equal(result.only().body?.contentType, 'application/vnd.acme+json');
    assert.deepEqual(propertiesOf(result.only()), { body: { $ref: '#/$defs/Tree' } });
    assert.deepEqual(result.definitions, { Tree: { type: 'object', properties: { next: { $ref: '#/$defs/Tree' } } } });
  });

  it('is application/json where it consumes nothing', () => {
    const parameters = [{ in: 'body', name: 'b', schema: { type: 'string' } }];
    assert.equal(normalized(swagger({ parameters })).only().body?.contentType, 'application/json');
  });

  it('resolves shared parameters and responses', () => {
    const operation = { parameters: [{ $ref: '#/parameters/Limit' }], responses: { 200: { $ref: '#/responses/Ok' } } };
    const more = {
      produces: ['text/csv'],
      parameters: { Limit: { in: 'query', name: 'limit', type: 'integer', maximum: 9, exclusiveMaximum: true } },
      responses: { Ok: { description: 'ok', schema: { type: 'string' } } },
    };
    const result = normalized(swagger(operation, more)).only();
    assert.deepEqual(propertiesOf(result), { limit: { type: 'integer', exclusiveMaximum: 9 } });
    assert.deepEqual(result.responses, [
      { status: '200', description: 'ok', contentType: 'text/csv', schema: { type: 'string' } },
    ]);
  });

  it('gives an operation its own parameter where its path has one of the same name', () => {
    const post = { parameters: [{ in: 'header', name: 'x-page', type: 'integer' }], responses: {} };
    const shared = [{ in: 'header', name: 'X-Page', type: 'string' }];
    const result = normalized(swagger({}, { paths: { '/things': { parameters: shared, post } } }));
    assert.deepEqual(propertiesOf(result.only()), { 'x-page': { type: 'integer' } });
    assert.deepEqual(result.findings.warnings, []);
  });

  it('keeps the first of two parameters of one name, and tells where the other stands', () => {
    const parameters = [
      { in: 'body', name: 'b', schema: { type: 'string' } },
      { in: 'query', name: 'q', type: 'string' },
      { in: 'query', name: 'q', type: 'integer' },
    ];
    const result = normalized(swagger({ parameters }));
    assert.deepEqual(propertiesOf(result.only()), { q: { type: 'string' }, body: { type: 'string' } });
    assert.deepEqual(
      result.findings.warnings.map(({ rule, pointer, message }) => [rule, pointer, message]),
      [['duplicate-parameter', '/paths/~1things/post/parameters/2', 'the query parameter "q" is listed twice']],
    );
  });

  const spare: [name: string, parameters: object[], body: object, lost: string, pointer: string][] = [
    [
      'a form field beside a body',
      [
        { in: 'body', name: 'b', schema: { type: 'string' } },
        { in: 'formData', name: 'f', type: 'string', required: true },
      ],
      { type: 'string' },
      'the parameter f',
      '1',
    ],
    [
      'a second body',
      [
        { in: 'body', name: 'b', schema: { type: 'string' } },
        { in: 'body', name: 'c', schema: { type: 'integer' } },
      ],
      { type: 'string' },
      'the parameter c',
      '1',
    ],
    [
      'a second form field of one name',
      [
        { in: 'formData', name: 'f', type: 'string' },
        { in: 'formData', name: 'f', type: 'integer' },
      ],
      { type: 'object', properties: { f: { type: 'string' } } },
      'the parameter f',
      '1',
    ],
    [
      'a form field without a name',
      [
        { in: 'formData', type: 'string' },
        { in: 'formData', name: 'f', type: 'string' },
      ],
      { type: 'object', properties: { f: { type: 'string' } } },
      'a parameter',
      '0',
    ],
  ];
  for (const [name, parameters, body, lost, index] of spare) {
    it(`reports ${name}, which is not sent`, () => {
      const result = normalized(swagger({ parameters }));
      assert.deepEqual(propertiesOf(result.only()), { body });
      assert.deepEqual(
        result.findings.losses.map(({ rule, what, pointer }) => [rule, what, pointer]),
        [['unusable-parameter', lost, `/paths/~1things/post/parameters/${index}`]],
      );
    });
  }

  it('adds the operations that stand beside a reference to those that it leads to', () => {
    const item = { get: { operationId: 'read', responses: {} } };
    const paths = { '/things': { $ref: '#/x-items/a', post: { operationId: 'write', responses: {} } } };
    const { operations } = normalized(swagger({}, { paths, 'x-items': { a: item } }));
    assert.deepEqual(
      operations.map(({ operation }) => operation),
      ['read', 'write'],
    );
  });

  it('loses nothing without a word', () => {
    const { findings } = normalized({
      swagger: '2.0',
      info: { title: 'Acme', version: '1' },
      host: 'a.test',
      paths: {
        '/gone': { $ref: '#/x-gone' },
        '/none': { get: 7 },
        '/a': {
          get: { parameters: [{ $ref: '#/parameters/gone' }], responses: { 200: { $ref: '#/responses/gone' } } },
        },
      },
    });
    assert.deepEqual(
      findings.losses.map(({ endpoint, rule, what }) => [endpoint, rule, what]),
      [
        ['acme//gone', 'invalid-path-item', 'the path /gone'],
        ['acme/GET /none', 'invalid-operation', 'the operation GET /none'],
        ['acme/get-a', 'dangling-ref', 'a parameter'],
        ['acme/get-a', 'dangling-ref', 'the response 200'],
      ],
    );
  });

  it('reads its security definitions', () => {
    const securityDefinitions = {
      basic: { type: 'basic' },
      key: { type: 'apiKey', in: 'query', name: 'k' },
      machine: { type: 'oauth2', flow: 'application', tokenUrl: 'https://a.test/token', scopes: { read: '' } },
      person: { type: 'oauth2', flow: 'implicit', authorizationUrl: 'https://a.test', scopes: {} },
    };
    const result = normalized(swagger({}, { securityDefinitions, security: [{ machine: ['read'] }] }));
    assert.deepEqual(result.securitySchemes, {
      basic: { type: 'http', scheme: 'basic' },
      key: { type: 'apiKey', in: 'query', name: 'k' },
      machine: { type: 'oauth2', tokenUrl: 'https://a.test/token', scopes: ['read'] },
      person: { type: 'oauth2' },
    });
    assert.deepEqual(result.only().security, [{ machine: ['read'] }]);
  });
});
