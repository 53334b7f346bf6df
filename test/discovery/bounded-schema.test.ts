import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { JsonSchema } from '../../generated/contract.js';
import { boundedSchema } from '../../runtime/discovery/bounded-schema.js';

const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
const CUT = { description: 'left out here: the whole schema is too large to show' };
const LARGE = { type: 'object', description: 'x'.repeat(1_000) };

describe('a bounded schema', () => {
  it('is whole where it fits', () => {
    const definitions = { A: { type: 'string' } };
    assert.deepEqual(boundedSchema(ref('A'), definitions, 1_000), { ...ref('A'), $defs: definitions });
  });

  it('keeps what is near the root and cuts off what does not fit', () => {
    const definitions = { Near: { properties: { far: ref('Far') } }, Far: LARGE };
    assert.deepEqual(boundedSchema(ref('Near'), definitions, 500), {
      ...ref('Near'),
      $defs: { Far: CUT, Near: definitions.Near },
    });
  });

  it('keeps a small one beside a large one', () => {
    const definitions = { Large: LARGE, Small: { type: 'string' } };
    const schema = { anyOf: [ref('Large'), ref('Small')] };
    assert.deepEqual(boundedSchema(schema, definitions, 500), {
      ...schema,
      $defs: { Large: CUT, Small: { type: 'string' } },
    });
  });

  it('is cut off whole where the root itself is too large, or refers to too much', () => {
    assert.deepEqual(boundedSchema(LARGE, {}, 500), CUT);
    const names = Array.from({ length: 1_000 }, (_, index) => `D${index}`);
    const definitions = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
    assert.deepEqual(boundedSchema({ anyOf: names.map(ref) }, definitions, 16_000), CUT);
  });

  it('is never larger than allowed, and every reference in it leads somewhere', () => {
    const names = ['A', 'B', 'C', 'D', 'E'];
    const definition = fc.record({
      description: fc.string({ maxLength: 200 }),
      anyOf: fc.array(fc.constantFrom(...names).map(ref), { maxLength: 4 }),
    });
    const definitions = fc.tuple(...names.map(() => definition));
    fc.assert(
      fc.property(definition, definitions, fc.integer({ min: 100, max: 2_000 }), (schema, given, most) => {
        const shared = Object.fromEntries(names.map((name, index) => [name, given[index] as JsonSchema]));
        const bounded = boundedSchema(schema, shared, most);
        const text = JSON.stringify(bounded);
        assert.ok(text.length <= most, `${text.length} of ${most}`);
        const kept = (bounded as { $defs?: object }).$defs ?? {};
        for (const [, name] of text.matchAll(/#\/\$defs\/(\w)"/g)) assert.ok(name! in kept, name);
      }),
    );
  });
});
