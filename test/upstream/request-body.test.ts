import assert from 'node:assert/strict';
import type { BodyBinding } from '../../generated/contract.js';
import { GatewayError } from '../../runtime/gateway-error.js';
import { buildRequest } from '../../runtime/upstream/build-request.js';
import { endpointWith } from './endpoint-with.js';

function send(
  body: Partial<BodyBinding>,
  value: unknown,
): { readonly contentType: string | undefined; readonly bytes: Buffer } {
  const endpoint = endpointWith({
    method: 'POST',
    body: { argument: 'body', required: false, contentType: 'application/json', encoding: 'json', ...body },
  });
  const request = buildRequest(endpoint, value === undefined ? {} : { body: value }, undefined);
  const contentType = new Map(request.headers).get('content-type');
  return { contentType, bytes: Buffer.from(request.body ?? []) };
}

function refuses(body: Partial<BodyBinding>, value: unknown): void {
  assert.throws(
    () => send(body, value),
    (error) => error instanceof GatewayError && error.code === 'INVALID_ARGUMENTS',
  );
}

describe('JSON bodies', () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['an object', { a: 1, b: { c: [true, null] } }, '{"a":1,"b":{"c":[true,null]}}'],
    ['a list, bare', [1, 2], '[1,2]'],
    ['text, encoded', 'hi "there"', '"hi \\"there\\""'],
    ['a number', 0, '0'],
    ['false', false, 'false'],
    ['null', null, 'null'],
    ['a dictionary, without a wrapper', { anything: { goes: 1 } }, '{"anything":{"goes":1}}'],
    ['a member of the name __proto__', JSON.parse('{"__proto__":{"admin":true}}'), '{"__proto__":{"admin":true}}'],
    ['a lone surrogate, escaped', '\ud800', '"\\ud800"'],
  ];
  for (const [name, value, want] of rows) {
    it(`send ${name}`, () => {
      assert.deepEqual(send({}, value), { contentType: 'application/json', bytes: Buffer.from(want) });
    });
  }

  for (const contentType of [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/vnd.github.v3+json',
    'application/json; charset=utf-8',
  ]) {
    it(`have exactly the content type ${contentType}`, () =>
      assert.equal(send({ contentType }, []).contentType, contentType));
  }

  it('are application/json where the document gives no type, or a range', () => {
    assert.equal(send({ contentType: '' }, 1).contentType, 'application/json');
    assert.equal(send({ contentType: '*/*' }, 1).contentType, 'application/json');
  });

  it('are left out, with their content type, where the caller gives none', () => {
    assert.deepEqual(send({}, undefined), { contentType: undefined, bytes: Buffer.alloc(0) });
  });

  it('are refused before anything is sent where a required one is missing', () =>
    refuses({ required: true }, undefined));

  it('take the fixed properties over the given ones, and without any given', () => {
    const fixed = { stream: false };
    assert.equal(send({ fixed }, { stream: true, model: 'm' }).bytes.toString(), '{"stream":false,"model":"m"}');
    assert.equal(send({ fixed }, undefined).bytes.toString(), '{"stream":false}');
    const hostile: unknown = JSON.parse('{"__proto__":{"stream":true}}');
    assert.equal(send({ fixed }, hostile).bytes.toString(), '{"__proto__":{"stream":true},"stream":false}');
    refuses({ fixed }, [1]);
  });
});

describe('form bodies', () => {
  const form = { encoding: 'form', contentType: 'application/x-www-form-urlencoded' } as const;
  const rows: readonly (readonly [string, BodyBinding['fields'], unknown, string])[] = [
    ['plain fields', undefined, { a: 'x y', b: 1, c: true, d: '' }, 'a=x%20y&b=1&c=true&d='],
    ['what would add a field', undefined, { a: '1&b=2+3', 'c&d': 4 }, 'a=1%26b%3D2%2B3&c%26d=4'],
    ['a list, repeated', undefined, { a: [1, 2] }, 'a=1&a=2'],
    ['an object, as JSON', undefined, { a: { b: 1 } }, 'a=%7B%22b%22%3A1%7D'],
    ['null, left out', undefined, { a: null, b: 1 }, 'b=1'],
    ['deepObject', { a: { style: 'deepObject', explode: true } }, { a: { b: { c: 1 } } }, 'a%5Bb%5D%5Bc%5D=1'],
    ['deepObject, a list', { a: { style: 'deepObject', explode: true } }, { a: ['x', 'y'] }, 'a%5B%5D=x&a%5B%5D=y'],
    ['a joined list', { a: { style: 'form', explode: false } }, { a: [1, 2] }, 'a=1,2'],
    ['a pipe-delimited list', { a: { style: 'pipeDelimited', explode: false } }, { a: [1, 2] }, 'a=1%7C2'],
    ['a list as JSON', { a: { contentType: 'application/json' } }, { a: [1] }, 'a=%5B1%5D'],
    ['fields in the order of the document', { z: {}, a: {} }, { a: 1, z: 2 }, 'z=2&a=1'],
    ['what the document does not list before what it lists', { z: {}, a: {} }, { a: 1, b: 2, z: 3 }, 'b=2&z=3&a=1'],
    ['reserved characters, where allowed', { a: { allowReserved: true } }, { a: 'b/c&d' }, 'a=b/c%26d'],
  ];
  for (const [name, fields, value, want] of rows) {
    it(`send ${name}`, () => {
      assert.deepEqual(send({ ...form, fields }, value), {
        contentType: 'application/x-www-form-urlencoded',
        bytes: Buffer.from(want),
      });
    });
  }

  it('send an array of one field and a property of an object prototype by its own name', () => {
    assert.equal(send({ ...form, fields: {} }, { constructor: 'x' }).bytes.toString(), 'constructor=x');
  });

  it('are refused where they are no object', () => refuses(form, 'a=1'));

  it('are refused where they have a lone surrogate', () => refuses(form, { a: '\ud800' }));
});

describe('multipart bodies', () => {
  const multipart = { encoding: 'multipart', contentType: 'multipart/form-data' } as const;

  /** With a boundary that a reader can follow. */
  function readable(value: unknown, fields: BodyBinding['fields']): string {
    const { contentType = '', bytes } = send({ ...multipart, fields }, value);
    const boundary = /^multipart\/form-data; boundary=(tollgate-[0-9a-f]{48})$/.exec(contentType)?.[1];
    assert.ok(boundary);
    return bytes.toString('latin1').replaceAll(boundary, 'BOUNDARY');
  }

  it('send plain fields, objects as JSON, lists as one part an item', () => {
    assert.equal(
      readable({ a: 'x', n: 1, list: [1, 2], o: { p: 1 }, none: null }, undefined),
      [
        '--BOUNDARY\r\ncontent-disposition: form-data; name="a"\r\n\r\nx\r\n',
        '--BOUNDARY\r\ncontent-disposition: form-data; name="n"\r\n\r\n1\r\n',
        '--BOUNDARY\r\ncontent-disposition: form-data; name="list"\r\n\r\n1\r\n',
        '--BOUNDARY\r\ncontent-disposition: form-data; name="list"\r\n\r\n2\r\n',
        '--BOUNDARY\r\ncontent-disposition: form-data; name="o"\r\ncontent-type: application/json\r\n\r\n{"p":1}\r\n',
        '--BOUNDARY--\r\n',
      ].join(''),
    );
  });

  it('send a field in the style of the document, as it is', () => {
    const fields = {
      joined: { style: 'form', explode: false },
      deep: { style: 'deepObject', explode: true },
      each: { allowReserved: true },
    } as const;
    assert.equal(
      readable({ joined: ['a b', 'ü'], deep: { 'x y': 1 }, each: [1, 2] }, fields),
      [
        '--BOUNDARY\r\ncontent-disposition: form-data; name="joined"\r\n\r\na b,Ã¼\r\n',
        '--BOUNDARY\r\ncontent-disposition: form-data; name="deep[x y]"\r\n\r\n1\r\n',
        '--BOUNDARY\r\ncontent-disposition: form-data; name="each"\r\n\r\n1\r\n',
        '--BOUNDARY\r\ncontent-disposition: form-data; name="each"\r\n\r\n2\r\n',
        '--BOUNDARY--\r\n',
      ].join(''),
    );
  });

  it("send a file's exact bytes, with its name and type, or those of the document", () => {
    const bytes = Buffer.from([0, 255, 13, 10, 45, 45]);
    const data = bytes.toString('base64');
    const fields = {
      a: { binary: true },
      b: { binary: true, contentType: 'image/*, image/png' },
      c: { binary: true },
    } as const;
    const c = [{ data, filename: 'c.gif', contentType: 'image/gif' }];
    assert.equal(
      readable({ a: data, b: data, c }, fields),
      [
        '--BOUNDARY\r\ncontent-disposition: form-data; name="a"; filename="a"\r\ncontent-type: application/octet-stream\r\n\r\n',
        `${bytes.toString('latin1')}\r\n`,
        '--BOUNDARY\r\ncontent-disposition: form-data; name="b"; filename="b"\r\ncontent-type: image/png\r\n\r\n',
        `${bytes.toString('latin1')}\r\n`,
        '--BOUNDARY\r\ncontent-disposition: form-data; name="c"; filename="c.gif"\r\ncontent-type: image/gif\r\n\r\n',
        `${bytes.toString('latin1')}\r\n`,
        '--BOUNDARY--\r\n',
      ].join(''),
    );
  });

  it("give a part the document's content type", () => {
    const fields = { meta: { contentType: 'application/vnd.acme+json' }, note: { contentType: 'text/markdown' } };
    assert.equal(
      readable({ meta: [1], note: '# hi' }, fields),
      [
        '--BOUNDARY\r\ncontent-disposition: form-data; name="meta"\r\ncontent-type: application/vnd.acme+json\r\n\r\n[1]\r\n',
        '--BOUNDARY\r\ncontent-disposition: form-data; name="note"\r\ncontent-type: text/markdown\r\n\r\n# hi\r\n',
        '--BOUNDARY--\r\n',
      ].join(''),
    );
  });

  it('escape what would end a name, and with it the header', () => {
    const file = { data: '', filename: 'a"\r\nx-admin: 1\r\n\r\n.png' };
    assert.equal(
      readable({ 'f"\n': file }, { 'f"\n': { binary: true } }),
      '--BOUNDARY\r\ncontent-disposition: form-data; name="f%22%0A"; filename="a%22%0D%0Ax-admin: 1%0D%0A%0D%0A.png"\r\n' +
        'content-type: application/octet-stream\r\n\r\n\r\n--BOUNDARY--\r\n',
    );
  });

  it('refuse a content type that would add a header, and a file that is not base64', () => {
    const fields = { f: { binary: true } } as const;
    refuses({ ...multipart, fields }, { f: { data: '', contentType: 'image/png\r\nx-admin: 1' } });
    refuses({ ...multipart, fields }, { f: { data: '', contentType: 'png' } });
    refuses({ ...multipart, fields }, { f: 'not base64!' });
    refuses({ ...multipart, fields }, { f: { filename: 'no-data' } });
  });

  it('have a boundary that no content can hold, even one that knows another boundary', () => {
    const { contentType = '' } = send(multipart, { a: '' });
    const known = contentType.split('boundary=')[1] ?? '';
    const { contentType: other = '', bytes } = send(multipart, { a: `--${known}--` });
    const boundary = other.split('boundary=')[1] ?? '';
    assert.notEqual(boundary, known);
    assert.equal(bytes.toString().split(`--${boundary}`).length - 1, 2);
  });

  it('are the same bytes for the same arguments', () => {
    assert.deepEqual(send(multipart, { a: 1, b: 2 }), send(multipart, { a: 1, b: 2 }));
  });
});

describe('other bodies', () => {
  const binary = { encoding: 'binary', contentType: 'application/octet-stream' } as const;

  for (const [name, given, want] of [
    ['base64', '/+8A', [255, 239, 0]],
    ['base64url', '_-8A', [255, 239, 0]],
    ['base64 with padding', '/w==', [255]],
    ['base64 without padding', '/w', [255]],
    ['nothing', '', []],
  ] as const) {
    it(`send the bytes of ${name}`, () => {
      assert.deepEqual(send(binary, given), { contentType: 'application/octet-stream', bytes: Buffer.from(want) });
    });
  }

  for (const given of ['a', 'a b=', 'ab!=', 'ab=', '====', 'YWJj\n', 'data:;base64,YWJj', 5]) {
    it(`refuse ${JSON.stringify(given)} as base64`, () => refuses(binary, given));
  }

  it('send text as it is', () => {
    const sent = send({ encoding: 'text', contentType: 'text/plain; charset=utf-8' }, 'naïve\n');
    assert.deepEqual(sent, { contentType: 'text/plain; charset=utf-8', bytes: Buffer.from('naïve\n') });
  });

  it('send XML as it is, and refuse what is no text', () => {
    const xml = { encoding: 'xml', contentType: 'application/xml' } as const;
    assert.deepEqual(send(xml, '<a>ü</a>'), { contentType: 'application/xml', bytes: Buffer.from('<a>ü</a>') });
    refuses(xml, { a: 1 });
  });
});
