import assert from 'node:assert/strict';
import { join } from 'node:path';

import fc from 'fast-check';

import type { CatalogueEntry, CatalogueProvider } from '../../generated/contract.js';
import { Catalogue, type Section } from '../../runtime/catalogue/catalogue.js';
import { SearchIndex, type Searchable } from '../../runtime/discovery/search-index.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { NEEDS } from './needs.js';

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

/** A catalogue of these entries, which stand in the order of their providers; the digest says what they are. */
function catalogueOf(entries: readonly CatalogueEntry[]): Searchable {
  const ids = [...new Set(entries.map(({ id }) => id.split('/')[0]!))];
  const sections = ids.map((provider): [string, Section] => {
    const own = entries.filter(({ id }) => id.startsWith(`${provider}/`));
    const start = entries.indexOf(own[0]!);
    return [provider, { provider, digest: JSON.stringify(own), start, end: start + own.length }];
  });
  const providers = ids.map((id): [string, CatalogueProvider] => [
    id,
    {
      id,
      title: id === 'a' ? 'Alpha' : id,
      summary: '',
      categories: ['weather'],
      seller: { id, name: id },
      endpoints: 1,
    },
  ]);
  return { entries, providers: new Map(providers), sections: new Map(sections) };
}

async function found(entries: readonly CatalogueEntry[], query: string): Promise<readonly string[]> {
  const index = await SearchIndex.build(catalogueOf(entries));
  return index.search(query).map((hit) => entries[hit.index]!.id.slice(2));
}

describe('the search index', () => {
  it('finds a word in any field', async () => {
    const fields: readonly Partial<CatalogueEntry>[] = [
      { title: 'tide' },
      { summary: 'tide' },
      { path: '/tide' },
      { tags: ['tide'] },
      { words: ['tideLevel'] },
      { text: 'the tide' },
    ];
    const entries = fields.map((parts, index) => entry(String(index), parts));
    assert.deepEqual([...(await found([...entries, entry('other')], 'tides'))].sort(), ['0', '1', '2', '3', '4', '5']);
  });

  it('finds all endpoints of a provider by its name and by its category', async () => {
    assert.deepEqual(await found([entry('one'), entry('two')], 'alpha'), ['one', 'two']);
    assert.deepEqual(await found([entry('one'), entry('two')], 'weather'), ['one', 'two']);
  });

  it('ranks a title above the text', async () => {
    assert.deepEqual(await found([entry('text', { text: 'tide' }), entry('title', { title: 'tide' })], 'tide'), [
      'title',
      'text',
    ]);
  });

  it('ranks what matches more of the query first', async () => {
    const entries = [entry('one', { title: 'tide' }), entry('both', { title: 'tide table' })];
    assert.deepEqual(await found(entries, 'tide table'), ['both', 'one']);
  });

  it('ranks a rare word above a common one', async () => {
    const entries = [entry('1', { title: 'list' }), entry('2', { title: 'list' }), entry('3', { title: 'quake' })];
    assert.deepEqual((await found(entries, 'list quake'))[0], '3');
  });

  it('keeps the order of the catalogue where all else is equal', async () => {
    const entries = ['c', 'a', 'b'].map((id) => entry(id, { title: 'tide' }));
    assert.deepEqual(await found(entries, 'tide'), ['c', 'a', 'b']);
  });

  it('takes a word that nobody uses for the beginning of others', async () => {
    assert.deepEqual(await found([entry('1', { title: 'earthquake' }), entry('2', { title: 'sea' })], 'earthq'), ['1']);
  });

  it('does not guess from two letters', async () => {
    assert.deepEqual(await found([entry('1', { title: 'earthquake' })], 'ea'), []);
  });

  for (const query of ['', '   ', 'the of a', '!!!', 'nothinglikethis']) {
    it(`finds nothing by "${query}"`, async () => {
      assert.deepEqual(await found([entry('1', { title: 'tide' })], query), []);
    });
  }

  it('finds nothing in an empty catalogue', async () => {
    assert.deepEqual(await found([], 'tide'), []);
  });

  describe('of a catalogue that follows another one', () => {
    const WORDS = ['tide', 'tidal', 'table', 'quake', 'sea', 'list', 'listing', 'weather', 'forecast'];
    const arbitraryEntries = fc
      .uniqueArray(
        fc.record({
          provider: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
          operation: fc.constantFrom('1', '2', '3'),
          title: fc.constantFrom(...WORDS),
          text: fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }).map((words) => words.join(' ')),
        }),
        { selector: ({ provider, operation }) => `${provider}/${operation}`, maxLength: 15 },
      )
      .map((rows) =>
        rows
          .map(({ provider, operation, title, text }) => ({
            ...entry('', { title, text }),
            id: `${provider}/${operation}` as const,
          }))
          .sort((left, right) => (left.id < right.id ? -1 : 1)),
      );

    it('finds the same with the same scores as one made from nothing, whatever came, went and changed', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(arbitraryEntries, { minLength: 2, maxLength: 4 }), async (versions) => {
          let following = await SearchIndex.build(catalogueOf([]));
          for (const entries of versions)
            following = await SearchIndex.build(catalogueOf(entries), { earlier: following });
          const fresh = await SearchIndex.build(catalogueOf(versions.at(-1)!));
          for (const query of [...WORDS, 'tid', 'lis', 'tide table', 'weather quake sea', 'nothing']) {
            assert.deepEqual(following.search(query), fresh.search(query), query);
          }
        }),
        { numRuns: 200 },
      );
    });

    it('indexes nothing again that did not change', async () => {
      const many = Array.from({ length: 20 }, (_, i) => entry(String(i).padStart(2, '0'), { title: 'tide' }));
      const first = await SearchIndex.build(catalogueOf(many));
      // Nobody reads the rows of a provider that is said to be the same.
      const unread = many.map(
        ({ id }) => new Proxy({ id } as CatalogueEntry, { get: () => assert.fail('read again') }),
      );
      const { sections, providers } = catalogueOf([...many, { ...entry('', { title: 'sea' }), id: 'b/1' }]);
      const entries = [...unread, { ...entry('', { title: 'sea' }), id: 'b/1' as const }];
      const second = await SearchIndex.build({ entries, sections, providers }, { earlier: first });
      assert.equal(second.search('tide').length, 20);
      assert.deepEqual(
        second.search('sea').map(({ index }) => index),
        [20],
      );
    });
  });

  it('is the same of postings that were kept', async () => {
    const catalogue = catalogueOf([entry('1', { title: 'quake' }), entry('2', { title: 'tide', text: 'quake' })]);
    const made = await SearchIndex.build(catalogue);
    const kept = await SearchIndex.build(catalogue, { postings: made.postings });
    assert.equal(kept.postings, made.postings);
    assert.deepEqual(kept.search('quake tide'), made.search('quake tide'));
  });

  it('leaves out what scores below a share of the best', async () => {
    const entries = [entry('1', { title: 'quake' }), entry('2', { text: 'a long text that speaks of one quake' })];
    const index = await SearchIndex.build(catalogueOf(entries));
    assert.deepEqual(
      [0, 0.9].map((share) => index.search('quake', share).length),
      [2, 1],
    );
  });

  describe('over the committed catalogue', () => {
    let catalogue: Catalogue;
    let index: SearchIndex;
    before(async () => {
      catalogue = await Catalogue.open(join(PACKAGE_ROOT, 'generated'));
      index = await SearchIndex.build(catalogue);
    });

    for (const [need, endpoint] of NEEDS) {
      it(`has ${endpoint} among the first three for "${need}"`, () => {
        const first = index.search(need).slice(0, 3);
        const ids = first.map((hit) => catalogue.entries.idAt(hit.index));
        assert.ok(ids.includes(endpoint), `found ${ids.join(', ')}`);
      });
    }
  });
});
