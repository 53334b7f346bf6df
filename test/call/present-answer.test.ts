import assert from 'node:assert/strict';

import { presentAnswer } from '../../runtime/call/present-answer.js';
import { ExactNumber } from '../../runtime/exact-numbers.js';

function answer(contentType: string, body: string | Uint8Array) {
  return {
    status: 200,
    headers: {},
    contentType,
    body: typeof body === 'string' ? Buffer.from(body) : body,
    warnings: [],
  };
}
const JSON_ANSWER = answer('application/json', '{"items":[{"name":"x"}],"none":null}');
const AGAIN = 'get_usage with this request_id returns the answer again';

describe('an answer as it is shown', () => {
  const CASES: readonly (readonly [
    name: string,
    given: ReturnType<typeof answer>,
    select: string | undefined,
    want: ReturnType<typeof presentAnswer>,
  ])[] = [
    ['JSON is a value', JSON_ANSWER, undefined, { body: { items: [{ name: 'x' }], none: null }, warnings: [] }],
    ['JSON null is null', answer('application/json', 'null'), undefined, { body: null, warnings: [] }],
    ['select takes a part', JSON_ANSWER, 'items[].name', { body: ['x'], warnings: [] }],
    ['select may take false', answer('application/json', '{"a":false}'), 'a', { body: false, warnings: [] }],
    [
      'a select that takes nothing says so',
      JSON_ANSWER,
      'absent',
      { body: null, warnings: [`select "absent" matched nothing; ${AGAIN}`] },
    ],
    [
      'a select that fails says why',
      JSON_ANSWER,
      "pad_left('a', `900000000`)",
      {
        body: null,
        warnings: [
          `select "pad_left('a', \`900000000\`)" failed: it takes too much work on this document, or makes too much of it; ${AGAIN}`,
        ],
      },
    ],
    ['text is text', answer('text/plain', 'hello'), undefined, { body: 'hello', warnings: [] }],
    [
      'select does not apply to text, and says so',
      answer('text/plain', 'hello'),
      'a',
      { body: 'hello', warnings: ['select was not applied: the answer is text/plain, not JSON'] },
    ],
    [
      'select is about the records of a stream',
      answer('text/event-stream', 'data: {"a":1}\n\ndata: {"a":2}\n\n'),
      '[-1].a',
      { body: 2, warnings: [] },
    ],
    [
      'select takes numbers of a stream that no double holds',
      answer('text/event-stream', 'data: {"a":9007199254740993}\n\ndata: [DONE]\n\n'),
      '[0]',
      {
        body: { a: new ExactNumber('9007199254740993') },
        warnings: [
          'integers that JavaScript rounds: /a is 9007199254740993; get_usage with this request_id and range ' +
            '(such as "0-65535") returns the body as text, with every digit',
        ],
      },
    ],
    [
      'a stream is its text',
      answer('text/event-stream', 'event: x\ndata: 1\n\n'),
      undefined,
      { body: 'event: x\ndata: 1\n\n', warnings: [] },
    ],
    ['nothing is null', answer('application/json', ''), undefined, { body: null, warnings: [] }],
  ];
  for (const [name, given, select, want] of CASES) {
    it(name, () => {
      assert.deepEqual(presentAnswer(given, { select }), want);
    });
  }

  const KEY = 'k'.repeat(200_000);
  const ROUNDED: readonly (readonly [name: string, json: string, want: string])[] = [
    ['the body itself', '9007199254740993', 'the body is 9007199254740993'],
    [
      'in the order of the answer, and no fraction',
      '{"b":[{"c":9007199254740993},0.12345678901234567890],"~/":-9007199254740995,"a":1}',
      '/b/0/c is 9007199254740993, /~0~1 is -9007199254740995',
    ],
    ['beside other values', '[null,"9007199254740993",true,9007199254740993]', '/3 is 9007199254740993'],
    [
      'ten places and a count',
      `[${Array.from({ length: 12 }, () => '9007199254740993').join(',')}]`,
      `${Array.from({ length: 10 }, (_, index) => `/${index} is 9007199254740993`).join(', ')}, and 2 more`,
    ],
    [
      'thousands below a name of 200,000 characters',
      `{"a":9007199254740993,"${KEY}":[${Array.from({ length: 20_000 }, () => '9007199254740993').join(',')}]}`,
      `/a is 9007199254740993, ${`/${'k'.repeat(99)} is 9007199254740993, `.repeat(9)}and 19991 more`,
    ],
    [
      'below sixty levels',
      `${'['.repeat(60)}9007199254740993${']'.repeat(60)}`,
      `${'/0'.repeat(50)} is 9007199254740993`,
    ],
    ['its first digits where it has many', `[${'9'.repeat(101)}]`, `/0 is ${'9'.repeat(60)}…`],
    ['below a name with characters that nobody sees', '{"a\\n\\u202e":9007199254740993}', '/a?? is 9007199254740993'],
  ];
  for (const [name, json, want] of ROUNDED) {
    it(`tells of integers that JavaScript rounds: ${name}`, () => {
      const { warnings } = presentAnswer(answer('application/json', json), { whole: true });
      assert.deepEqual(warnings, [
        `integers that JavaScript rounds: ${want}; get_usage with this request_id and range (such as "0-65535") ` +
          'returns the body as text, with every digit',
      ]);
    });
  }

  const BYTES = Uint8Array.from([0x89, 0x50, 0x00, 0xff]);
  for (const [contentType, kind] of [
    ['image/png', 'image'],
    ['audio/wav', 'audio'],
    ['application/pdf', 'binary'],
  ] as const) {
    it(`${contentType} is bytes, exactly as received, beside an empty body`, () => {
      const shown = presentAnswer(answer(contentType, BYTES), {});
      assert.equal(shown.body, null);
      assert.equal(shown.bytes!.kind, kind);
      assert.equal(shown.bytes!.mimeType, contentType);
      assert.deepEqual([...shown.bytes!.data], [0x89, 0x50, 0x00, 0xff]);
    });
  }
});
