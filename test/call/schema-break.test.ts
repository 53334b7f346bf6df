import assert from 'node:assert/strict';

import type { JsonSchema, ResponseDescriptor } from '../../generated/contract.js';
import { prepareSchemaCheck, schemaBreak } from '../../runtime/call/schema-break.js';
import type { LoadedEndpoint } from '../../runtime/catalogue/catalogue.js';
import { readAnswer } from '../../runtime/upstream/read-answer.js';
import { endpointWith as loadedWith } from '../catalogue/a-catalogue.js';

const BREAK = 'the answer breaks the schema of its document: ';

function endpoint(
  responses: readonly ResponseDescriptor[],
  definitions: Readonly<Record<string, JsonSchema>> = {},
): LoadedEndpoint {
  const loaded = loadedWith({ type: 'object' }, definitions);
  return { ...loaded, descriptor: { ...loaded.descriptor, responses } };
}

const json = (schema: JsonSchema, differences: Partial<ResponseDescriptor> = {}): ResponseDescriptor => ({
  status: '200',
  contentType: 'application/json',
  schema,
  ...differences,
});

function warningOf(endpoint: LoadedEndpoint, body: unknown, status = 200, contentType = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return schemaBreak(endpoint, status, readAnswer({ contentType, body: Buffer.from(text) }));
}

const PERSON: JsonSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    age: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
  },
};

describe('an answer beside the schema of its document', () => {
  const CASES: readonly (readonly [name: string, schema: JsonSchema, body: unknown, want: string | undefined])[] = [
    ['that it keeps', PERSON, { name: 'Ada', age: 36 }, undefined],
    ['with a value of another type', PERSON, { name: 'Ada', age: 'old' }, '/age (type)'],
    ['with something missing', PERSON, { age: 36 }, '/name (required)'],
    ['that is something else altogether', PERSON, ['Ada'], 'the whole (type)'],
    ['inside of a list', PERSON, { name: 'Ada', tags: ['a', 1] }, '/tags/1 (type)'],
    [
      'in many places',
      PERSON,
      { name: 1, age: 'x', tags: [1, 2, 3] },
      '/name (type), /age (type), /tags/0 (type), and 2 more',
    ],
    [
      'in all of its alternatives',
      { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'array' }] } } },
      { a: 1 },
      '/a (anyOf)',
    ],
    ['in a name that hides', { additionalProperties: { type: 'string' } }, { 'a\u202eb': 1 }, '/a?b (type)'],
  ];
  for (const [name, schema, body, want] of CASES) {
    it(name, () => {
      assert.equal(warningOf(endpoint([json(schema)]), body), want === undefined ? undefined : BREAK + want);
    });
  }

  it('is checked by the definitions that the schema refers to, cycles too', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, id: { type: 'integer' } } };
    const list = endpoint([json({ $ref: '#/$defs/Node' })], { Node: node });
    assert.equal(warningOf(list, { id: 1, next: { id: 2, next: { id: 'three' } } }), `${BREAK}/next/next/id (type)`);
  });

  const text: JsonSchema = { type: 'string' };
  const RESPONSES: readonly (readonly [
    name: string,
    responses: readonly ResponseDescriptor[],
    status: number,
    contentType: string,
    checked: boolean,
  ])[] = [
    ['of its status', [json(true, { status: '2XX' }), json(text)], 200, 'application/json', true],
    [
      'of its class of statuses',
      [json(text, { status: '2XX' }), json(true, { status: 'default' })],
      201,
      'application/json',
      true,
    ],
    ['of the default', [json(text, { status: 'default' })], 200, 'application/json; charset=utf-8', true],
    ['of a range of media types', [json(text, { contentType: 'application/*' })], 200, 'application/json', true],
    ['not of another range of media types', [json(text, { contentType: 'text/*' })], 200, 'application/json', false],
    ['not of another status', [json(text, { status: '201' })], 200, 'application/json', false],
    ['not of another media type', [json(text)], 200, 'application/problem+json', false],
    [
      'not where its status has none',
      [{ status: '200' }, json(text, { status: 'default' })],
      200,
      'application/json',
      false,
    ],
  ];
  for (const [name, responses, status, contentType, checked] of RESPONSES) {
    it(`is checked by the schema ${name}`, () => {
      const want = checked ? `${BREAK}the whole (type)` : undefined;
      assert.equal(warningOf(endpoint(responses), { a: 1 }, status, contentType), want);
    });
  }

  it('is not checked where it is large, or no JSON', () => {
    const broken = endpoint([json({ type: 'array' })]);
    assert.equal(warningOf(broken, { a: 'x'.repeat(100_000) }), undefined);
    assert.equal(warningOf(broken, 'hello', 200, 'text/plain'), undefined);
  });

  const properties = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`p${index}`, { type: 'string' }]));
  const UNCHECKED: readonly (readonly [name: string, schema: JsonSchema, body: unknown])[] = [
    ['is too large to compile', { type: 'array', properties }, {}],
    ['cannot be compiled', { type: 'array', pattern: '(' }, {}],
    ['refers to what is not there', { type: 'array', items: { $ref: '#/$defs/Absent' } }, {}],
    ['takes too much work', { pattern: '(a|b|ab){1000}c' }, 'ab'.repeat(40_000)],
  ];
  for (const [name, schema, body] of UNCHECKED) {
    it(`is not checked, and no fault, where the schema ${name}`, () => {
      const unchecked = endpoint([json(schema)]);
      prepareSchemaCheck(unchecked);
      assert.equal(warningOf(unchecked, JSON.stringify(body)), undefined);
    });
  }
});
