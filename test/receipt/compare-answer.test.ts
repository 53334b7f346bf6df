import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { compareAnswer, type Comparison } from '../../runtime/receipt/compare-answer.js';
import { MESSAGE } from './receipts.js';

const CALL = 'call_000102030405060708090a0b0c0d0e0f';
const CHANGED: Comparison = { fault: 'the body is not the one whose digest the receipt has' };
const NO_BYTES: Comparison = {
  notCompared: 'the answer holds what was read of it, not its bytes; give it as it came with --body',
};

/** An answer as it is saved, compared with the receipt of a body of these bytes. */
function compare(bytes: string | Buffer, answer: Readonly<Record<string, unknown>>): Comparison {
  const answerDigest = `0x${createHash('sha256').update(bytes).digest('hex')}`;
  return compareAnswer({ status: 200, charged: '0.001500', request_id: CALL, ...answer }, { ...MESSAGE, answerDigest });
}

describe('a saved answer', () => {
  const CASES: readonly (readonly [string, string | Buffer, Readonly<Record<string, unknown>>, Comparison])[] = [
    ['of bytes is compared', 'abc', { body: null, body_base64: 'YWJj' }, {}],
    ["of other bytes is not its receipt's", 'abc', { body: null, body_base64: 'YWJk' }, CHANGED],
    ["with a value beside its bytes is not its receipt's", 'abc', { body: 'x', body_base64: 'YWJj' }, CHANGED],
    ['of text is compared', 'Zürich', { content_type: 'text/plain; charset=utf-8', body: 'Zürich' }, {}],
    ['of text with a mark before it is compared', '\ufeffa', { content_type: 'text/plain', body: 'a' }, {}],
    [
      'of text in UTF-16 is compared',
      Buffer.from('\ufeffZürich', 'utf16le'),
      { content_type: 'text/plain', body: 'Zürich' },
      {},
    ],
    [
      'of text in UTF-16 with the other order of bytes is compared',
      Buffer.from('\ufeffZürich', 'utf16le').swap16(),
      { content_type: 'text/plain', body: 'Zürich' },
      {},
    ],
    [
      "of other text in UTF-8 is not its receipt's",
      'ü',
      { content_type: 'text/plain; charset=UTF-8', body: 'ö' },
      CHANGED,
    ],
    [
      'of text that was no UTF-8 is not compared',
      Buffer.from([0x61, 0xff]),
      { content_type: 'text/plain; charset=utf-8', body: 'a\ufffd' },
      NO_BYTES,
    ],
    [
      'of text in no declared charset is not compared where it is more than ASCII',
      Buffer.from('Zürich', 'latin1'),
      { content_type: 'text/plain', body: 'Zürich' },
      NO_BYTES,
    ],
    [
      'of XML is not compared, which declares its charset itself',
      '<?xml version="1.0"?><a/>',
      { content_type: 'text/xml', body: '<a/>' },
      NO_BYTES,
    ],
    ['of a text in JSON is not compared', '"x"', { content_type: 'text/json; charset=utf-8', body: 'x' }, NO_BYTES],
    [
      'of a stream is not compared',
      'data: a\n\n',
      { content_type: 'text/event-stream; charset=utf-8', body: 'a' },
      NO_BYTES,
    ],
    ["of other text is not its receipt's", 'one', { content_type: 'text/plain', body: 'two' }, CHANGED],
    [
      'of text in another charset is not compared',
      Buffer.from('Zürich', 'latin1'),
      { content_type: 'text/plain; charset=iso-8859-1', body: 'Zürich' },
      NO_BYTES,
    ],
    [
      'of JSON as it is written most often is compared',
      '{"a":1}',
      { content_type: 'application/json', body: { a: 1 } },
      {},
    ],
    [
      'of JSON that was written otherwise is not compared',
      '{ "a": 1.0 }',
      { content_type: 'application/json', body: { a: 1 } },
      NO_BYTES,
    ],
    ['of nothing is compared', '', { content_type: '', body: null }, {}],
    [
      'whose bytes are elsewhere is not compared',
      'abc',
      { content_type: 'image/png', body: null },
      { notCompared: 'its bytes are not in the answer; give it as it came with --body' },
    ],
    [
      'of a part of the body is not compared',
      'abc',
      { content_type: 'text/plain', body: 'a', body_bytes: 3, body_preview: true },
      { notCompared: 'the answer holds a part of it; give it as it came with --body' },
    ],
    [
      "of another charge is not its receipt's",
      '',
      { charged: '0.0014' },
      { fault: 'the answer says charged "0.0014", and the receipt is for 0.001500 USDC' },
    ],
    [
      'that did not know its charge is compared all the same',
      'abc',
      { content_type: 'text/plain', body: 'a', body_bytes: 3, body_preview: true, charged: null },
      { notCompared: 'the answer holds a part of it; give it as it came with --body' },
    ],
    [
      "of a charge that is none is not its receipt's",
      '',
      { charged: 0.0015 },
      { fault: 'the answer says charged 0.0015, and the receipt is for 0.001500 USDC' },
    ],
    [
      "of a charge that is no amount is not its receipt's",
      '',
      { charged: 'much' },
      { fault: 'the answer says charged "much", and the receipt is for 0.001500 USDC' },
    ],
    [
      'that is no longer kept has cost nothing to be told so, and its body is not compared',
      'abc',
      { code: 'ANSWER_EXPIRED', status: undefined, charged: '0.000000' },
      { notCompared: 'its bytes are not in the answer; give it as it came with --body' },
    ],
    [
      "of another request is not its receipt's, as a client writes it too",
      '',
      { request_id: undefined, requestId: 'call_1' },
      { fault: `the answer is of request "call_1", and the receipt of ${CALL}` },
    ],
    [
      "of another status is not its receipt's",
      '',
      { status: 201 },
      { fault: 'the answer has the status 201, and the receipt 200' },
    ],
  ];
  for (const [name, bytes, answer, want] of CASES) {
    it(name, () => assert.deepEqual(compare(bytes, answer), want));
  }
});
