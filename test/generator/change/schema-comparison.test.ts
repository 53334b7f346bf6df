import assert from 'node:assert/strict';
import { schemaChanges, type CallSide } from '../../../generator/change/schema-changes.js';
import { SchemaComparison } from '../../../generator/change/schema-comparison.js';
import type { Definitions } from '../../../generator/change/schema-view.js';
import type { JsonSchema } from '../../../generator/contract.js';

const text = { type: 'string' };
const integer = { type: 'integer' };
const object = (properties: Definitions, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
});
const ref = (name: string) => ({ $ref: `#/$defs/${name}` });

/** `class kind place`, of each difference. */
function found(
  side: CallSide,
  before: JsonSchema,
  after: JsonSchema,
  definitions: { readonly before?: Definitions; readonly after?: Definitions } = {},
): readonly string[] {
  const comparison = new SchemaComparison(definitions.before ?? {}, definitions.after ?? {});
  return schemaChanges('pets/list', [], side, comparison.differences(before, after)).map(
    (change) => `${change.class} ${change.kind} ${change.place}`,
  );
}

type Row = readonly [
  name: string,
  before: JsonSchema,
  after: JsonSchema,
  asArguments: readonly string[],
  asAnswers: readonly string[],
];

const ROWS: readonly Row[] = [
  ['nothing', object({ a: text }), object({ a: text }), [], []],
  [
    'the order of keys, of required names and of enum values',
    { type: 'object', properties: { a: { enum: ['x', 'y'], type: 'string' }, b: text }, required: ['a', 'b'] },
    { required: ['b', 'a'], properties: { b: text, a: { type: 'string', enum: ['y', 'x'] } }, type: 'object' },
    [],
    [],
  ],
  ['integer to number', integer, { type: 'number' }, ['safe type-widened '], ['breaking type-widened ']],
  ['number to integer', { type: 'number' }, integer, ['breaking type-narrowed '], ['safe type-narrowed ']],
  ['string to integer', text, integer, ['breaking type-changed '], ['breaking type-changed ']],
  ['null allowed too', text, { type: ['string', 'null'] }, ['safe type-widened '], ['breaking type-widened ']],
  [
    'null allowed too, as an alternative',
    text,
    { anyOf: [text, { type: 'null' }] },
    ['safe type-widened '],
    ['breaking type-widened '],
  ],
  ['a type where there was none', {}, text, ['breaking type-narrowed '], ['safe type-narrowed ']],
  ['no type any more', object({ a: text }), {}, ['safe type-widened '], ['breaking type-widened ']],
  ['a type that was meant', { properties: { a: text } }, { type: 'object', properties: { a: text } }, [], []],
  ['nothing fits any more', text, false, ['breaking type-narrowed '], ['safe type-narrowed ']],
  [
    'an optional property added',
    object({}),
    object({ a: text }),
    ['safe argument-added /a'],
    ['safe answer-field-added /a'],
  ],
  [
    'a required property added',
    object({}),
    object({ a: text }, ['a']),
    ['breaking argument-required /a'],
    ['safe answer-field-added /a'],
  ],
  [
    'a property removed',
    object({ a: text }, ['a']),
    object({}),
    ['breaking argument-removed /a'],
    ['breaking answer-field-removed /a'],
  ],
  [
    'a property required now',
    object({ a: text }),
    object({ a: text }, ['a']),
    ['breaking argument-required /a'],
    ['safe answer-field-always /a'],
  ],
  [
    'a property optional now',
    object({ a: text }, ['a']),
    object({ a: text }),
    ['safe argument-optional /a'],
    ['breaking answer-field-optional /a'],
  ],
  [
    'other properties forbidden',
    object({ a: text }),
    { ...object({ a: text }), additionalProperties: false },
    ['breaking type-narrowed '],
    ['safe type-narrowed '],
  ],
  [
    'other properties allowed',
    { ...object({ a: text }), additionalProperties: false },
    object({ a: text }),
    ['safe type-widened '],
    ['safe type-widened '],
  ],
  [
    'the values of a map',
    { type: 'object', additionalProperties: integer },
    { type: 'object', additionalProperties: text },
    ['breaking type-changed /-'],
    ['breaking type-changed /-'],
  ],
  [
    'a property deep inside',
    object({ pets: { type: 'array', items: object({ 'a/b': integer }) } }),
    object({ pets: { type: 'array', items: object({ 'a/b': text }) } }),
    ['breaking type-changed /pets/-/a~1b'],
    ['breaking type-changed /pets/-/a~1b'],
  ],
  [
    'an item of a tuple',
    { type: 'array', prefixItems: [text, text] },
    { type: 'array', prefixItems: [text, integer] },
    ['breaking type-changed /1'],
    ['breaking type-changed /1'],
  ],
  [
    'enum values removed',
    { enum: ['a', 'b'] },
    { enum: ['a'] },
    ['breaking enum-value-removed '],
    ['safe enum-value-removed '],
  ],
  [
    'enum values added',
    { const: 'a' },
    { enum: ['a', 'b'] },
    ['safe enum-value-added '],
    ['breaking enum-value-added '],
  ],
  [
    'an enum where there was none',
    text,
    { type: 'string', enum: ['a'] },
    ['breaking type-narrowed '],
    ['safe type-narrowed '],
  ],
  ['no enum any more', { type: 'string', enum: ['a'] }, text, ['safe type-widened '], ['breaking type-widened ']],
  [
    'a higher minimum',
    { type: 'integer', minimum: 1 },
    { type: 'integer', minimum: 2 },
    ['breaking bound-tightened '],
    ['safe bound-tightened '],
  ],
  [
    'an exclusive limit in place of an inclusive one',
    { type: 'number', maximum: 5 },
    { type: 'number', exclusiveMaximum: 5 },
    ['breaking bound-tightened '],
    ['safe bound-tightened '],
  ],
  [
    'no maximum any more',
    { type: 'integer', maximum: 5 },
    integer,
    ['safe bound-loosened '],
    ['breaking bound-loosened '],
  ],
  [
    'fewer items, longer texts',
    { type: 'array', maxItems: 9, items: { type: 'string', maxLength: 5 } },
    { type: 'array', maxItems: 8, items: { type: 'string', maxLength: 6 } },
    ['breaking bound-tightened ', 'safe bound-loosened /-'],
    ['safe bound-tightened ', 'breaking bound-loosened /-'],
  ],
  [
    'a least length where there was none',
    text,
    { type: 'string', minLength: 1 },
    ['breaking bound-tightened '],
    ['safe bound-tightened '],
  ],
  [
    'a coarser step',
    { type: 'integer', multipleOf: 2 },
    { type: 'integer', multipleOf: 4 },
    ['breaking bound-tightened '],
    ['safe bound-tightened '],
  ],
  [
    'a step that is another',
    { type: 'integer', multipleOf: 2 },
    { type: 'integer', multipleOf: 3 },
    ['breaking format-changed '],
    ['breaking format-changed '],
  ],
  [
    'no item twice',
    { type: 'array', items: text },
    { type: 'array', items: text, uniqueItems: true },
    ['breaking bound-tightened '],
    ['safe bound-tightened '],
  ],
  ['a pattern', text, { type: 'string', pattern: '^a' }, ['breaking bound-tightened '], ['safe bound-tightened ']],
  [
    'another format',
    { type: 'string', format: 'date' },
    { type: 'string', format: 'date-time' },
    ['breaking format-changed '],
    ['breaking format-changed '],
  ],
  [
    'wider integers',
    { type: 'integer', format: 'int32' },
    { type: 'integer', format: 'int64' },
    ['safe bound-loosened '],
    ['breaking bound-loosened '],
  ],
  [
    'alternatives in another order, under the other keyword',
    { anyOf: [text, integer] },
    { oneOf: [integer, text] },
    [],
    [],
  ],
  [
    'an alternative more',
    { anyOf: [text, integer] },
    { anyOf: [text, integer, { type: 'boolean' }] },
    ['safe type-widened '],
    ['breaking type-widened '],
  ],
  [
    'an alternative less',
    { anyOf: [text, integer] },
    { anyOf: [text] },
    ['breaking type-narrowed '],
    ['safe type-narrowed '],
  ],
  [
    'an alternative that changed inside',
    { oneOf: [text, object({ a: integer })] },
    { oneOf: [object({ a: text }), text] },
    ['breaking type-changed /a'],
    ['breaking type-changed /a'],
  ],
  [
    'one alternative less where another schema applies too',
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { type: 'object', oneOf: [{ required: ['a'] }] },
    ['breaking type-narrowed '],
    ['safe type-narrowed '],
  ],
  [
    'what must not fit',
    { type: 'string', not: { maxLength: 3 } },
    { type: 'string', not: { maxLength: 4 } },
    ['breaking type-changed '],
    ['breaking type-changed '],
  ],
  [
    'a condition that is new',
    object({ a: text }),
    { ...object({ a: text }), if: { required: ['a'] }, then: { required: ['b'] } },
    ['breaking type-narrowed ', 'breaking type-narrowed '],
    ['safe type-narrowed ', 'safe type-narrowed '],
  ],
  [
    'names that depend on others',
    { ...object({ a: text }), dependentRequired: { a: ['b'] } },
    { ...object({ a: text }), dependentRequired: { a: ['c'] } },
    ['breaking type-changed '],
    ['breaking type-changed '],
  ],
  [
    'the default',
    { type: 'integer', default: 1 },
    { type: 'integer', default: 2 },
    ['safe default-changed '],
    ['safe default-changed '],
  ],
  [
    'words alone',
    { type: 'string', title: 'A', description: 'a' },
    { type: 'string', title: 'B', examples: ['b'] },
    ['safe text-changed '],
    ['safe text-changed '],
  ],
];

describe('a comparison of schemas', () => {
  for (const [name, before, after, asArguments, asAnswers] of ROWS) {
    it(`tells of ${name}`, () => {
      assert.deepEqual(found('arguments', before, after), asArguments);
      assert.deepEqual(found('answers', before, after), asAnswers);
    });
  }

  const DEFINED: readonly [
    name: string,
    before: readonly [JsonSchema, Definitions],
    after: readonly [JsonSchema, Definitions],
    want: readonly string[],
  ][] = [
    [
      'finds no change in another name of the same definition',
      [ref('Pet'), { Pet: object({ a: text }) }],
      [ref('Animal'), { Animal: object({ a: text }) }],
      [],
    ],
    [
      'finds no change in properties that moved into a shared part',
      [object({ a: text, b: text }, ['a']), {}],
      [{ allOf: [ref('Base'), { properties: { b: text } }] }, { Base: object({ a: text }, ['a']) }],
      [],
    ],
    [
      'finds no change in a definition that was written out',
      [object({ pet: ref('Pet') }), { Pet: object({ a: text }) }],
      [object({ pet: object({ a: text }) }), {}],
      [],
    ],
    [
      'takes the strictest of limits that apply together',
      [{ allOf: [{ type: 'integer', minimum: 1 }, { minimum: 3 }] }, {}],
      [{ type: 'integer', minimum: 2 }, {}],
      ['safe bound-loosened '],
    ],
    [
      'looks through definitions that are the same to one that is not',
      [ref('List'), { List: { type: 'array', items: ref('Pet') }, Pet: object({ a: integer }) }],
      [ref('List'), { List: { type: 'array', items: ref('Pet') }, Pet: object({ a: text }) }],
      ['breaking type-changed /-/a'],
    ],
    [
      'comes to an end in a definition that holds itself',
      [ref('Node'), { Node: object({ next: ref('Node'), value: integer }) }],
      [ref('Node'), { Node: object({ next: ref('Node'), value: text }) }],
      ['breaking type-changed /value'],
    ],
    [
      'comes to an end in definitions that hold one another under other names',
      [ref('A'), { A: object({ b: ref('B') }), B: object({ a: ref('A'), value: integer }) }],
      [ref('X'), { X: object({ b: ref('Y') }), Y: object({ a: ref('X'), value: text }) }],
      ['breaking type-changed /b/value'],
    ],
    [
      'comes to an end in a definition that is a part of itself',
      [ref('A'), { A: { allOf: [ref('A'), object({ value: integer })] } }],
      [ref('A'), { A: { allOf: [ref('A'), object({ value: text })] } }],
      ['breaking type-changed /value'],
    ],
    [
      'holds what is referred to from a negation for another type, whatever changed',
      [{ not: ref('A') }, { A: { type: 'string', enum: ['a'] } }],
      [{ not: ref('A') }, { A: { type: 'string', enum: ['a', 'b'] } }],
      ['breaking type-changed '],
    ],
    [
      'pairs alternatives by the name they go by',
      [{ oneOf: [ref('Cat'), ref('Dog')] }, { Cat: object({ a: text }), Dog: object({ b: integer }) }],
      [{ oneOf: [ref('Dog'), ref('Cat')] }, { Cat: object({ a: text }), Dog: object({ b: text }) }],
      ['breaking type-changed /b'],
    ],
  ];
  for (const [name, [before, beforeDefinitions], [after, afterDefinitions], want] of DEFINED) {
    it(name, () => {
      const definitions = { before: beforeDefinitions, after: afterDefinitions };
      assert.deepEqual(found('arguments', before, after, definitions), want);
    });
  }

  it('tells what was and what is, and quotes no more than a few values', () => {
    const enumOf = (count: number) => ({ enum: Array.from({ length: count }, (_, index) => `value ${String(index)}`) });
    const messages = (before: JsonSchema, after: JsonSchema) =>
      schemaChanges('e', [], 'arguments', new SchemaComparison({}, {}).differences(before, after)).map(
        (change) => change.message,
      );
    assert.deepEqual(messages({ type: ['integer', 'null'] }, { type: ['string', 'number'] }), [
      'the type is another: integer or null before, number or string now',
    ]);
    assert.deepEqual(messages({ type: 'integer', minimum: 1 }, { type: 'integer', exclusiveMinimum: 1 }), [
      'the limit is tighter: ≥ 1 before, > 1 now',
    ]);
    assert.deepEqual(messages(enumOf(8), enumOf(1)), [
      'values were removed: "value 1", "value 2", "value 3", "value 4", "value 5" and 2 more not allowed any more',
    ]);
  });

  it('compares a definition once, however many endpoints lead to it', () => {
    let reads = 0;
    const definitions = (value: JsonSchema): Definitions => ({
      get Pet() {
        reads++;
        return object({ value });
      },
    });
    const comparison = new SchemaComparison(definitions(integer), definitions(text));
    const first = comparison.differences(ref('Pet'), ref('Pet'));
    const readsOfOne = reads;
    for (let endpoint = 0; endpoint < 100; endpoint++) {
      assert.deepEqual(comparison.differences(ref('Pet'), ref('Pet')), first);
    }
    assert.equal(reads, readsOfOne);
  });

  it('gives up on more parts than anybody describes, and says so', () => {
    const chain = (end: JsonSchema): Definitions => ({
      ...Object.fromEntries(
        Array.from({ length: 10_001 }, (_, index) => [`D${String(index)}`, { not: ref(`D${String(index + 1)}`) }]),
      ),
      D10001: end,
    });
    const comparison = new SchemaComparison(chain(integer), chain(text));
    assert.deepEqual(comparison.differences(ref('D0'), ref('D0')), [
      { kind: 'type-changed', path: [], detail: 'it leads to more parts than are compared' },
    ]);
  });
});
