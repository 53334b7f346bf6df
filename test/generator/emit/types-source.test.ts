import assert from 'node:assert/strict';
import type { JsonSchema, ResponseDescriptor } from '../../../generator/contract.js';
import { endpointDescriptor } from '../../../generator/emit/provider-file.js';
import { typeNames } from '../../../generator/emit/type-names.js';
import { typesSource } from '../../../generator/emit/types-source.js';
import { anOperation } from '../an-operation.js';
import { typeErrors } from './compiled.js';

function source(
  responses: readonly ResponseDescriptor[],
  definitions: Readonly<Record<string, JsonSchema>> = {},
  method = 'GET',
): string {
  const operation = {
    ...anOperation({ method, responses }),
    price: { model: 'free' } as const,
    charge: { on: ['2xx'] },
  };
  const names = typeNames(['x'], Object.keys(definitions));
  return typesSource([endpointDescriptor('pets', operation)], definitions, names);
}

/** The type that follows a declaration's name, in one line. */
function typeIn(text: string, name: string): string {
  const [, type] = new RegExp(`export type ${name} = (.*?);\\n(?=\\n|$)`, 's').exec(text) ?? [];
  return (type ?? '').replace(/\s+/g, ' ');
}

const json = (schema: JsonSchema): ResponseDescriptor => ({ status: '200', contentType: 'application/json', schema });

describe('the type of a schema', () => {
  const DEFINITIONS: Readonly<Record<string, JsonSchema>> = {
    Pet: { type: 'object', properties: { name: { type: 'string' }, mother: { $ref: '#/$defs/Pet' } } },
    Tree: { type: 'array', items: { anyOf: [{ $ref: '#/$defs/Tree' }, { type: 'string' }] } },
  };
  const CASES: [name: string, schema: JsonSchema, want: string][] = [
    ['true', true, 'unknown'],
    ['false', false, 'never'],
    ['nothing', {}, 'unknown'],
    ['a scalar', { type: 'integer' }, 'number'],
    ['several types', { type: ['string', 'null'] }, 'string | null'],
    ['one type in a list', { type: ['array'], items: { type: 'string' } }, 'string[]'],
    ['an enum', { type: 'string', enum: ['a', 'b'] }, '"a" | "b"'],
    ['an enum without null beside a type with it', { type: ['string', 'null'], enum: ['a'] }, '"a"'],
    ['an enum with null', { type: ['string', 'null'], enum: ['a', null] }, '"a" | null'],
    ['an enum of numbers', { enum: [-1, 0, 1e21] }, '-1 | 0 | 1e+21'],
    ['an enum of integers beside a number that is none', { type: 'integer', enum: [1, 1.5] }, '1'],
    ['a constant', { const: 'a' }, '"a"'],
    ['a constant null', { const: null }, 'null'],
    ['a list without items', { type: 'array' }, 'unknown[]'],
    [
      'a list of one alternative that is a list',
      { type: 'array', items: { anyOf: [{ type: 'array' }] } },
      'unknown[][]',
    ],
    ['a list of constant lists', { type: 'array', items: { enum: [[1, 2]] } }, 'unknown[]'],
    ['items without a type', { items: { type: 'string' } }, 'string[]'],
    [
      'a tuple of fixed length',
      { type: 'array', prefixItems: [{ type: 'number' }, { type: 'string' }], minItems: 2, maxItems: 2 },
      '[ number, string ]',
    ],
    [
      'a tuple that may be longer',
      { type: 'array', prefixItems: [{ type: 'number' }], items: { type: 'string' } },
      '(number | string)[]',
    ],
    ['an object of anything', { type: 'object' }, 'Record<string, unknown>'],
    ['an object of nothing', { type: 'object', additionalProperties: false }, 'Record<string, never>'],
    ['a map', { type: 'object', additionalProperties: { type: 'number' } }, '{ [key: string]: number; }'],
    [
      'properties and others of another type',
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'number' } },
      '{ a?: string; } & { [key: string]: unknown; }',
    ],
    ['properties without a type', { properties: { a: { type: 'string' } }, required: ['a'] }, '{ a: string; }'],
    ['a required property of which nothing is said', { type: 'object', required: ['a'] }, '{ a: unknown; }'],
    ['a reference', { $ref: '#/$defs/Pet' }, 'Pet'],
    ['a reference and a comment', { $ref: '#/$defs/Pet', description: 'A pet.' }, 'Pet'],
    ['a reference and what is required of it', { $ref: '#/$defs/Pet', required: ['name'] }, 'Pet & { name: unknown; }'],
    ['a list of references', { type: 'array', items: { $ref: '#/$defs/Pet' } }, 'Pet[]'],
    ['a reference that leads nowhere', { $ref: '#/$defs/Gone' }, 'unknown'],
    [
      'alternatives beside properties',
      { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      '{ a?: string; } & ({ a: unknown; } | { b: unknown; })',
    ],
    ['one of several', { oneOf: [{ type: 'string' }, { $ref: '#/$defs/Pet' }] }, 'string | Pet'],
    ['an alternative that is anything', { anyOf: [{ type: 'string' }, { description: 'Or else.' }] }, 'unknown'],
    ['all of several', { allOf: [{ $ref: '#/$defs/Pet' }, { properties: { b: true } }] }, 'Pet & { b?: unknown; }'],
    ['all of one', { allOf: [{ $ref: '#/$defs/Pet' }] }, 'Pet'],
    [
      'an optional property that every object inherits',
      { properties: { toString: { type: 'string' } } },
      '{ toString?: unknown; }',
    ],
    [
      'names that are no identifiers',
      { properties: { 'a-b': true, '1': true, __proto__x: true, 'é"\u2028': true } },
      '{ 1?: unknown; "a-b"?: unknown; __proto__x?: unknown; "\\u00E9\\"\\u2028"?: unknown; }',
    ],
  ];
  for (const [name, schema, want] of CASES) {
    it(`that is ${name} is ${want}`, () => {
      assert.equal(typeIn(source([json(schema)], DEFINITIONS), 'XAnswer'), want);
    });
  }

  it('compiles where schemas lead back to themselves', () => {
    const text = source([json({ $ref: '#/$defs/Tree' })], DEFINITIONS);
    assert.equal(typeIn(text, 'Tree'), '(Tree | string)[]');
    assert.equal(typeIn(text, 'Pet'), '{ name?: string; mother?: Pet; }');
    assert.deepEqual(typeErrors({ 'types.ts': text }), []);
  }).timeout(60_000);

  it('has the comment of its schema, in which nothing is a tag but what the schema says', () => {
    const text = source([
      json({
        type: 'object',
        properties: {
          a: { type: 'string', description: 'First.\n@deprecated */ x', default: '\n@internal', format: 'date' },
          b: { type: 'string', deprecated: true },
        },
      }),
    ]);
    assert.match(text, /\* Format: date\n/);
    assert.match(text, /@description First\.\n +\* +\\@deprecated \*\\\/ x\n/);
    assert.match(text, /@default "\\n@internal"\n/);
    assert.match(text, /\/\*\* @deprecated \*\/\n +b\?: string;/);
  });
});

describe('the type of an answer', () => {
  const TEXT: JsonSchema = { type: 'string' };
  const CASES: [name: string, responses: readonly ResponseDescriptor[], want: string, method?: string][] = [
    ['no response', [], 'unknown'],
    ['a failure alone', [{ status: '404' }], 'unknown'],
    ['JSON', [json(TEXT)], 'string'],
    ['JSON without a schema', [{ status: '200', contentType: 'application/json' }], 'unknown'],
    ['a class of statuses', [{ ...json(TEXT), status: '2XX' }], 'string'],
    ['two successes', [json(TEXT), { ...json({ type: 'number' }), status: '202' }], 'string | number'],
    ['a success and nothing', [json(TEXT), { status: '204' }], 'string | null'],
    ['nothing', [{ status: '204', description: 'Done' }], 'null'],
    ['a success of which nothing is said', [{ status: '200' }, { status: '204' }], 'unknown'],
    ['the default', [{ ...json(TEXT), status: 'default' }], 'string'],
    ['a success and the default', [json(TEXT), { ...json({ type: 'number' }), status: 'default' }], 'string'],
    ['text', [{ status: '200', contentType: 'text/csv', schema: { type: 'object' } }], 'string'],
    ['XML', [{ status: '200', contentType: 'application/atom+xml', schema: { type: 'object' } }], 'string'],
    ['an image', [{ status: '200', contentType: 'image/png', schema: TEXT }], 'Uint8Array'],
    ['an unknown type', [{ status: '200', contentType: 'application/x-bibtex', schema: TEXT }], 'Uint8Array'],
    ['any type', [{ status: '200', contentType: '*/*', schema: { type: 'number' } }], 'number'],
    ['an image or JSON', [json(TEXT), { status: '201', contentType: 'image/png' }], 'string | Uint8Array'],
    ['a HEAD request', [json(TEXT)], 'null', 'HEAD'],
  ];
  for (const [name, responses, want, method] of CASES) {
    it(`to ${name} is ${want}`, () => assert.equal(typeIn(source(responses, {}, method), 'XAnswer'), want));
  }
});
