import assert from 'node:assert/strict';
import type { SecurityAlternative } from '../../../generator/contract.js';
import { endpointDescriptor } from '../../../generator/emit/provider-file.js';
import { catalogueEntries } from '../../../generator/index/catalogue-entries.js';
import { securityNeeds } from '../../../generator/index/security-needs.js';
import type { NormalizedOperation } from '../../../generator/normalize/normalized-document.js';
import { anOperation } from '../an-operation.js';

function entry(overrides: Partial<NormalizedOperation>, definitions = {}) {
  const priced = { ...anOperation(overrides), price: { model: 'free' } as const, charge: { on: ['2xx'] } };
  const [row] = catalogueEntries([endpointDescriptor('pets', priced)], definitions);
  assert.ok(row);
  return row;
}

const body = { argument: 'body', required: true, contentType: 'application/json', encoding: 'json' } as const;

describe('a row of the index', () => {
  it('has what browse shows, in the order of the contract', () => {
    assert.equal(
      JSON.stringify(entry({ deprecated: true })),
      '{"id":"pets/list-pets","title":"List pets","summary":"Lists the pets.","method":"GET","path":"/pets",' +
        '"price":{"model":"free"},"tags":["pets"],"words":[],"text":"Lists the pets of the shop.","deprecated":true}',
    );
  });

  it('says which of the needs of its provider it has, without regard to scopes', () => {
    const security: (readonly SecurityAlternative[])[] = [
      [{ key: [] }],
      [],
      [{ oauth: ['read'] }, {}],
      [{ key: ['unused'] }],
      [{ oauth: ['write'] }, {}],
    ];
    const endpoints = security.map((each) =>
      endpointDescriptor('pets', {
        ...anOperation({ security: each }),
        price: { model: 'free' },
        charge: { on: ['2xx'] },
      }),
    );
    assert.deepEqual(
      catalogueEntries(endpoints, {}).map(({ needs }) => needs),
      [0, undefined, 1, 0, 1],
    );
    assert.deepEqual(securityNeeds(endpoints).needs, [[{ key: [] }], [{ oauth: [] }, {}]]);
  });

  it("has the names of arguments and of the body's properties, each once, behind references and compositions", () => {
    const row = entry(
      {
        arguments: {
          type: 'object',
          properties: { id: {}, body: { allOf: [{ $ref: '#/$defs/Pet' }, { properties: { colour: {}, id: {} } }] } },
        },
        body,
      },
      { Pet: { properties: { name: {}, mother: { $ref: '#/$defs/Pet' } }, oneOf: [{ $ref: '#/$defs/Pet' }] } },
    );
    assert.deepEqual(row.words, ['id', 'name', 'mother', 'colour']);
  });

  it('has at most forty words', () => {
    const properties = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`p${String(index)}`, {}]));
    const row = entry({ arguments: { type: 'object', properties } });
    assert.equal(row.words.length, 40);
    assert.equal(row.words[39], 'p39');
  });

  it('has the first 400 characters of the description, and no half of one', () => {
    assert.equal(entry({ description: 'x'.repeat(500) }).text, 'x'.repeat(400));
    assert.equal(entry({ description: `${'x'.repeat(399)}😀` }).text, 'x'.repeat(399));
  });
});
