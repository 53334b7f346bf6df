import assert from 'node:assert/strict';
import type { ParameterBinding } from '../../generated/contract.js';
import { buildRequest } from '../../runtime/upstream/build-request.js';
import { endpointWith, parameter } from './endpoint-with.js';

const LIST = ['blue', 'black', 'brown'];
const MAP = { R: 100, G: 200, B: 150 };

type Row = readonly [name: string, binding: Partial<ParameterBinding>, given: unknown, want: string];

describe('parameters, as the style table of OpenAPI 3.1 has them', () => {
  const paths: readonly Row[] = [
    ['simple', { style: 'simple' }, 'blue', '/v1/c/blue'],
    ['simple, list', { style: 'simple' }, LIST, '/v1/c/blue,black,brown'],
    ['simple, list, exploded', { style: 'simple', explode: true }, LIST, '/v1/c/blue,black,brown'],
    ['simple, object', { style: 'simple' }, MAP, '/v1/c/R,100,G,200,B,150'],
    ['simple, object, exploded', { style: 'simple', explode: true }, MAP, '/v1/c/R=100,G=200,B=150'],
    ['label', { style: 'label' }, 'blue', '/v1/c/.blue'],
    ['label, list', { style: 'label' }, LIST, '/v1/c/.blue,black,brown'],
    ['label, list, exploded', { style: 'label', explode: true }, LIST, '/v1/c/.blue.black.brown'],
    ['label, object', { style: 'label' }, MAP, '/v1/c/.R,100,G,200,B,150'],
    ['label, object, exploded', { style: 'label', explode: true }, MAP, '/v1/c/.R=100.G=200.B=150'],
    ['matrix', { style: 'matrix' }, 'blue', '/v1/c/;color=blue'],
    ['matrix, empty', { style: 'matrix' }, '', '/v1/c/;color'],
    ['matrix, list', { style: 'matrix' }, LIST, '/v1/c/;color=blue,black,brown'],
    ['matrix, list, exploded', { style: 'matrix', explode: true }, LIST, '/v1/c/;color=blue;color=black;color=brown'],
    ['matrix, list with nothing, exploded', { style: 'matrix', explode: true }, ['a', ''], '/v1/c/;color=a;color'],
    ['matrix, object with nothing, exploded', { style: 'matrix', explode: true }, { R: '' }, '/v1/c/;R'],
    ['matrix, object', { style: 'matrix' }, MAP, '/v1/c/;color=R,100,G,200,B,150'],
    ['matrix, object, exploded', { style: 'matrix', explode: true }, MAP, '/v1/c/;R=100;G=200;B=150'],
    ['pipe-delimited, of Swagger 2.0', { style: 'pipeDelimited' }, LIST, '/v1/c/blue%7Cblack%7Cbrown'],
    ['a delimiter inside of a value', { style: 'simple' }, ['a,b', 'c'], '/v1/c/a%2Cb,c'],
    ['JSON by media type', { contentType: 'application/json' }, { a: [1] }, '/v1/c/%7B%22a%22%3A%5B1%5D%7D'],
  ];
  for (const [name, binding, given, want] of paths) {
    it(`writes a path: ${name}`, () => {
      const endpoint = endpointWith({ path: '/c/{color}', parameters: [parameter('path', 'color', binding)] });
      assert.equal(buildRequest(endpoint, { color: given }, undefined).url.pathname, want);
    });
  }

  const queries: readonly Row[] = [
    ['form', {}, 'blue', '?color=blue'],
    ['form, empty text', {}, '', '?color='],
    ['form, list', {}, LIST, '?color=blue&color=black&color=brown'],
    ['form, list, joined', { explode: false }, LIST, '?color=blue,black,brown'],
    ['form, object', {}, MAP, '?R=100&G=200&B=150'],
    ['form, object, joined', { explode: false }, MAP, '?color=R,100,G,200,B,150'],
    ['space-delimited', { style: 'spaceDelimited', explode: false }, LIST, '?color=blue%20black%20brown'],
    ['space-delimited, object', { style: 'spaceDelimited', explode: false }, MAP, '?color=R%20100%20G%20200%20B%20150'],
    ['pipe-delimited', { style: 'pipeDelimited', explode: false }, LIST, '?color=blue%7Cblack%7Cbrown'],
    [
      'pipe-delimited, exploded',
      { style: 'pipeDelimited', explode: true },
      LIST,
      '?color=blue&color=black&color=brown',
    ],
    ['tab-delimited', { style: 'tabDelimited', explode: false }, LIST, '?color=blue%09black%09brown'],
    ['deepObject', { style: 'deepObject', explode: true }, MAP, '?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
    ['deepObject, nested', { style: 'deepObject' }, { a: { b: 'v' } }, '?color%5Ba%5D%5Bb%5D=v'],
    ['deepObject, a list in it', { style: 'deepObject' }, { a: [1, 2] }, '?color%5Ba%5D%5B%5D=1&color%5Ba%5D%5B%5D=2'],
    [
      'deepObject, a list of objects in it',
      { style: 'deepObject' },
      { a: [{ b: 1 }, { b: 2, c: 3 }] },
      '?color%5Ba%5D%5B0%5D%5Bb%5D=1&color%5Ba%5D%5B1%5D%5Bb%5D=2&color%5Ba%5D%5B1%5D%5Bc%5D=3',
    ],
    ['deepObject, null in it', { style: 'deepObject' }, { a: null, b: 1 }, '?color%5Bb%5D=1'],
    [
      'deepObject, null in a list of objects in it',
      { style: 'deepObject' },
      { a: [null, { b: 1 }] },
      '?color%5Ba%5D%5B0%5D%5Bb%5D=1',
    ],
    ['null', {}, null, ''],
    ['an empty list', {}, [], ''],
    ['an empty object', {}, {}, ''],
    ['null inside of a list', {}, [1, null, 2], '?color=1&color=2'],
    ['false', {}, false, '?color=false'],
    ['zero', {}, 0, '?color=0'],
    ['a large number, without an exponent', {}, 1e21, '?color=1000000000000000000000'],
    ['a number that binary cannot hold', {}, 1e23, '?color=100000000000000000000000'],
    ['a small number, without an exponent', {}, -1.5e-7, '?color=-0.00000015'],
    ['the largest safe integer', {}, 9007199254740991, '?color=9007199254740991'],
    ['text that would add a field', {}, 'a&admin=true#x', '?color=a%26admin%3Dtrue%23x'],
    ['text with a plus, a space and a percent sign', {}, '1+1 = 100%', '?color=1%2B1%20%3D%20100%25'],
    ['reserved characters, where allowed', { allowReserved: true }, '/a?b=c:d@e', '?color=/a?b=c:d@e'],
    [
      'what would add a field, even where reserved characters are allowed',
      { allowReserved: true },
      'a&b#c+d%26',
      '?color=a%26b%23c%2Bd%2526',
    ],
    ['JSON by media type', { contentType: 'application/json' }, { a: 1 }, '?color=%7B%22a%22%3A1%7D'],
    ['a scalar as JSON by media type', { contentType: 'application/json' }, 'x', '?color=%22x%22'],
    ['text by media type', { contentType: 'text/plain' }, 'x y', '?color=x%20y'],
    ['an object inside of a list, as JSON', {}, [{ a: 1 }], '?color=%7B%22a%22%3A1%7D'],
  ];
  for (const [name, binding, given, want] of queries) {
    it(`writes a query: ${name}`, () => {
      const endpoint = endpointWith({ parameters: [parameter('query', 'color', binding)] });
      assert.equal(buildRequest(endpoint, { color: given }, undefined).url.search, want);
    });
  }

  const headers: readonly Row[] = [
    ['text', {}, 'a b', 'a b'],
    ['list', {}, LIST, 'blue,black,brown'],
    ['list, pipe-delimited, of Swagger 2.0', { style: 'pipeDelimited' }, LIST, 'blue|black|brown'],
    ['list, tab-delimited, of Swagger 2.0', { style: 'tabDelimited' }, LIST, 'blue\tblack\tbrown'],
    ['object', {}, MAP, 'R,100,G,200,B,150'],
    ['object, exploded', { explode: true }, MAP, 'R=100,G=200,B=150'],
    ['boolean', {}, true, 'true'],
    ['JSON by media type', { contentType: 'application/json' }, { a: 1 }, '{"a":1}'],
    ['text beyond ASCII, as UTF-8 octets', {}, 'Zürich', 'Z\u00c3\u00bcrich'],
  ];
  for (const [name, binding, given, want] of headers) {
    it(`writes a header: ${name}`, () => {
      const endpoint = endpointWith({ parameters: [parameter('header', 'X-Color', binding)] });
      const request = buildRequest(endpoint, { 'X-Color': given }, undefined);
      assert.equal(new Map(request.headers).get('x-color'), want);
    });
  }

  const cookies: readonly Row[] = [
    ['text', {}, 'blue', 'color=blue; other=1'],
    ['list', {}, LIST, 'color=blue; color=black; color=brown; other=1'],
    ['list, joined', { explode: false }, LIST, 'color=blue,black,brown; other=1'],
    ['object', {}, { R: 1, G: 2 }, 'R=1; G=2; other=1'],
    ['what a cookie can hold, unchanged', {}, 'a+/=b', 'color=a+/=b; other=1'],
    ['what would add a cookie', {}, 'a; admin=1', 'color=a%3B%20admin=1; other=1'],
    ['a line break', {}, 'a\r\nx: y', 'color=a%0D%0Ax:%20y; other=1'],
  ];
  for (const [name, binding, given, want] of cookies) {
    it(`writes one cookie header: ${name}`, () => {
      const parameters = [parameter('cookie', 'color', binding), parameter('cookie', 'other')];
      const request = buildRequest(endpointWith({ parameters }), { color: given, other: 1 }, undefined);
      assert.deepEqual(
        request.headers.filter(([header]) => header === 'cookie'),
        [['cookie', want]],
      );
    });
  }
});
