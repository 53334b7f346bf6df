import assert from 'node:assert/strict';

import { isStream, recordReader } from '../../runtime/upstream/records.js';

const EVENTS = 'text/event-stream; charset=utf-8';
const LINES = 'application/x-ndjson';

const CASES: readonly (readonly [name: string, contentType: string, text: string, want: readonly string[]])[] = [
  ['events', EVENTS, 'data: 1\n\ndata: 2\n\n', ['1', '2']],
  ['an event of several lines', EVENTS, 'event: x\nid: 7\ndata: a\ndata: b\n\n', ['a\nb']],
  ['events with CR and LF', EVENTS, 'data: 1\r\n\r\ndata: 2\r\n\r\n', ['1', '2']],
  ['no comments, and no events without data', EVENTS, ': ping\n\nretry: 10\n\nfoo: bar\n\ndata:\n\ndata: 1\n\n', ['1']],
  ['a last event that nothing ends', EVENTS, 'data: 1\n\ndata: 2', ['1', '2']],
  ['lines', LINES, '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
  ['lines with CR, empty ones, and a last one that nothing ends', LINES, '1\r\n\n \n2', ['1', '2']],
  ['texts of a sequence', 'application/json-seq', '\x1e{"a":1}\n\x1e{\n"a":2}\n', ['{"a":1}', '{\n"a":2}']],
];

describe('the records of a stream', () => {
  for (const [name, contentType, text, want] of CASES) {
    it(`are ${name}, wherever the text is cut`, () => {
      for (const size of [1, 3, 1_000]) {
        const records: string[] = [];
        const reader = recordReader(contentType, (record) => records.push(record));
        for (let at = 0; at < text.length; at += size) reader.feed(text.slice(at, at + size));
        reader.end();
        assert.deepEqual(records, want, `in pieces of ${size}`);
      }
    });
  }

  for (const [contentType, before] of [
    [EVENTS, 'data: '],
    [LINES, ''],
  ] as const) {
    it(`are no longer read when one of them is too long to be held: ${contentType}`, () => {
      const records: string[] = [];
      const reader = recordReader(contentType, (record) => records.push(record), 100);
      reader.feed(`${before}first\n\n`);
      for (let piece = 0; piece < 20; piece += 1) reader.feed(`${before}${'x'.repeat(10)}`);
      reader.feed(`\n\n${before}last\n\n`);
      reader.end();
      assert.deepEqual(records, ['first']);
    });
  }

  for (const [contentType, want] of [
    ['text/event-stream', true],
    ['Application/X-NDJSON; charset=utf-8', true],
    ['application/jsonl', true],
    ['application/json-seq', true],
    ['application/json', false],
    ['text/plain', false],
    ['', false],
  ] as const) {
    it(`are ${want ? '' : 'not '}looked for in "${contentType}"`, () => {
      assert.equal(isStream(contentType), want);
    });
  }
});
