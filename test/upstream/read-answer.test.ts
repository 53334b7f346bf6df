import assert from 'node:assert/strict';
import { expressible, readAnswer } from '../../runtime/upstream/read-answer.js';

const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"a":"ü"}', 'utf16le')]);

describe('an answer is read as its content type says', () => {
  const json: readonly (readonly [string, string, Buffer, unknown])[] = [
    ['JSON', 'application/json', Buffer.from('{"a":1}'), { a: 1 }],
    ['JSON with a charset', 'Application/JSON; charset=UTF-8', Buffer.from('"ü"'), 'ü'],
    ['a vendor type', 'application/vnd.acme.v2+json', Buffer.from('[1]'), [1]],
    ['a problem', 'application/problem+json', Buffer.from('{}'), {}],
    ['a vendor type from before the suffix', 'application/vnd.acme.v2.json', Buffer.from('[1]'), [1]],
    ['a byte order mark', 'application/json', Buffer.from('\ufeff{"a":1}'), { a: 1 }],
    ['UTF-16, by its mark', 'application/json', utf16, { a: 'ü' }],
    ['UTF-16 of the other order, by its mark', 'application/json', Buffer.from(utf16).swap16(), { a: 'ü' }],
    ['Latin-1, as declared', 'application/json; charset=iso-8859-1', Buffer.from('"ü"', 'latin1'), 'ü'],
    ['no content type', '', Buffer.from(' {"a":1}'), { a: 1 }],
  ];
  for (const [name, contentType, body, want] of json) {
    it(`JSON: ${name}`, () => {
      const content = readAnswer({ contentType, body });
      assert.ok(content.kind === 'json');
      assert.deepEqual(content.value, want);
    });
  }

  const text: readonly (readonly [string, string, Buffer, string])[] = [
    ['plain text that looks like JSON', 'text/plain', Buffer.from('{"a":1}'), '{"a":1}'],
    ['plain text by another name', 'application/text', Buffer.from('hello'), 'hello'],
    ['a token', 'application/jwt', Buffer.from('e30.e30.c2ln'), 'e30.e30.c2ln'],
    ['YAML', 'application/vnd.oai.openapi+yaml', Buffer.from('a: 1\n'), 'a: 1\n'],
    ['CSV', 'text/csv', Buffer.from('a,b\n'), 'a,b\n'],
    ['XML', 'application/atom+xml', Buffer.from('<a/>'), '<a/>'],
    [
      'XML by its own declaration',
      'text/xml',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>', 'latin1'),
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>ü</a>',
    ],
    ['a drawing', 'image/svg+xml', Buffer.from('<svg/>'), '<svg/>'],
    ['a declared charset', 'text/plain; charset="shift_jis"', Buffer.from([0x93, 0xfa]), '日'],
    ['a byte order mark, whatever charset is declared', 'text/plain; charset=iso-8859-1', Buffer.from('\ufeffü'), 'ü'],
    ['an unknown charset', 'text/plain; charset=klingon', Buffer.from('ü'), 'ü'],
    ['no charset, and not UTF-8', 'text/html', Buffer.from('ü', 'latin1'), 'ü'],
    ['no content type', '', Buffer.from('hello'), 'hello'],
    ['no content type, and almost JSON', '', Buffer.from('{hello'), '{hello'],
  ];
  for (const [name, contentType, body, want] of text) {
    it(`text: ${name}`, () => {
      const content = readAnswer({ contentType, body });
      assert.ok(content.kind === 'text');
      assert.equal(content.text, want);
    });
  }

  const streams: readonly (readonly [string, string, string, readonly unknown[]])[] = [
    ['events', 'text/event-stream', 'data: {"a":1}\n\ndata: [DONE]\n\n', [{ a: 1 }, '[DONE]']],
    ['lines of JSON', 'application/x-ndjson', '{"a":1}\nnot json\n2\n', [{ a: 1 }, 'not json', 2]],
    ['a sequence of JSON', 'application/json-seq', '\x1e{"a":1}\n\x1enull\n', [{ a: 1 }, null]],
    ['none', 'application/x-ndjson', '\n', []],
  ];
  for (const [name, contentType, text, want] of streams) {
    it(`a stream, with its text and its records: ${name}`, () => {
      const content = readAnswer({ contentType, body: Buffer.from(text) });
      assert.ok(content.kind === 'stream');
      assert.equal(content.text, text);
      assert.deepEqual(content.records, want);
      assert.deepEqual(expressible(content), want);
    });
  }

  it('a stream without its records where they are more than 200,000', () => {
    const content = readAnswer({ contentType: 'application/x-ndjson', body: Buffer.from('1\n'.repeat(200_001)) });
    assert.ok(content.kind === 'stream');
    assert.equal(expressible(content), undefined);
  });

  const bytes = Buffer.from([0x89, 0x50, 0x00, 0xff]);
  for (const [contentType, kind] of [
    ['image/png', 'image'],
    ['audio/mpeg', 'audio'],
    ['application/pdf', 'binary'],
    ['application/octet-stream', 'binary'],
    ['', 'binary'],
  ] as const) {
    it(`exact bytes: ${contentType || 'no content type'}`, () => {
      const content = readAnswer({ contentType, body: bytes });
      assert.ok(content.kind === kind);
      assert.equal(content.bytes, bytes);
    });
  }

  it('empty, whatever its type', () => {
    assert.deepEqual(readAnswer({ contentType: 'application/json', body: Buffer.alloc(0) }), { kind: 'empty' });
  });

  for (const [name, body] of [
    ['cut off', '{"a":'],
    ['HTML', '<html>'],
    ['white space', '  '],
    ['nested so deep that writing it again would overflow', '['.repeat(501) + ']'.repeat(501)],
    ['nested so deep behind a text', '["\\"",' + '['.repeat(500) + ']'.repeat(501)],
  ] as const) {
    it(`invalid JSON: ${name}`, () => {
      const content = readAnswer({ contentType: 'application/json', body: Buffer.from(body) });
      assert.ok(content.kind === 'invalid-json');
      assert.equal(content.text, body);
    });
  }

  it('brackets inside of strings are not depth', () => {
    const body = Buffer.from(JSON.stringify(`"\\${'['.repeat(1000)}`));
    assert.equal(readAnswer({ contentType: 'application/json', body }).kind, 'json');
  });

  it('a member of the name __proto__ is a member, and no prototype', () => {
    const content = readAnswer({ contentType: 'application/json', body: Buffer.from('{"__proto__":{"admin":true}}') });
    assert.ok(content.kind === 'json');
    const value = content.value as Record<string, unknown>;
    assert.equal(value['admin'], undefined);
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal(({} as Record<string, unknown>)['admin'], undefined);
  });
});
