import assert from 'node:assert/strict';
import { normalized, propertiesOf, withOperation } from './normalized.js';

const base = { openapi: '3.1.0', info: { title: 'Acme', version: '1' } };
const nothing = { responses: {} };

describe('normalize', () => {
  describe('finds operations', () => {
    const cases: [name: string, document: object, want: string[]][] = [
      [
        'of every method',
        { paths: { '/a': { get: nothing, put: nothing, trace: nothing } } },
        ['get-a', 'put-a', 'trace-a'],
      ],
      [
        'of a path item that two paths refer to',
        {
          paths: { '/a': { $ref: '#/x-items/one' }, '/b': { $ref: '#/x-items/one' } },
          'x-items': { one: { get: nothing } },
        },
        ['get-a', 'get-b'],
      ],
      [
        'but not in metadata of a path',
        { paths: { '/a': { summary: 'x', description: 'y', servers: [], parameters: [], 'x-get': nothing } } },
        [],
      ],
      [
        'but not in webhooks and callbacks',
        {
          paths: { '/a': { get: { ...nothing, callbacks: { on: { '{$url}': { post: nothing } } } } } },
          webhooks: { hook: { post: nothing } },
        },
        ['get-a'],
      ],
      [
        'of OpenAPI 3.2',
        { openapi: '3.2.0', paths: { '/a': { query: nothing, additionalOperations: { PURGE: nothing } } } },
        ['query-a', 'purge-a'],
      ],
      [
        'but not by CONNECT, which opens a tunnel',
        { openapi: '3.2.0', paths: { '/a': { get: nothing, additionalOperations: { CONNECT: nothing } } } },
        ['get-a'],
      ],
      [
        'but not where a path leads elsewhere than it says',
        {
          paths: Object.fromEntries(
            ['/a/../b', '/a/.', '/%2E%2e/a', '/..?x', '/a..b/.c/...'].map((path) => [path, { get: nothing }]),
          ),
        },
        ['get-a..b-.c'],
      ],
      [
        'whose paths differ only in names of parameters',
        { paths: { '/a/{id}': { get: nothing }, '/a/{name}': { get: nothing } } },
        ['get-a-id', 'get-a-name'],
      ],
      [
        'whose own names are the same',
        {
          paths: {
            '/a': { get: { ...nothing, operationId: 'same' } },
            '/b': { get: { ...nothing, operationId: 'same' } },
          },
        },
        ['same-get-a', 'same-get-b'],
      ],
      [
        'whose name is in camel case',
        { paths: { '/a': { get: { ...nothing, operationId: 'getHTTPStatus' } } } },
        ['get-http-status'],
      ],
      [
        'whose name has letters of other Latin alphabets',
        { paths: { '/a': { get: { ...nothing, operationId: 'straßeØresundÆbleœuvreŁódźÞing' } } } },
        ['strasseoresundaebleoeuvrelodzthing'],
      ],
      ['whose name has no letter', { paths: { '/a': { get: { ...nothing, operationId: '…' } } } }, ['get-a']],
      [
        'whose names differ in case alone',
        { paths: { '/a': { get: { ...nothing, operationId: 'list' }, put: { ...nothing, operationId: 'LIST' } } } },
        ['list-get-a', 'list-put-a'],
      ],
    ];
    for (const [name, document, want] of cases) {
      it(name, () =>
        assert.deepEqual(
          normalized({ ...base, ...document }).operations.map(({ operation }) => operation),
          want,
        ),
      );
    }

    it('and warns of each whose own name is that of another, with the place of both', () => {
      const same = { ...nothing, operationId: 'same' };
      const paths = {
        '/a': { get: same },
        '/b': { put: { ...same } },
        '/c': { get: { ...nothing, operationId: 'c' } },
      };
      const { findings } = normalized({ ...base, servers: [{ url: 'https://a.test' }], paths });
      assert.deepEqual(findings.warnings, [
        {
          provider: 'acme',
          file: 'acme.yaml',
          pointer: '/paths/~1b/put/operationId',
          rule: 'duplicate-operation-id',
          message: 'the operationId "same" is that of GET /a too, at #/paths/~1a/get',
          remedy: 'give each operation an operationId of its own; until then their ids end in method and path',
        },
      ]);
    });

    it('and says of each that it loses why, and what to do', () => {
      const paths = {
        '/gone': { $ref: '#/x-items/gone' },
        '/none': { get: 7 },
        '/../up': { get: nothing },
        '/tunnel': { additionalOperations: { CONNECT: nothing } },
      };
      const { findings } = normalized({ ...base, paths });
      assert.deepEqual(
        findings.losses.map(({ endpoint, rule, pointer }) => [endpoint, rule, pointer]),
        [
          ['acme//gone', 'invalid-path-item', '/paths/~1gone'],
          ['acme/GET /none', 'invalid-operation', '/paths/~1none/get'],
          ['acme/GET /../up', 'uncallable-operation', '/paths/~1..~1up/get'],
          ['acme/CONNECT /tunnel', 'uncallable-operation', '/paths/~1tunnel/additionalOperations/CONNECT'],
        ],
      );
      assert.ok(findings.losses.every(({ why, remedy }) => why !== '' && remedy !== ''));
    });

    it('and tells apart paths that read the same, whatever their order', () => {
      const paths = { '/a-b': { get: nothing }, '/a/b': { get: nothing } };
      const ids = (document: object) =>
        new Map(normalized(document).operations.map(({ path, operation }) => [path, operation]));
      const forward = ids({ ...base, paths });
      assert.equal(new Set(forward.values()).size, 2);
      assert.ok([...forward.values()].every((id) => /^get-a-b-[0-9a-f]{8}$/.test(id)));
      const backward = ids({ ...base, paths: Object.fromEntries(Object.entries(paths).reverse()) });
      assert.deepEqual(backward.get('/a-b'), forward.get('/a-b'));
    });

    it('and keeps long names within the limit, unique', () => {
      const long = 'x'.repeat(200);
      const paths = { '/a': { get: { operationId: `${long}a` } }, '/b': { get: { operationId: `${long}b` } } };
      const ids = normalized({ ...base, paths }).operations.map(({ operation }) => operation);
      assert.equal(new Set(ids).size, 2);
      assert.ok(ids.every((id) => id.length + 'acme'.length <= 128));
    });
  });

  describe('chooses the server', () => {
    const cases: [name: string, servers: object[], origin: string | undefined, want: string][] = [
      ['as it stands, without its last slash', [{ url: 'https://a.test/v1/' }], undefined, 'https://a.test/v1'],
      [
        'with defaults filled in',
        [{ url: 'https://{r}.a.test', variables: { r: { default: 'eu' } } }],
        undefined,
        'https://eu.a.test',
      ],
      [
        'with a choice left open',
        [{ url: 'https://{r}.a.test', variables: { r: { default: 'eu', enum: ['eu', 'us'] } } }],
        undefined,
        'https://{r}.a.test',
      ],
      [
        'joined with the place of the document',
        [{ url: '/v2' }],
        'https://a.test/docs/openapi.json',
        'https://a.test/v2',
      ],
      [
        'relative to the folder of the document',
        [{ url: './v2' }],
        'https://a.test/docs/openapi.json',
        'https://a.test/docs/v2',
      ],
      ['as a path where no host is known', [{ url: '/v2' }], undefined, '/v2'],
      ['that http reaches', [{ url: 'wss://a.test' }, { url: 'http://b.test' }], undefined, 'http://b.test'],
      ['without a scheme', [{ url: 'a.test/v1' }], undefined, 'https://a.test/v1'],
      ['without a user in it', [{ url: 'https://user:secret@a.test' }], undefined, ''],
      ['with no value for its variable', [{ url: 'https://{r}.a.test' }], undefined, ''],
      ['that is not listed', [], 'https://a.test/openapi.json', 'https://a.test'],
    ];
    for (const [name, servers, origin, want] of cases) {
      it(name, () => assert.equal(normalized(withOperation({}, { servers }), origin).only().server, want));
    }

    it('nearest to the operation', () => {
      const at = (url: string) => [{ url: `https://${url}.test` }];
      const near = (operation: object, pathItem: object) =>
        normalized(withOperation(operation, { pathItem, servers: at('root') })).only().server;
      assert.equal(near({ servers: at('operation') }, { servers: at('path') }), 'https://operation.test');
      assert.equal(near({}, { servers: at('path') }), 'https://path.test');
      assert.equal(near({}, {}), 'https://root.test');
    });

    it('and warns of one without a host, with the remedy', () => {
      const { findings } = normalized(withOperation({}, { servers: [{ url: '/v2' }] }));
      assert.deepEqual(findings.warnings, [
        {
          provider: 'acme',
          file: 'acme.yaml',
          pointer: '/servers',
          rule: 'relative-server',
          message: 'the server "/v2" names no host',
          remedy: 'set server in provider.yaml, or TOLLGATE_UPSTREAM_ACME',
        },
      ]);
    });

    it('and makes an argument of a variable with a choice', () => {
      const servers = [
        { url: 'https://{region}.a.test', variables: { region: { default: 'eu', enum: ['eu', 'us'] } } },
      ];
      const operation = normalized(withOperation({}, { servers })).only();
      assert.deepEqual(operation.arguments, {
        type: 'object',
        properties: { region: { type: 'string', enum: ['eu', 'us'], default: 'eu' } },
        additionalProperties: false,
      });
      assert.deepEqual(operation.parameters, [
        {
          argument: 'region',
          name: 'region',
          in: 'server',
          required: true,
          style: 'simple',
          explode: false,
          default: 'eu',
        },
      ]);
    });
  });

  describe('reads security', () => {
    const securitySchemes = {
      key: { type: 'apiKey', in: 'cookie', name: 'sid' },
      basic: { type: 'http', scheme: 'Basic' },
      bearer: { type: 'http', scheme: 'bearer' },
      oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: { read: '' } } } },
      person: { type: 'oauth2', flows: { implicit: { authorizationUrl: 'https://a.test', scopes: {} } } },
      oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://a.test/.well-known/openid-configuration' },
      tls: { type: 'mutualTLS' },
      hmac: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' },
      aws: { type: 'http', scheme: 'AWS4-HMAC-SHA256' },
      odd: { type: 'telepathy' },
    };
    const components = { securitySchemes };

    it('schemes of every type', () => {
      const document = withOperation({}, { components, servers: [{ url: 'https://a.test/v1' }] });
      assert.deepEqual(normalized(document).securitySchemes, {
        key: { type: 'apiKey', in: 'cookie', name: 'sid' },
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
        oauth: { type: 'oauth2', tokenUrl: 'https://a.test/token', scopes: ['read'] },
        person: { type: 'oauth2' },
        oidc: { type: 'openIdConnect', url: 'https://a.test/.well-known/openid-configuration' },
        tls: { type: 'mutualTLS' },
        hmac: { type: 'awsSigV4' },
        aws: { type: 'awsSigV4' },
      });
    });

    it('with the name of the service that AWS signs, where the document has a usable one', () => {
      const schemesOf = (name: string) => {
        const document = withOperation({}, { components: { securitySchemes: { hmac: securitySchemes.hmac } } });
        return normalized({ ...document, info: { title: 'T', version: '1', 'x-aws-signingName': name } })
          .securitySchemes;
      };
      assert.deepEqual(schemesOf('cases'), { hmac: { type: 'awsSigV4', service: 'cases' } });
      assert.deepEqual(schemesOf('a/b'), { hmac: { type: 'awsSigV4' } });
    });

    const unsendable: [name: string, scheme: object, fault: string][] = [
      [
        'a header that would be two',
        { type: 'apiKey', in: 'header', name: 'X\r\nY' },
        'a header of the name "X\\r\\nY"',
      ],
      ['a cookie that would be two', { type: 'apiKey', in: 'cookie', name: 'a; b' }, 'a cookie of the name "a; b"'],
      ['the header Host', { type: 'apiKey', in: 'header', name: 'Host' }, 'a header of the name "Host"'],
      [
        'the header Content-Length',
        { type: 'apiKey', in: 'header', name: 'content-length' },
        'of the name "content-length"',
      ],
      ['a scheme that would add a header', { type: 'http', scheme: 'x\r\ny: z' }, 'the unusable scheme "x\\r\\ny: z"'],
    ];
    for (const [name, scheme, fault] of unsendable) {
      it(`and leaves out what cannot be sent: ${name}`, () => {
        const result = normalized(withOperation({}, { components: { securitySchemes: { s: scheme } } }));
        assert.deepEqual(result.securitySchemes, {});
        assert.ok(result.findings.warnings.some(({ message }) => message.includes(fault)));
      });
    }

    const cases: [name: string, operation: object, want: object[]][] = [
      ['inherited from the document', {}, [{ key: [] }]],
      [
        'alternatives in order',
        { security: [{ oauth: ['read'] }, { basic: [] }] },
        [{ oauth: ['read'] }, { basic: [] }],
      ],
      ['combinations', { security: [{ key: [], basic: [] }] }, [{ key: [], basic: [] }]],
      ['none on one operation', { security: [] }, []],
      ['optional', { security: [{ basic: [] }, {}] }, [{ basic: [] }, {}]],
      [
        'with those that are not described, which nobody can satisfy',
        { security: [{ gone: [] }, { odd: [] }, { basic: [] }] },
        [{ gone: [] }, { odd: [] }, { basic: [] }],
      ],
    ];
    for (const [name, operation, want] of cases) {
      it(name, () =>
        assert.deepEqual(
          normalized(withOperation(operation, { components, security: [{ key: [] }] })).only().security,
          want,
        ),
      );
    }
  });

  describe('describes responses', () => {
    const json = (schema: object) => ({ content: { 'application/json': { schema } } });
    const cases: [name: string, responses: object, want: object[]][] = [
      [
        'with the schema of a success and without that of a failure',
        { 200: { description: 'ok', ...json({ type: 'string' }) }, 404: { description: 'gone', ...json({}) } },
        [
          { status: '200', description: 'ok', contentType: 'application/json', schema: { type: 'string' } },
          { status: '404', description: 'gone' },
        ],
      ],
      ['without content', { 200: { description: 'ok' } }, [{ status: '200', description: 'ok' }]],
      [
        'that are the default alone',
        { default: { description: 'all', ...json({ type: 'string' }) } },
        [{ status: 'default', description: 'all', contentType: 'application/json', schema: { type: 'string' } }],
      ],
      [
        'that are the default beside a success',
        { 204: {}, default: { description: 'bad', ...json({}) } },
        [{ status: '204' }, { status: 'default', description: 'bad' }],
      ],
      ['of a range', { '2xx': json({}) }, [{ status: '2XX', contentType: 'application/json', schema: {} }]],
      [
        'as JSON where there is a choice',
        { 200: { content: { 'text/html': {}, 'application/json': { schema: true } } } },
        [{ status: '200', contentType: 'application/json', schema: true }],
      ],
      [
        'of items in a stream',
        { 200: { content: { 'text/event-stream': { itemSchema: { type: 'object' } } } } },
        [{ status: '200', contentType: 'text/event-stream', schema: { type: 'array', items: { type: 'object' } } }],
      ],
      [
        'of a stream beside JSON',
        {
          200: {
            content: {
              'text/event-stream': { schema: { type: 'string' } },
              'application/json': { schema: true },
              'application/x-ndjson': { schema: true },
            },
          },
        },
        [
          {
            status: '200',
            contentType: 'application/json',
            schema: true,
            stream: { contentType: 'text/event-stream', schema: { type: 'string' } },
          },
        ],
      ],
      ['through references', { 200: { $ref: '#/components/responses/Ok' } }, [{ status: '200', description: 'ok' }]],
      ['without extensions', { 'x-note': 'n', 200: { description: 'ok' } }, [{ status: '200', description: 'ok' }]],
    ];
    it('but not those of no status, and says so', () => {
      const read = normalized(withOperation({ responses: { 200: {}, ok: {}, 99: {}, 'x-note': 'n' } }));
      assert.deepEqual(read.only().responses, [{ status: '200' }]);
      assert.deepEqual(
        read.findings.losses.map(({ rule, what }) => [rule, what]),
        [
          ['invalid-status', 'the response "99"'],
          ['invalid-status', 'the response "ok"'],
        ],
      );
    });

    for (const [name, responses, want] of cases) {
      it(name, () => {
        const components = { responses: { Ok: { description: 'ok' } } };
        assert.deepEqual(normalized(withOperation({ responses }, { components })).only().responses, want);
      });
    }
  });

  it('survives a broken reference wherever one can stand', () => {
    const gone = { $ref: '#/components/gone' };
    const operation = { parameters: [gone], requestBody: gone, responses: { 200: gone } };
    const document = withOperation(operation, { components: { securitySchemes: { a: gone } } }) as { paths: object };
    const { operations, findings } = normalized({ ...document, paths: { ...document.paths, '/other': gone } });
    assert.deepEqual(
      operations.map(({ operation: id }) => id),
      ['post-things'],
    );
    assert.deepEqual(
      findings.losses.map(({ what }) => what),
      ['the path /other', 'a parameter', 'the request body', 'the response 200'],
    );
  });

  it('ends on references that go round in a circle', () => {
    const a = { $ref: '#/components/responses/B' };
    const b = { $ref: '#/components/responses/A' };
    const document = withOperation({ responses: { 200: a } }, { components: { responses: { A: a, B: b } } });
    assert.deepEqual(normalized(document).only().responses, [{ status: '200' }]);
  });

  it('ends on a reference to a place below itself', () => {
    const paths = { '/a': { $ref: '#/paths/~1a/get' }, '/b': { get: { responses: {} } } };
    const { operations, findings } = normalized({ ...base, paths });
    assert.deepEqual(
      operations.map(({ operation }) => operation),
      ['get-b'],
    );
    assert.deepEqual(
      findings.losses.map(({ rule, what }) => [rule, what]),
      [['invalid-path-item', 'the path /a']],
    );
  });

  it('ends on 10,000 references that each lead through the next one', () => {
    const paths = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`/${index}`, { $ref: `#/paths/~1${index + 1}/x-item` }]),
    );
    assert.deepEqual(normalized({ ...base, paths }).operations, []);
  });

  it('ends on a chain of 10,000 schemas', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `S${index}`,
        { allOf: [{ $ref: `#/components/schemas/S${index + 1}` }] },
      ]),
    );
    const requestBody = {
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } },
    };
    const result = normalized(withOperation({ requestBody }, { components: { schemas } }));
    assert.equal(Object.keys(result.definitions).length, 10_000);
  });

  it('reads 20,000 operations, each with an id of its own', () => {
    const paths = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`/a/${index}`, { get: { operationId: 'same' } }]),
    );
    const { operations } = normalized({ ...base, paths });
    assert.equal(new Set(operations.map(({ operation }) => operation)).size, 20_000);
  });

  it('leaves the document as it was, and gives the same result each time', () => {
    const document = withOperation(
      {
        parameters: [{ in: 'query', name: 'q', schema: { type: 'string', nullable: true, example: 'x' } }],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } },
      },
      { components: { schemas: { A: { type: 'object', properties: { id: { readOnly: true } } } } } },
      '3.0.0',
    );
    const before = JSON.stringify(document);
    const first = JSON.stringify(normalized(document));
    assert.equal(JSON.stringify(document), before);
    assert.equal(JSON.stringify(normalized(document)), first);
  });

  it('removes what could mislead a reader from texts, and caps them', () => {
    const operation = {
      summary: 'Pay\u202E now\u200B\u0007',
      description: `a\r\nb\u2028c\u0000 \uD800 ${'x'.repeat(5_000)}`,
      tags: ['a\u202E', 'a', 7],
    };
    const { title, summary, description, tags } = normalized(withOperation(operation)).only();
    assert.deepEqual([title, summary], ['Pay now', 'Pay now']);
    assert.equal(description.slice(0, 9), 'a\nb\nc  xx');
    assert.equal(description.length, 4_000);
    assert.deepEqual(tags, ['a', '7']);
  });

  const titles: [name: string, operation: object, want: [title: string, summary: string]][] = [
    ['its summary', { summary: 'List pets', description: 'Long.' }, ['List pets', 'List pets']],
    [
      'its name, in words',
      { operationId: 'listPetsByID', description: 'Lists pets. In pages.' },
      ['List pets by ID', 'Lists pets.'],
    ],
    ['its method and path', {}, ['POST /things', 'POST /things']],
  ];
  for (const [name, operation, want] of titles) {
    it(`calls an operation by ${name}`, () => {
      const { title, summary } = normalized(withOperation(operation)).only();
      assert.deepEqual([title, summary], want);
    });
  }

  it('hands on x-tollgate, unread', () => {
    const result = normalized(withOperation({ 'x-tollgate': { a: 1 } }, { 'x-tollgate': { b: 2 } }));
    assert.deepEqual([result.extension, result.only().extension], [{ b: 2 }, { a: 1 }]);
  });

  it('gives an example of what is required, and of what the document has an example for', () => {
    const parameters = [
      { in: 'query', name: 'q', required: true, schema: { type: 'string', minLength: 9 } },
      { in: 'query', name: 'limit', example: 5, schema: { type: 'integer' } },
      { in: 'query', name: 'wrong', example: 'five', schema: { type: 'integer' } },
      { in: 'query', name: 'other', schema: { type: 'integer', example: 1 } },
    ];
    const operation = normalized(withOperation({ parameters })).only();
    assert.deepEqual(operation.example, { q: 'examplexx', limit: 5 });
    assert.deepEqual(Object.keys(propertiesOf(operation)), ['q', 'limit', 'wrong', 'other']);
  });

  const fields = { type: 'object', required: ['to'], properties: { to: { type: 'string' } } };
  const bodies: [what: string, schema: object, more: object, example: object][] = [
    ['of a body with required fields that nothing calls optional', fields, {}, { body: { to: 'example' } }],
    ['of no body that is said to be optional', fields, { required: false }, {}],
    ['of no body that may be empty', { ...fields, required: [] }, {}, {}],
    ['of no body that is a text', { type: 'string', minLength: 1 }, {}, {}],
  ];
  for (const [what, schema, more, example] of bodies) {
    it(`gives an example ${what}, in 3.1 and in Swagger 2.0`, () => {
      const requestBody = { content: { 'application/json': { schema } }, ...more };
      assert.deepEqual(normalized(withOperation({ requestBody })).only().example, example);
      const post = { parameters: [{ name: 'b', in: 'body', schema, ...more }], responses: {} };
      const swagger = {
        swagger: '2.0',
        info: { title: 'Acme', version: '1' },
        host: 'a.test',
        paths: { '/b': { post } },
      };
      assert.deepEqual(normalized(swagger).only().example, example);
    });
  }
});
