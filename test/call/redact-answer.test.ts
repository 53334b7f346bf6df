import assert from 'node:assert/strict';

import { redactAnswer } from '../../runtime/call/redact-answer.js';
import { Secret } from '../../runtime/credential/secret.js';
import type { UpstreamAnswer } from '../../runtime/upstream/send.js';
import { anAnswer } from '../upstream/an-answer.js';

const KEY = 'sk+live/7==';
const credential = { parts: [], secrets: [new Secret(KEY)], hasOthers: false, refused: () => false };

function answerOf(body: string | Buffer, contentType = 'application/json'): UpstreamAnswer {
  return anAnswer(body, { contentType });
}

const everyEscape = [...KEY].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

describe('an answer that repeats the credential', () => {
  const HIDDEN: readonly (readonly [name: string, json: string, want: unknown])[] = [
    ['as it is', `{"k":"${KEY}"}`, { k: '[redacted]' }],
    ['with punctuation escaped, as .NET does', '{"k":"sk\\u002Blive/7\\u003D\\u003D"}', { k: '[redacted]' }],
    ['with some slashes escaped', '{"k":["sk+live\\/7==", "\\/"]}', { k: ['[redacted]', '/'] }],
    ['with every character escaped', `{"k":"a ${everyEscape} b"}`, { k: 'a [redacted] b' }],
    ['as the name of a member', `{"${everyEscape}":1}`, { '[redacted]': 1 }],
    ['escaped beside a backslash', `{"k":"\\\\${everyEscape}"}`, { k: '\\[redacted]' }],
  ];
  for (const [name, json, want] of HIDDEN) {
    it(`has it taken out where it stands ${name}`, async () => {
      const { answer, warnings } = await redactAnswer(answerOf(json), credential);
      assert.deepEqual(JSON.parse(Buffer.from(answer.body).toString()), want);
      assert.deepEqual(warnings, ["the upstream repeated the gateway's credential; 1 occurrences were redacted"]);
    });
  }

  it('is UTF-8 where it had to be written anew, and says so', async () => {
    const utf16 = Buffer.from(`{"k":"é${everyEscape}"}`, 'utf16le');
    const { answer } = await redactAnswer(answerOf(utf16, 'application/hal+json; charset=utf-16le'), credential);
    assert.equal(Buffer.from(answer.body).toString(), '{"k":"é[redacted]"}');
    assert.equal(answer.contentType, 'application/hal+json; charset=utf-8');
  });

  for (const charset of ['utf-16le', 'utf-16be'] as const) {
    it(`can be read on behind it in ${charset}`, async () => {
      const text = Buffer.from(`{"k":"${KEY}","n":"é"}`, 'utf16le');
      const body = charset === 'utf-16le' ? text : text.swap16();
      const { answer, warnings } = await redactAnswer(
        answerOf(body, `application/json; charset=${charset}`),
        credential,
      );
      assert.equal(answer.contentType, 'application/json; charset=utf-8');
      assert.deepEqual(JSON.parse(Buffer.from(answer.body).toString()), { k: '[redacted]', n: 'é' });
      assert.deepEqual(warnings, ["the upstream repeated the gateway's credential; 1 occurrences were redacted"]);
    });
  }

  it('has it taken out of bytes that are no text', async () => {
    const body = Buffer.concat([Buffer.from([0, 255]), Buffer.from(KEY), Buffer.from([0])]);
    const { answer } = await redactAnswer(answerOf(body, 'application/octet-stream'), credential);
    assert.deepEqual(
      [Buffer.from(answer.body).toString('latin1'), answer.contentType],
      ['\0\xff[redacted]\0', 'application/octet-stream'],
    );
  });

  const JIS = (text: string) =>
    Buffer.from([...text].map((c, index) => `\x1b(${index % 2 === 0 ? 'J' : 'B'}${c}`).join(''), 'latin1');
  const CHARSETS: readonly (readonly [charset: string, body: Buffer])[] = [
    ['utf-16be', Buffer.from(`<p>sk&#43;live/7==</p>`, 'utf16le').swap16()],
    ['utf-16le', Buffer.from(`<p>${Buffer.from(KEY).toString('base64')}</p>`, 'utf16le')],
    ['utf-16', Buffer.from(`\ufeff<p>${encodeURIComponent(KEY)}</p>`, 'utf16le')],
    ['iso-2022-jp', JIS(`<p>${KEY}</p>`)],
  ];
  for (const [charset, body] of CHARSETS) {
    it(`has it taken out where it stands escaped or interrupted in ${charset}`, async () => {
      const { answer } = await redactAnswer(answerOf(body, `text/html; charset=${charset}`), credential);
      assert.equal(answer.contentType, 'text/html; charset=utf-8');
      assert.equal(Buffer.from(answer.body).toString(), '<p>[redacted]</p>');
    });
  }

  it('has it taken out of its headers and its content type', async () => {
    const received = { ...answerOf('{}', `application/json; x=${KEY}`), headers: { link: `<${KEY}>` } };
    const { answer, warnings } = await redactAnswer(received, credential);
    assert.deepEqual(
      [answer.headers, answer.contentType],
      [{ link: '<[redacted]>' }, 'application/json; x=[redacted]'],
    );
    assert.deepEqual(warnings, ["the upstream repeated the gateway's credential; 2 occurrences were redacted"]);
  });
});

describe('a large answer that repeats the credential', () => {
  it('is looked at in slices: others have turns while that goes on, and each occurrence is taken out', async () => {
    const body = Buffer.from(`${'\\u0041'.repeat(500_000)}${everyEscape}${'\\/'.repeat(500_000)}${KEY}`);
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 0);
    const { answer, warnings } = await redactAnswer(answerOf(body, 'text/plain'), credential);
    clearInterval(counting);
    assert.ok(turns > 0);
    assert.deepEqual(warnings, ["the upstream repeated the gateway's credential; 2 occurrences were redacted"]);
    const want = `${'\\u0041'.repeat(500_000)}[redacted]${'\\/'.repeat(500_000)}[redacted]`;
    assert.ok(Buffer.from(answer.body).equals(Buffer.from(want)));
  });
});

describe('an answer that does not', () => {
  for (const [name, body, type] of [
    [
      'with escapes and numbers of its own',
      '{ "a":"\\u00e9\\/", "n": 12345678901234567890, "m": 1.0 }',
      'application/json',
    ],
    ['that is not the JSON it claims to be', '{"a": "\\u00"', 'application/json'],
    ['with backslashes in a text', 'C:\\u0041', 'text/plain'],
  ] as const) {
    it(`is the same object, byte for byte: one ${name}`, async () => {
      const received = answerOf(body, type);
      assert.equal((await redactAnswer(received, credential)).answer, received);
    });
  }
});
