import assert from 'node:assert/strict';
import { join } from 'node:path';

import type { CatalogueEntry, CatalogueProvider } from '../../generated/contract.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { SearchIndex } from '../../runtime/discovery/search-index.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { NEEDS } from './needs.js';

const PROVIDERS = new Map<string, CatalogueProvider>([
  [
    'a',
    { id: 'a', title: 'Alpha', summary: '', categories: ['weather'], seller: { id: 'a', name: 'A' }, endpoints: 1 },
  ],
]);

function entry(id: string, parts: Partial<CatalogueEntry> = {}): CatalogueEntry {
  return {
    id: `a/${id}`,
    title: '',
    summary: '',
    method: 'GET',
    path: '/',
    price: { model: 'free' },
    tags: [],
    words: [],
    text: '',
    ...parts,
  };
}

function found(entries: readonly CatalogueEntry[], query: string): readonly string[] {
  return new SearchIndex(entries, PROVIDERS).search(query).map((hit) => entries[hit.index]!.id.slice(2));
}

describe('the search index', () => {
  it('finds a word in any field', () => {
    const fields: readonly Partial<CatalogueEntry>[] = [
      { title: 'tide' },
      { summary: 'tide' },
      { path: '/tide' },
      { tags: ['tide'] },
      { words: ['tideLevel'] },
      { text: 'the tide' },
    ];
    const entries = fields.map((parts, index) => entry(String(index), parts));
    assert.deepEqual([...found([...entries, entry('other')], 'tides')].sort(), ['0', '1', '2', '3', '4', '5']);
  });

  it('finds all endpoints of a provider by its name and by its category', () => {
    assert.deepEqual(found([entry('one'), entry('two')], 'alpha'), ['one', 'two']);
    assert.deepEqual(found([entry('one'), entry('two')], 'weather'), ['one', 'two']);
  });

  it('ranks a title above the text', () => {
    assert.deepEqual(found([entry('text', { text: 'tide' }), entry('title', { title: 'tide' })], 'tide'), [
      'title',
      'text',
    ]);
  });

  it('ranks what matches more of the query first', () => {
    const entries = [entry('one', { title: 'tide' }), entry('both', { title: 'tide table' })];
    assert.deepEqual(found(entries, 'tide table'), ['both', 'one']);
  });

  it('ranks a rare word above a common one', () => {
    const entries = [entry('1', { title: 'list' }), entry('2', { title: 'list' }), entry('3', { title: 'quake' })];
    assert.deepEqual(found(entries, 'list quake')[0], '3');
  });

  it('keeps the order of the catalogue where all else is equal', () => {
    const entries = ['c', 'a', 'b'].map((id) => entry(id, { title: 'tide' }));
    assert.deepEqual(found(entries, 'tide'), ['c', 'a', 'b']);
  });

  it('takes a word that nobody uses for the beginning of others', () => {
    assert.deepEqual(found([entry('1', { title: 'earthquake' }), entry('2', { title: 'sea' })], 'earthq'), ['1']);
  });

  it('does not guess from two letters', () => {
    assert.deepEqual(found([entry('1', { title: 'earthquake' })], 'ea'), []);
  });

  for (const query of ['', '   ', 'the of a', '!!!', 'nothinglikethis']) {
    it(`finds nothing by "${query}"`, () => {
      assert.deepEqual(found([entry('1', { title: 'tide' })], query), []);
    });
  }

  it('finds nothing in an empty catalogue', () => {
    assert.deepEqual(found([], 'tide'), []);
  });

  describe('over the committed catalogue', () => {
    let catalogue: Catalogue;
    let index: SearchIndex;
    before(async () => {
      catalogue = await Catalogue.open(join(PACKAGE_ROOT, 'generated'));
      index = new SearchIndex(catalogue.entries, catalogue.providers);
    });

    for (const [need, endpoint] of NEEDS) {
      it(`has ${endpoint} among the first three for "${need}"`, () => {
        const first = index.search(need).slice(0, 3);
        const ids = first.map((hit) => catalogue.entries[hit.index]!.id as string);
        assert.ok(ids.includes(endpoint), `found ${ids.join(', ')}`);
      });
    }
  });
});
