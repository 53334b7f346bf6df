import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { EndpointDescriptor, ParameterBinding } from '../../generated/contract.js';
import { GatewayError, type ErrorCode } from '../../runtime/gateway-error.js';
import { buildRequest } from '../../runtime/upstream/build-request.js';
import { endpointWith, parameter } from './endpoint-with.js';

type Args = Readonly<Record<string, unknown>>;

function refuses(endpoint: EndpointDescriptor, args: Args, code: ErrorCode, base?: string): void {
  assert.throws(
    () => buildRequest(endpoint, args, base),
    (error) => error instanceof GatewayError && error.code === code,
  );
}

describe('the path of a request', () => {
  const item = endpointWith({
    path: '/users/{id}/files/{name}',
    parameters: [parameter('path', 'id'), parameter('path', 'name')],
  });

  const kept: readonly (readonly [string, string, string])[] = [
    ['a slash', 'a/b', '/v1/users/a%2Fb/files/x'],
    ['a backslash', 'a\\b', '/v1/users/a%5Cb/files/x'],
    ['a query and a fragment', 'a?b#c', '/v1/users/a%3Fb%23c/files/x'],
    ['encoded dots', '%2e%2e', '/v1/users/%252e%252e/files/x'],
    ['an encoded slash', '..%2f..', '/v1/users/..%252f../files/x'],
    ['a climb', '../../admin', '/v1/users/..%2F..%2Fadmin/files/x'],
    ['a host', '//evil.example', '/v1/users/%2F%2Fevil.example/files/x'],
    ['a host after a backslash', '/\\evil.example', '/v1/users/%2F%5Cevil.example/files/x'],
    ['a user', '@evil.example', '/v1/users/%40evil.example/files/x'],
    ['matrix parameters', 'a;admin=1', '/v1/users/a%3Badmin%3D1/files/x'],
    ['control characters', 'a\r\n\0', '/v1/users/a%0D%0A%00/files/x'],
    ['three dots', '...', '/v1/users/.../files/x'],
    ['text beyond ASCII', 'Zürich', '/v1/users/Z%C3%BCrich/files/x'],
  ];
  for (const [name, given, want] of kept) {
    it(`encodes ${name} in an argument`, () => {
      const { url } = buildRequest(item, { id: given, name: 'x' }, undefined);
      assert.equal(url.href, `https://api.example.com${want}`);
    });
  }

  const refused: readonly (readonly [string, unknown])[] = [
    ['.', '.'],
    ['..', '..'],
    ['an empty text', ''],
    ['null', null],
    ['an empty list', []],
    ['a lone surrogate', '\ud800'],
  ];
  for (const [name, given] of refused) {
    it(`refuses ${name} as an argument`, () => refuses(item, { id: given, name: 'x' }, 'INVALID_ARGUMENTS'));
  }

  it('refuses a missing argument', () => refuses(item, { id: '1' }, 'INVALID_ARGUMENTS'));

  it('refuses dots that only make a dot segment together with the document', () => {
    const label = endpointWith({ path: '/c/{v}', parameters: [parameter('path', 'v', { style: 'label' })] });
    refuses(label, { v: '.' }, 'INVALID_ARGUMENTS');
    const suffix = endpointWith({ path: '/c/{v}.', parameters: [parameter('path', 'v')] });
    refuses(suffix, { v: '.' }, 'INVALID_ARGUMENTS');
    const two = endpointWith({ path: '/c/{v}{w}', parameters: [parameter('path', 'v'), parameter('path', 'w')] });
    refuses(two, { v: '.', w: '.' }, 'INVALID_ARGUMENTS');
  });

  describe('with a parameter that may have slashes', () => {
    const key = parameter('path', 'key', { allowReserved: true });
    const tree = endpointWith({ path: '/files/{owner}/{key}/raw', parameters: [parameter('path', 'owner'), key] });
    const kept: readonly (readonly [string, string, string])[] = [
      ['segments', 'a/b/c', 'a/b/c'],
      ['reserved characters', "a:b@c!$&'()*+,;=", "a:b@c!$&'()*+,;="],
      ['what would end the path', 'a?b#c[d]', 'a%3Fb%23c%5Bd%5D'],
      ['what is encoded already', '%2e%2e/%2f', '%252e%252e/%252f'],
      ['a backslash', '..\\..', '..%5C..'],
      ['text beyond ASCII', 'Zürich/see', 'Z%C3%BCrich/see'],
      ['dots that are no dot segment', '.../a..b', '.../a..b'],
    ];
    for (const [name, given, want] of kept) {
      it(`sends ${name}`, () => {
        const { url } = buildRequest(tree, { owner: 'o', key: given }, undefined);
        assert.equal(url.href, `https://api.example.com/v1/files/o/${want}/raw`);
      });
    }

    for (const given of ['..', '../x', 'a/../b', 'a/..', './a', 'a/./b', '/a', 'a/', 'a//b', '/', '']) {
      it(`refuses ${JSON.stringify(given)}`, () => refuses(tree, { owner: 'o', key: given }, 'INVALID_ARGUMENTS'));
    }

    it('ends no field of a query that the template has', () => {
      const search = endpointWith({ path: '/find?in={key}&by=name', parameters: [key] });
      const { url } = buildRequest(search, { key: 'a/b&by=x#y' }, undefined);
      assert.equal(url.href, 'https://api.example.com/v1/find?in=a/b%26by=x%23y&by=name');
    });

    it('and still encodes a slash in every other', () => {
      const { url } = buildRequest(tree, { owner: '../o', key: 'a/b' }, undefined);
      assert.equal(url.pathname, '/v1/files/..%2Fo/a/b/raw');
    });

    it('keeps the template whatever the arguments are', () => {
      const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[./\\%2eEfF?#@:;a]{0,8}$/));
      fc.assert(
        fc.property(text, text, (owner, given) => {
          let url: URL;
          try {
            ({ url } = buildRequest(tree, { owner, key: given }, undefined));
          } catch (error) {
            assert.ok(error instanceof GatewayError && error.code === 'INVALID_ARGUMENTS');
            return;
          }
          assert.equal(url.origin, 'https://api.example.com');
          const segments = url.pathname.split('/');
          assert.deepEqual(segments.slice(0, 3), ['', 'v1', 'files']);
          assert.equal(decodeURIComponent(segments[3]!), owner);
          assert.equal(decodeURIComponent(segments.slice(4, -1).join('/')), given);
          assert.equal(segments.at(-1), 'raw');
        }),
        { numRuns: 2_000 },
      );
    });
  });

  it('does not take an argument from the prototype of the arguments', () => {
    const endpoint = endpointWith({ path: '/c/{constructor}', parameters: [parameter('path', 'constructor')] });
    refuses(endpoint, {}, 'INVALID_ARGUMENTS');
  });

  it('keeps the template whatever the arguments are', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[./\\%2eEfF?#@:;]{0,6}$/));
    fc.assert(
      fc.property(text, text, (id, name) => {
        let url: URL;
        try {
          url = buildRequest(item, { id, name }, undefined).url;
        } catch (error) {
          assert.ok(error instanceof GatewayError && error.code === 'INVALID_ARGUMENTS');
          return;
        }
        assert.equal(url.origin, 'https://api.example.com');
        assert.match(url.href, /^https:\/\/api\.example\.com\/v1\/users\/[^/?#\\]+\/files\/[^/?#\\]+$/);
        const [, , , first = '', , second = ''] = url.pathname.split('/');
        assert.deepEqual([decodeURIComponent(first), decodeURIComponent(second)], [id, name]);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps the document's own characters, and a query that it writes into the path", () => {
    const endpoint = endpointWith({
      path: '/a:b/(c)/é?action=list&of={of}#only-a-name',
      parameters: [parameter('path', 'of'), parameter('query', 'limit')],
    });
    const { url } = buildRequest(endpoint, { of: 'x&y', limit: 2 }, undefined);
    assert.equal(url.href, 'https://api.example.com/v1/a:b/(c)/%C3%A9?action=list&of=x%26y&limit=2');
  });

  it('sets one name in path, query and body separately', () => {
    const endpoint = endpointWith({
      method: 'POST',
      path: '/c/{id}',
      parameters: [parameter('path', 'id', { argument: 'id' }), parameter('query', 'id', { argument: 'id_query' })],
      body: { argument: 'body', required: true, contentType: 'application/json', encoding: 'json' },
    });
    const request = buildRequest(endpoint, { id: 'p', id_query: 'q', body: { id: 'b' } }, undefined);
    assert.equal(request.url.href, 'https://api.example.com/v1/c/p?id=q');
    assert.equal(Buffer.from(request.body ?? []).toString(), '{"id":"b"}');
  });
});

describe('the server of a request', () => {
  const servers: readonly (readonly [string, string, string | undefined, string])[] = [
    [
      'joins the base path and the path',
      'https://api.example.com/base/v2',
      undefined,
      'https://api.example.com/base/v2/things',
    ],
    [
      'joins once where the base ends with a slash',
      'https://api.example.com/base/',
      undefined,
      'https://api.example.com/base/things',
    ],
    ['needs no base path', 'https://api.example.com', undefined, 'https://api.example.com/things'],
    [
      "takes the operator's base whole",
      'https://{h}.example.com/v1',
      'http://127.0.0.1:9000/mock',
      'http://127.0.0.1:9000/mock/things',
    ],
    ["takes the operator's base for a relative server", '/v1', 'http://127.0.0.1:9000', 'http://127.0.0.1:9000/things'],
  ];
  for (const [name, server, base, want] of servers) {
    it(name, () => assert.equal(buildRequest(endpointWith({ server }), {}, base).url.href, want));
  }

  for (const server of [
    '',
    '/v1',
    'ftp://example.com',
    'https://user:pass@example.com',
    'https://{h}.example.com',
    'https://',
  ]) {
    it(`is unavailable: ${JSON.stringify(server)}`, () =>
      refuses(endpointWith({ server }), {}, 'ENDPOINT_UNAVAILABLE'));
  }

  const regional = endpointWith({
    server: 'https://{region}.example.com/{version}',
    parameters: [
      parameter('server', 'region', { default: 'eu', required: true }),
      parameter('server', 'version', { default: 'v1', argument: undefined, fixed: 'v1' }),
    ],
    arguments: { type: 'object', properties: { region: { enum: ['eu', 'us'] } } },
  });

  it('takes the default of a server variable, and any value of its enum', () => {
    assert.equal(buildRequest(regional, {}, undefined).url.href, 'https://eu.example.com/v1/things');
    assert.equal(buildRequest(regional, { region: null }, undefined).url.href, 'https://eu.example.com/v1/things');
    assert.equal(buildRequest(regional, { region: 'us' }, undefined).url.href, 'https://us.example.com/v1/things');
  });

  for (const region of ['evil.example/', 'evil.example#', 'x@evil.example', '//evil', 'EU', '']) {
    it(`refuses the server variable ${JSON.stringify(region)}`, () =>
      refuses(regional, { region }, 'INVALID_ARGUMENTS'));
  }

  it('takes nothing but the default for a server variable without an enum', () => {
    const open = endpointWith({
      server: 'https://{tenant}.example.com',
      parameters: [parameter('server', 'tenant', { default: 'demo' })],
      arguments: { type: 'object', properties: { tenant: { type: 'string' } } },
    });
    assert.equal(buildRequest(open, { tenant: 'demo' }, undefined).origin, 'https://demo.example.com');
    refuses(open, { tenant: 'evil.example/' }, 'INVALID_ARGUMENTS');
  });
});

describe('the headers of a request', () => {
  for (const [name, value] of [
    ['CR', 'a\rb'],
    ['LF', 'a\nb'],
    ['CR LF', 'a\r\nx-admin: 1'],
    ['NUL', 'a\0b'],
    ['escape', '\u001b[31m'],
    ['DEL', 'a\u007f'],
    ['NEL', 'a\u0085b'],
  ] as const) {
    it(`refuse ${name}`, () => {
      const endpoint = endpointWith({ parameters: [parameter('header', 'X-Note')] });
      refuses(endpoint, { 'X-Note': value }, 'INVALID_ARGUMENTS');
      refuses(endpoint, { 'X-Note': ['ok', value] }, 'INVALID_ARGUMENTS');
      refuses(endpoint, { 'X-Note': { [value]: 1 } }, 'INVALID_ARGUMENTS');
    });
  }

  it('are the declared ones and our own, and nothing else', () => {
    const endpoint = endpointWith({ parameters: [parameter('header', 'X-Note')] });
    const request = buildRequest(endpoint, { 'X-Note': 'hi', 'X-Admin': '1', authorization: 'x' }, undefined);
    assert.deepEqual(request.headers, [
      ['accept', '*/*'],
      ['user-agent', 'tollgate/0.1.0'],
      ['x-note', 'hi'],
    ]);
  });

  it('ignore parameters that the specification says to ignore, and those that frame the message', () => {
    const names = [
      'Accept',
      'Content-Type',
      'Authorization',
      'Host',
      'Content-Length',
      'Transfer-Encoding',
      'Connection',
      'Cookie',
    ];
    const endpoint = endpointWith({ parameters: names.map((name) => parameter('header', name)) });
    const args = Object.fromEntries(names.map((name) => [name, 'x']));
    assert.deepEqual(buildRequest(endpoint, args, undefined).headers, [
      ['accept', '*/*'],
      ['user-agent', 'tollgate/0.1.0'],
    ]);
  });

  it('have the content type that the descriptor fixes where there is no body, and else that of the body', () => {
    const fixed = parameter('header', 'Content-Type', { fixed: 'application/json' });
    const typeOf = (endpoint: EndpointDescriptor, args: object) =>
      buildRequest(endpoint, { ...args }, undefined).headers.filter(([name]) => name === 'content-type');
    assert.deepEqual(typeOf(endpointWith({ parameters: [fixed] }), {}), [['content-type', 'application/json']]);
    const body = { argument: 'body', required: false, contentType: 'text/csv', encoding: 'text' } as const;
    const endpoint = endpointWith({ parameters: [fixed], body });
    assert.deepEqual(typeOf(endpoint, { body: 'a' }), [['content-type', 'text/csv']]);
    assert.deepEqual(typeOf(endpoint, {}), [['content-type', 'application/json']]);
  });

  it('have the encoding that the document lets callers choose, and say that it does', () => {
    const endpoint = endpointWith({ parameters: [parameter('header', 'Accept-Encoding')] });
    const chosen = buildRequest(endpoint, { 'Accept-Encoding': 'base64' }, undefined);
    assert.equal(new Map(chosen.headers).get('accept-encoding'), 'base64');
    assert.equal(chosen.choosesEncoding, true);
    assert.equal(buildRequest(endpoint, {}, undefined).choosesEncoding, true);
    assert.equal(buildRequest(endpointWith(), {}, undefined).choosesEncoding, undefined);
  });

  it('name the version that package.json has', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    assert.equal(new Map(buildRequest(endpointWith(), {}, undefined).headers).get('user-agent'), `tollgate/${version}`);
  });

  it("take the maintainer's fixed values over their own", () => {
    const parameters = [
      parameter('header', 'Accept', { argument: undefined, fixed: 'application/vnd.acme.v3+json' }),
      parameter('header', 'User-Agent', { argument: undefined, fixed: 'acme-client/3' }),
      parameter('header', 'X-Version', { fixed: '2020-01-01' }),
    ];
    const request = buildRequest(endpointWith({ parameters }), { 'X-Version': 'mine' }, undefined);
    assert.deepEqual(request.headers, [
      ['accept', 'application/vnd.acme.v3+json'],
      ['user-agent', 'acme-client/3'],
      ['x-version', '2020-01-01'],
    ]);
  });

  it('accept what the successful answers are documented as, JSON first', () => {
    const responses = [
      { status: '200', contentType: 'application/xml' },
      { status: '2XX', contentType: 'application/json' },
      { status: 'default', contentType: 'application/json' },
      { status: '404', contentType: 'text/html' },
    ];
    const { headers } = buildRequest(endpointWith({ responses }), {}, undefined);
    assert.equal(new Map(headers).get('accept'), 'application/json, application/xml;q=0.5, */*;q=0.1');
  });
});

describe('null for a required parameter', () => {
  const sent = (differences: Partial<ParameterBinding>, place: 'query' | 'header' | 'cookie') => {
    const parameters = [parameter(place, 'x', { required: true, ...differences })];
    const { url, headers } = buildRequest(endpointWith({ parameters }), { x: null }, undefined);
    return place === 'query' ? url.search : new Map(headers).get(place === 'cookie' ? 'cookie' : 'x');
  };
  const rows: readonly (readonly [Parameters<typeof sent>[1], Partial<ParameterBinding>, string])[] = [
    ['query', {}, '?x='],
    ['query', { style: 'deepObject', explode: true }, '?x='],
    ['query', { style: 'pipeDelimited' }, '?x='],
    ['query', { contentType: 'application/json' }, '?x=null'],
    ['header', {}, ''],
    ['cookie', {}, 'x='],
  ];
  for (const [place, differences, want] of rows) {
    it(`is sent as ${JSON.stringify(want)} in a ${place} where it is ${JSON.stringify(differences)}`, () => {
      assert.equal(sent(differences, place), want);
    });
  }
});

describe('optional arguments', () => {
  const endpoint = endpointWith({
    parameters: [
      parameter('query', 'optional', { default: 10 }),
      parameter('query', 'required', { default: 20, required: true }),
      parameter('query', 'fixed', { fixed: 30 }),
    ],
  });

  const rows: readonly (readonly [string, Args, string])[] = [
    ['sends a default only where the parameter is required', {}, '?required=20&fixed=30'],
    ['sends what is given', { optional: 1, required: 2 }, '?optional=1&required=2&fixed=30'],
    ['sends the fixed value whatever is given', { fixed: 3 }, '?required=20&fixed=30'],
    ['omits null', { optional: null, required: 2 }, '?required=2&fixed=30'],
    ['sends null for a required one as an empty value', { required: null }, '?required=&fixed=30'],
    ['omits undefined', { optional: undefined, required: 2 }, '?required=2&fixed=30'],
  ];
  for (const [name, args, want] of rows) {
    it(name, () => assert.equal(buildRequest(endpoint, args, undefined).url.search, want));
  }
});
