import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { GatewayError } from '../../runtime/gateway-error.js';
import { readJson } from '../../runtime/http/read-json.js';

const LIMIT = 1_000;

/** What `readJson` made of one request: its value, or the error's code and message. */
type Reading = { readonly value: unknown } | { readonly code: string; readonly message: string };

describe('reading a JSON body', () => {
  let server: Server;
  let readings: ((reading: Reading) => void)[];
  before(async () => {
    server = createServer((req, res) => {
      readJson(req, LIMIT).then(
        (value) => {
          readings.shift()!({ value });
          res.end();
        },
        (error: unknown) => {
          assert.ok(error instanceof GatewayError, String(error));
          readings.shift()!({ code: error.code, message: error.message });
          res.shouldKeepAlive = false;
          res.end();
        },
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    readings = [];
  });
  after(() => server.close());

  /** Sends these bytes as the whole request after its first line, and perhaps hangs up. */
  async function read(head: readonly string[], body: string | Buffer, hangUp = false): Promise<Reading> {
    const reading = new Promise<Reading>((resolve) => readings.push(resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined); // the server may close before it has read all
    socket.write(['POST / HTTP/1.1', 'Host: localhost', ...head, '', ''].join('\r\n'));
    socket.write(body);
    if (hangUp) socket.end();
    try {
      return await reading;
    } finally {
      socket.destroy();
    }
  }

  const length = (body: string | Buffer) => `Content-Length: ${Buffer.byteLength(body)}`;
  const JSON_TYPE = 'Content-Type: application/json';

  const READ: readonly (readonly [name: string, head: readonly string[], body: string, want: unknown])[] = [
    ['an object', [JSON_TYPE, length('{"a":1}')], '{"a":1}', { a: 1 }],
    ['null', [JSON_TYPE, length('null')], 'null', null],
    [
      'a type with parameters, in capitals',
      ['Content-Type: Application/JSON; charset=utf-8', length('[1]')],
      '[1]',
      [1],
    ],
    ['text beyond ASCII', [JSON_TYPE, length('"é😀"')], '"é😀"', 'é😀'],
    ['chunks', [JSON_TYPE, 'Transfer-Encoding: chunked'], '3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n', { a: 1 }],
    ['identity as an encoding', [JSON_TYPE, 'Content-Encoding: identity', length('1')], '1', 1],
    ['nothing at all, without a type', ['Content-Length: 0'], '', undefined],
    ['no more of a request than it says', [JSON_TYPE, 'Content-Length: 1'], '1{"ignored":true}', 1],
    ['a body at the limit', [JSON_TYPE, length(`"${'x'.repeat(998)}"`)], `"${'x'.repeat(998)}"`, 'x'.repeat(998)],
  ];
  for (const [name, head, body, want] of READ) {
    it(`reads ${name}`, async () => {
      assert.deepEqual(await read(head, body), { value: want });
    });
  }

  const large = `"${'x'.repeat(999)}"`;
  const REFUSED: readonly (readonly [
    name: string,
    head: readonly string[],
    body: string | Buffer,
    code: string,
    message: RegExp,
  ])[] = [
    [
      'a body over the limit',
      [JSON_TYPE, length(large)],
      large,
      'REQUEST_TOO_LARGE',
      /^the body is larger than 1000 bytes$/,
    ],
    [
      'a length over the limit, before the body comes',
      [JSON_TYPE, 'Content-Length: 999999999'],
      '',
      'REQUEST_TOO_LARGE',
      /larger than 1000 bytes/,
    ],
    [
      'chunks over the limit, though none of them is',
      [JSON_TYPE, 'Transfer-Encoding: chunked'],
      `190\r\n${'x'.repeat(400)}\r\n`.repeat(3),
      'REQUEST_TOO_LARGE',
      /larger than 1000 bytes/,
    ],
    [
      'a compressed body',
      [JSON_TYPE, 'Content-Encoding: gzip', length(gzipSync('{}'))],
      gzipSync('{}'),
      'UNSUPPORTED_MEDIA_TYPE',
      /^a compressed request body is not accepted$/,
    ],
    [
      'another type',
      ['Content-Type: text/plain', length('{}')],
      '{}',
      'UNSUPPORTED_MEDIA_TYPE',
      /^content type "text\/plain" is not/,
    ],
    [
      'a form, as a page of another site can send it',
      ['Content-Type: application/x-www-form-urlencoded', length('a=1')],
      'a=1',
      'UNSUPPORTED_MEDIA_TYPE',
      /is not application\/json$/,
    ],
    ['a body without a type', [length('{}')], '{}', 'UNSUPPORTED_MEDIA_TYPE', /^content type "" is not/],
    ['what is not JSON', [JSON_TYPE, length('{"a":')], '{"a":', 'INVALID_REQUEST', /^the body is not JSON \(/],
    ['two values', [JSON_TYPE, length('{}{}')], '{}{}', 'INVALID_REQUEST', /^the body is not JSON \(/],
    ['NaN', [JSON_TYPE, length('NaN')], 'NaN', 'INVALID_REQUEST', /^the body is not JSON \(/],
  ];
  for (const [name, head, body, code, message] of REFUSED) {
    it(`refuses ${name}`, async () => {
      const reading = await read(head, body);
      assert.ok('code' in reading, JSON.stringify(reading));
      assert.equal(reading.code, code);
      assert.match(reading.message, message);
    });
  }

  it('gives up on a body that ends before its length', async () => {
    const reading = await read([JSON_TYPE, 'Content-Length: 100'], '{"a":1}', true);
    assert.deepEqual(reading, { code: 'CLIENT_GONE', message: 'the request ended before its body was whole' });
  });
});
