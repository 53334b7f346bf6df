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
  return index.search(query).hits.map((hit) => entries[hit.index]!.id.slice(2));
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

  it('ranks a word that one provider has in all its rows above one that a few rows of several have', async () => {
    const rows = ['a/1', 'b/1', 'quakes/1', 'quakes/2', 'quakes/3', 'quakes/4', 'sea/1', 'tides/1'].map((id) => ({
      ...entry('', { title: id === 'a/1' || id === 'b/1' ? 'recent' : 'list' }),
      id: id as CatalogueEntry['id'],
    }));
    const index = await SearchIndex.build(catalogueOf(rows));
    const ids = index.search('recent quakes').hits.map((hit) => rows[hit.index]!.id);
    assert.deepEqual(ids, ['quakes/1', 'quakes/2', 'quakes/3', 'quakes/4', 'a/1', 'b/1']);
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

  it('does not find by what an apostrophe joins to a word', async () => {
    const entries = [entry('1', { title: "A vendor's media type" }), entry('2', { title: 'tide' })];
    assert.deepEqual(await found(entries, "what's the tide's s"), ['2']);
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
      assert.equal(second.search('tide').total, 20);
      assert.deepEqual(
        second.search('sea').hits.map(({ index }) => index),
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
      [0, 0.9].map((leastShare) => index.search('quake', { leastShare }).total),
      [2, 1],
    );
  });

  describe('of a catalogue whose words are rare and common', () => {
    // Each word is in half as many rows as the one before.
    const WORDS = ['list', 'get', 'tide', 'quake', 'comet', 'fjord'];
    const arbitraryText = fc
      .array(fc.nat(63), { maxLength: 8 })
      .map((draws) => draws.map((draw) => WORDS[Math.min(Math.clz32(draw) - 26, WORDS.length - 1)]!).join(' '));
    const arbitraryEntries = fc
      .array(fc.record({ title: arbitraryText, text: arbitraryText }), { minLength: 1, maxLength: 60 })
      .map((rows) => rows.map((row, index) => entry(String(index).padStart(2, '0'), row)));
    const arbitraryQuery = fc
      .uniqueArray(fc.constantFrom(...WORDS, 'fjo'), { minLength: 1 })
      .map((words) => words.join(' '));
    const arbitraryShare = fc.double({ min: 0.01, max: 1, noNaN: true });

    it('leaves out the hits below a share of the best, and changes no other', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryEntries, arbitraryQuery, arbitraryShare, async (entries, query, leastShare) => {
          const index = await SearchIndex.build(catalogueOf(entries));
          const all = index.search(query).hits;
          const { total, hits } = index.search(query, { leastShare });
          // Scores are told in steps, so that close to the bound it is not known on which side one is.
          const least = leastShare * (all[0]?.score ?? 0);
          const [surely, perhaps] = [1e-4, -1e-4].map((by) => all.filter(({ score }) => score >= least + by).length);
          assert.ok(surely! <= total && total <= perhaps!, `${surely} to ${perhaps}: ${total}`);
          assert.deepEqual(hits, all.slice(0, total));
        }),
        { numRuns: 500 },
      );
    });

    it('finds of the best so many as are wanted, and counts the others', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryEntries, arbitraryQuery, fc.nat(12), async (entries, query, most) => {
          const index = await SearchIndex.build(catalogueOf(entries));
          const all = index.search(query);
          assert.deepEqual(index.search(query, { most }), { total: all.total, hits: all.hits.slice(0, most) });
        }),
        { numRuns: 200 },
      );
    });
  });

  it('counts what is accepted alone, and measures it against the best of all', async () => {
    const text = 'a long text that speaks of one quake';
    const entries = [entry('1', { title: 'quake' }), entry('2', { text }), entry('3', { text: 'quake' })];
    const index = await SearchIndex.build(catalogueOf(entries));
    const accepts = (place: number) => place !== 0;
    assert.deepEqual(
      [0, 0.5].map((leastShare) => index.search('quake', { leastShare, accepts }).hits.map((hit) => hit.index)),
      [[2, 1], [2]],
    );
  });

  it('begins each search anew', async () => {
    const index = await SearchIndex.build(catalogueOf([entry('1', { title: 'quake' }), entry('2', { title: 'tide' })]));
    const first = index.search('quake', { leastShare: 0.5, accepts: () => false });
    assert.deepEqual(first, { total: 0, hits: [] });
    assert.deepEqual(
      index.search('tide').hits.map((hit) => hit.index),
      [1],
    );
  });

  describe('over the committed catalogue', () => {
    let catalogue: Catalogue;
    let index: SearchIndex;
    before(async () => {
      catalogue = await Catalogue.open(join(PACKAGE_ROOT, 'generated'));
      index = await SearchIndex.build(catalogue);
    });

    it('puts what a query is about before how recent and near it is', () => {
      const [best] = index.search('recent earthquakes near Tokyo').hits;
      assert.equal(catalogue.sectionAt(best!.index).provider, 'usgs-earthquakes');
    });

    it('does not take a conversion for a conversation', () => {
      const ids = index.search('currency conversion').hits.map((hit) => catalogue.entries.idAt(hit.index));
      assert.deepEqual(ids.slice(0, 2), ['sandbox/convert-currency', 'coinmarketcap/get-v2-tools-priceconversion']);
      assert.ok(!ids.includes('openai/create-chat-completion'));
    });

    for (const [need, endpoint] of NEEDS) {
      it(`has ${endpoint} among the first three for "${need}"`, () => {
        const first = index.search(need).hits.slice(0, 3);
        const ids = first.map((hit) => catalogue.entries.idAt(hit.index));
        assert.ok(ids.includes(endpoint), `found ${ids.join(', ')}`);
      });
    }
  });
});
