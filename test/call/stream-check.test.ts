import assert from 'node:assert/strict';

import type { JsonSchema } from '../../generated/contract.js';
import { prepareSchemaCheck, schemaBreak } from '../../runtime/call/schema-break.js';
import { readAnswer } from '../../runtime/upstream/read-answer.js';
import { endpointWith } from '../catalogue/a-catalogue.js';

const BREAK = 'the answer breaks the schema of its document: ';

function warningOf(
  contentType: string,
  schema: JsonSchema,
  text: string,
  definitions: Readonly<Record<string, JsonSchema>> = {},
): string | undefined {
  const loaded = endpointWith({ type: 'object' }, definitions);
  const endpoint = {
    ...loaded,
    descriptor: { ...loaded.descriptor, responses: [{ status: '200', contentType, schema }] },
  };
  prepareSchemaCheck(endpoint);
  const told = schemaBreak(endpoint, 200, readAnswer({ contentType, body: Buffer.from(text) }));
  assert.ok(told === undefined || told.startsWith(BREAK), told);
  return told?.slice(BREAK.length);
}

type Case = readonly [name: string, schema: JsonSchema, text: string, want: string | undefined];

const COUNT: JsonSchema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

describe('lines of JSON beside the schema of their document', () => {
  const CASES: readonly Case[] = [
    ['all of which fit', list(COUNT), '{"n":1}\n{"n":2}\n', undefined],
    ['one of which does not', list(COUNT), '{"n":1}\n{"n":"two"}\n{"n":3}\n', '[1]/n (type)'],
    ['told by their places among the records, not the lines', list(COUNT), '\n{"n":1}\n\n\n{}\n', '[1]/n (required)'],
    ['by the schema of a record, as documents before 3.2 have it', COUNT, '{"n":1}\n{"n":"two"}', '[1]/n (type)'],
    [
      'many of which do not',
      COUNT,
      '{}\n{}\n{}\n{}\n{}\n',
      '[0]/n (required), [1]/n (required), [2]/n (required), and 2 more',
    ],
    ['that are lists themselves, by a schema of one', list({ type: 'integer' }), '[1,2]\n[3]\n', undefined],
    ['that are the list, by the same schema', list({ type: 'integer' }), '1\n2\n', undefined],
    ['that are neither', list({ type: 'integer' }), '[1,2]\n"x"\n{"n":3}\n', '[0] (type), [2] (type)'],
    ['the last of which is no JSON', COUNT, '{"n":1}\n[DONE]\n', undefined],
    ['by the schema of a text', { type: 'string' }, '{"n":1}\n', undefined],
    ['by the schema of anything', true, '{"n":1}\n', undefined],
    ['the last of which has no line end', COUNT, '{"n":1}\n{"n":"two"}', '[1]/n (type)'],
  ];
  for (const [name, schema, text, want] of CASES) {
    it(name, () => assert.equal(warningOf('application/x-ndjson', schema, text), want));
  }

  it('are told apart from texts of a sequence, which may have lines', () => {
    assert.equal(warningOf('application/json-seq', list(COUNT), '\x1e{\n"n":1}\n\x1e{"n":\n"two"}\n'), '[1]/n (type)');
  });
});

const sse = (...events: readonly string[]): string => events.map((event) => `${event}\n\n`).join('');
const data = (value: unknown): string => `data: ${JSON.stringify(value)}`;

/** As OpenAPI 3.2 has events: each of its fields is a text, and JSON in it is described by `contentSchema`. */
const CONTENT: JsonSchema = {
  type: 'object',
  required: ['data'],
  properties: {
    event: { type: 'string' },
    data: { type: 'string', contentMediaType: 'application/json', contentSchema: COUNT },
  },
};
const BY_NAME: JsonSchema = {
  type: 'object',
  required: ['event', 'data'],
  oneOf: [
    { properties: { event: { const: 'say' }, data: { type: 'string' } } },
    {
      properties: {
        event: { const: 'count' },
        data: { contentMediaType: 'application/json', contentSchema: { $ref: '#/$defs/Count' } },
      },
    },
  ],
};

describe('server-sent events beside the schema of their document', () => {
  const CASES: readonly Case[] = [
    [
      'by itemSchema, with what is in their data',
      list(CONTENT),
      sse(data({ n: 1 }), data({ n: 'two' })),
      '[1]/data/n (type)',
    ],
    ['by itemSchema, that fit', list(CONTENT), sse(data({ n: 1 }), 'data: [DONE]'), undefined],
    [
      'by itemSchema, that refers to what it means',
      list({ $ref: '#/$defs/Content' }),
      sse(data({ n: 1 }), data({ n: 'two' })),
      '[1]/data/n (type)',
    ],
    [
      'by itemSchema, each of its name',
      list(BY_NAME),
      sse('event: say\ndata: {"x":1}', `event: count\n${data({ n: 1 })}`),
      undefined,
    ],
    [
      'by itemSchema, one not as its name says',
      list(BY_NAME),
      sse(`event: count\n${data({ n: 'two' })}`),
      '[0] (oneOf)',
    ],
    [
      'by itemSchema, of a name that it does not have',
      list(BY_NAME),
      sse(`event: other\n${data({ n: 1 })}`),
      '[0] (oneOf)',
    ],
    ['by itemSchema, in data of several lines', list(CONTENT), sse('data: {"n":\ndata: "two"}'), '[0]/data/n (type)'],
    [
      'by itemSchema, whose data need not be there, but fits what it says where it is',
      list({ ...CONTENT, required: [] }),
      sse(data({ n: 'two' })),
      '[0]/data/n (type)',
    ],
    [
      'by itemSchema, where it means what they say, against the specification',
      list(COUNT),
      sse(data({ n: 1 }), data({ n: 'two' })),
      '[1]/n (type)',
    ],
    [
      'by itemSchema, where their data is written as parsed, against the specification',
      list({ type: 'object', required: ['data'], properties: { data: COUNT } }),
      sse(data({ n: 1 }), data({ n: 'two' })),
      '[1]/data/n (type)',
    ],
    [
      'by the schema of what each says, as documents before 3.2 have it',
      COUNT,
      sse(data({ n: 1 }), data({ n: 'two' }), 'data: [DONE]'),
      '[1]/n (type)',
    ],
    ['by the schema of an event', CONTENT, sse(data({ n: 1 }), data({ n: 'two' })), '[1]/data/n (type)'],
    [
      'by the schema of what each says, which has data of its own',
      { type: 'object', required: ['data'], properties: { data: { type: 'array' } } },
      sse(data({ data: [] })),
      undefined,
    ],
    ['by the schema of a text', { type: 'string' }, sse(data({ n: 1 })), undefined],
    [
      'that are pings of a name that the schema does not speak of',
      COUNT,
      sse(data({ n: 1 }), 'event: ping\ndata: {}', 'event: error\ndata: {"error":1}'),
      undefined,
    ],
    [
      'of a name of which others fit',
      COUNT,
      sse(`event: count\n${data({ n: 1 })}`, `event: count\n${data({ n: 'two' })}`),
      '[1]/n (type)',
    ],
    ['that are comments and say nothing', COUNT, ': hello\n\nevent: nothing\n\n', undefined],
    [
      'whose name is missing, where the document wants what it is called then',
      list({ ...CONTENT, required: ['event', 'data'] }),
      sse(data({ n: 1 })),
      undefined,
    ],
  ];
  for (const [name, schema, text, want] of CASES) {
    it(name, () =>
      assert.equal(warningOf('text/event-stream', schema, text, { Count: COUNT, Content: CONTENT }), want),
    );
  }

  it('are looked at no further than the first hundred thousand characters, and none that is cut', () => {
    const filler = data({ n: 1, text: 'x'.repeat(49_970) });
    assert.equal(
      warningOf('text/event-stream', COUNT, sse(filler, data({ n: 'two' }), filler, data({ n: 'four' }))),
      '[1]/n (type)',
    );
    assert.equal(warningOf('text/event-stream', COUNT, sse(filler, filler, data({ n: 'three' }))), undefined);
    assert.equal(warningOf('application/jsonl', COUNT, '{"n":1}\n'.repeat(1_000) + '{"n":"x"}\n'), undefined);
    assert.equal(warningOf('application/jsonl', COUNT, '{"n":1}\n'.repeat(999) + '{"n":"x"}\n'), '[999]/n (type)');
  });

  it('are not checked where that takes too much work', () => {
    const pattern: JsonSchema = { type: 'object', properties: { n: { pattern: '(a|b|ab){1000}c' } } };
    assert.equal(warningOf('text/event-stream', pattern, sse(data({ n: 'ab'.repeat(40_000) }))), undefined);
  });

  it('are not checked by a text within that is nested beyond all measure', () => {
    const node: JsonSchema = { type: 'array', items: { $ref: '#/$defs/Node' } };
    const id: JsonSchema = {
      type: 'string',
      contentMediaType: 'application/json',
      contentSchema: { $ref: '#/$defs/Node' },
    };
    const schema = list({ type: 'object', required: ['data'], properties: { id, data: {} } });
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    assert.equal(
      warningOf('text/event-stream', schema, sse(`id: ${deep}\n${data({ n: 1 })}`), { Node: node }),
      undefined,
    );
  });
});

describe('a stream that an answer may be in place of JSON', () => {
  const { descriptor, ...loaded } = endpointWith({ type: 'object' });
  const stream = { contentType: 'text/event-stream', schema: COUNT };
  const responses = [{ status: '200', contentType: 'application/json', schema: { type: 'array' }, stream }];
  const told = (contentType: string, text: string): string | undefined =>
    schemaBreak(
      { ...loaded, descriptor: { ...descriptor, responses } },
      200,
      readAnswer({ contentType, body: Buffer.from(text) }),
    );

  it('is checked by its own schema, and the JSON by its own', () => {
    assert.equal(told('text/event-stream', sse(data({ n: 'two' }))), `${BREAK}[0]/n (type)`);
    assert.equal(told('application/json', '{"n":1}'), `${BREAK}the whole (type)`);
    assert.equal(told('application/jsonl', '{"n":"two"}'), undefined);
  });

  it('is read as it comes where the document leaves open which it is', () => {
    const any = [{ status: '200', contentType: '*/*', schema: CONTENT }];
    const endpoint = { ...loaded, descriptor: { ...descriptor, responses: any } };
    const of = (contentType: string, text: string): string | undefined =>
      schemaBreak(endpoint, 200, readAnswer({ contentType, body: Buffer.from(text) }));
    assert.equal(of('application/jsonl', '{"n":1}'), `${BREAK}[0]/data (required)`);
    assert.equal(of('text/event-stream', sse(data({ n: 1 }))), undefined);
    assert.equal(of('application/json', '{"n":1}'), `${BREAK}/data (required)`);
  });
});
