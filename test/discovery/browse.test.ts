import assert from 'node:assert/strict';
import { join } from 'node:path';

import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { browse, type BrowseRequest, type RemedyOf, type Reputation } from '../../runtime/discovery/browse.js';
import { MaxCharges } from '../../runtime/discovery/max-charges.js';
import { SearchIndex } from '../../runtime/discovery/search-index.js';
import { GatewayError } from '../../runtime/gateway-error.js';
import { inSlices } from '../../runtime/in-slices.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { parseUsdc } from '../../runtime/ledger/micro-usdc.js';
import { forgeCatalogue, writeCatalogue } from '../catalogue/a-catalogue.js';

const remedyOf: RemedyOf = ({ id, access }, need) =>
  id === 'github' ? `set ${JSON.stringify(access!.needs[need])}` : undefined;

const UNKNOWN: Reputation = { observed: () => undefined, rating: () => undefined };

describe('browsing', () => {
  let catalogue: Catalogue;
  let index: SearchIndex;
  let charges: MaxCharges;
  before(async () => {
    catalogue = await Catalogue.open(join(PACKAGE_ROOT, 'generated'));
    index = await SearchIndex.build(catalogue);
    charges = await inSlices(MaxCharges.of(catalogue.entries));
  });

  const look = (request: BrowseRequest, reputation: Reputation = UNKNOWN) =>
    browse(catalogue, { index, charges }, reputation, request, remedyOf);
  const ids = (request: BrowseRequest, reputation?: Reputation) =>
    look(request, reputation).items.map((item) => item.endpoint);

  /** Every page from the first to the last. */
  function pages(request: BrowseRequest): readonly (readonly string[])[] {
    const all: (readonly string[])[] = [];
    for (let cursor: string | undefined; ;) {
      const page = look({ ...request, cursor });
      all.push(page.items.map((item) => item.endpoint));
      if (page.nextCursor === undefined) return all;
      cursor = page.nextCursor;
    }
  }

  it('shows of an endpoint what helps to choose', () => {
    const [item] = look({ query: 'weather forecast by coordinates', provider: 'open-meteo', limit: 1 }).items;
    const entry = [...catalogue.entries].find(({ id }) => id === 'open-meteo/get-forecast')!;
    assert.deepEqual(Object.keys(item!), ['endpoint', 'title', 'summary', 'provider', 'method', 'price']);
    assert.deepEqual(
      [item!.endpoint, item!.title, item!.provider, item!.method, item!.price.currency],
      [entry.id, entry.title, catalogue.providers.get('open-meteo')!.title, 'GET', 'USDC'],
    );
    assert.match(item!.price.max_charge, /^\d+\.\d{6}$/);
  });

  it('says of an endpoint that lacks a credential what the operator has to do, and of no other', () => {
    const remedies = (provider: string) => new Set(look({ provider }).items.map(({ unavailable }) => unavailable));
    assert.deepEqual(remedies('github'), new Set(['set [{"bearer":[]},{}]', 'set [{"bearer":[]}]']));
    assert.deepEqual(remedies('nasa'), new Set([undefined]));
    assert.deepEqual(remedies('open-meteo'), new Set([undefined]));
  });

  it('lists everything without a query, ten at a time', () => {
    const page = look({});
    assert.equal(page.total, catalogue.entries.length);
    assert.equal(page.items.length, 10);
    assert.notEqual(page.nextCursor, undefined);
    assert.equal(look({ query: '  ' }).total, catalogue.entries.length);
  });

  for (const limit of [1, 7, 50]) {
    it(`pages through everything, ${limit} at a time, without a gap or a repetition`, () => {
      const all = pages({ limit });
      assert.deepEqual(
        all.flat(),
        [...catalogue.entries].map((entry) => entry.id),
      );
      assert.ok(all.slice(0, -1).every((page) => page.length === limit));
    });
  }

  it('pages through a query and a sort alike', () => {
    const request: BrowseRequest = { query: 'search', sort: 'price', limit: 3 };
    const all = pages(request).flat();
    assert.equal(new Set(all).size, look(request).total);
    assert.equal(all.length, look(request).total);
  });

  it('takes the title that an item shows for its provider, in any case', () => {
    const page = look({ provider: 'open-meteo' });
    const { title } = catalogue.providers.get('open-meteo')!;
    assert.deepEqual(look({ provider: title.toUpperCase() }), page);
    const next = look({ provider: title, limit: 1, cursor: look({ provider: 'open-meteo', limit: 1 }).nextCursor });
    assert.equal(next.items[0]!.endpoint, page.items[1]!.endpoint);
  });

  it('refuses a title of several providers, and says which have it', async () => {
    const onDisk = writeCatalogue(['one', 'two']);
    try {
      const twins = await Catalogue.open(onDisk.dir);
      assert.throws(() => browse(twins, {}, UNKNOWN, { provider: 'ONE' }, remedyOf), {
        message: 'there are 2 providers titled "ONE"',
        remedy: 'providers are: one, two',
      });
    } finally {
      onDisk.remove();
    }
  });

  it('says of an endpoint that is deprecated that it is, and of no other', async () => {
    const onDisk = writeCatalogue(['one', 'two']);
    try {
      forgeCatalogue(onDisk, (text) => text.replace('"id":"two/get",', '"id":"two/get","deprecated":true,'));
      const { items } = browse(await Catalogue.open(onDisk.dir), {}, UNKNOWN, {}, remedyOf);
      assert.deepEqual(
        items.map(({ endpoint, deprecated }) => [endpoint, deprecated]),
        [
          ['one/get', undefined],
          ['two/get', true],
        ],
      );
    } finally {
      onDisk.remove();
    }
  });

  it('filters by provider', () => {
    const found = pages({ provider: 'github', limit: 50 }).flat();
    assert.equal(found.length, catalogue.providers.get('github')!.endpoints);
    assert.ok(found.every((id) => id.startsWith('github/')));
  });

  it('filters by category', () => {
    const found = pages({ category: 'finance', limit: 50 }).flat();
    const providers = new Set(found.map((id) => id.slice(0, id.indexOf('/'))));
    const want = [...catalogue.providers.values()].filter((item) => item.categories.includes('finance'));
    assert.deepEqual([...providers].sort(), want.map((item) => item.id).sort());
  });

  it('filters by what a call can cost at most', () => {
    const found = pages({ maxPrice: '0.000500', limit: 50 }).flat();
    const prices = look({ maxPrice: '0.0005', limit: 50 }).items.map((item) => parseUsdc(item.price.max_charge));
    assert.ok(prices.every((price) => price <= 500n));
    assert.ok(found.length > 0 && found.length < catalogue.entries.length);
    assert.ok(pages({ maxPrice: '0', limit: 50 }).flat().length < found.length);
  });

  it('joins filters by and', () => {
    assert.equal(look({ provider: 'github', category: 'weather' }).total, 0);
  });

  it('leaves out what matches a query by chance only', () => {
    const all = index.search('list the tracks of an album').total;
    const { total } = look({ query: 'list the tracks of an album' });
    assert.ok(total > 0 && total < all, `${total} of ${all}`);
  });

  it('finds nothing by words that nobody uses', () => {
    const { total, items } = look({ query: 'qzxqzx' });
    assert.deepEqual([total, items], [0, []]);
  });

  it('says where nothing matches what to ask for instead, and which categories there are', () => {
    for (const query of ['qzxqzx', 'who wrote Dune?', 'what is it']) {
      assert.equal(
        look({ query }).hint,
        'no endpoint is found by a word of this query: say what an API should give or do, such as "weather forecast", or ' +
          'browse a category without a query; categories are: ai, art, books, calendar, currency, developer-tools, ' +
          'finance, geography, government, knowledge, media, messaging, music, news, payments, productivity, science, ' +
          'search, shopping, space, testing, weather',
        query,
      );
    }
    assert.equal(look({ query: 'weather' }).hint, undefined);
  });

  const NARROW: readonly (readonly [name: string, request: BrowseRequest, hint: RegExp])[] = [
    [
      'a filter',
      { query: 'asteroids', provider: 'github' },
      /^\d+ endpoints match without provider: leave it out, or change it$/,
    ],
    [
      'filters together',
      { query: 'earthquakes', category: 'music', maxPrice: '0.01' },
      /^\d+ endpoints match without category and max_price: leave one of them out, or change it$/,
    ],
    [
      'filters without a query',
      { provider: 'github', category: 'weather' },
      /^\d+ endpoints match without category and provider: leave one of them out, or change it$/,
    ],
  ];
  for (const [name, request, hint] of NARROW) {
    it(`says where ${name} let nothing through how much there is without`, () => {
      const page = look(request);
      assert.deepEqual([page.total, page.items], [0, []]);
      assert.match(page.hint!, hint);
    });
  }

  it('says of a catalogue without endpoints that it has none', async () => {
    const onDisk = writeCatalogue([]);
    try {
      const empty = await Catalogue.open(onDisk.dir);
      const page = browse(empty, {}, UNKNOWN, {}, remedyOf);
      assert.deepEqual(page, {
        total: 0,
        items: [],
        hint: 'the catalogue has no endpoints yet: its operator adds them',
      });
    } finally {
      onDisk.remove();
    }
  });

  it('sorts by price, the cheapest first', () => {
    const prices = look({ query: 'search', sort: 'price', limit: 50 }).items.map((item) =>
      parseUsdc(item.price.max_charge),
    );
    assert.deepEqual(
      prices,
      [...prices].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    );
    assert.ok(new Set(prices).size > 1);
  });

  const REPUTATION: Reputation = {
    observed: (endpoint) =>
      ({
        'github/search-repos': { calls: 5, successRate: 1, p50Ms: 90, p95Ms: 100 },
        'github/search-users': { calls: 9, successRate: 1, p50Ms: 200, p95Ms: 300 },
      })[endpoint],
    rating: (seller) => ({ github: { average: 4.5, count: 2 }, spotify: { average: 3, count: 9 } })[seller],
  };
  const SORTS: readonly (readonly [sort: BrowseRequest['sort'], want: readonly string[]])[] = [
    ['popularity', ['github/search-users', 'github/search-repos']],
    ['latency', ['github/search-repos', 'github/search-users']],
  ];
  for (const [sort, want] of SORTS) {
    it(`sorts by ${sort}, what nothing is known of last`, () => {
      assert.deepEqual(ids({ query: 'search', sort, limit: 2 }, REPUTATION), want);
    });
  }

  it('sorts by rating of the seller, and shows it', () => {
    const { items } = look({ query: 'search', sort: 'rating', limit: 50 }, REPUTATION);
    const sellers = [...new Set(items.map((item) => item.provider))];
    assert.deepEqual(sellers.slice(0, 2), ['GitHub', 'Spotify']);
    assert.deepEqual(items[0]!.rating, { average: 4.5, count: 2 });
  });

  it('keeps the order of relevance among equals', () => {
    const relevant = ids({ query: 'search repositories', provider: 'github', limit: 50 });
    assert.deepEqual(ids({ query: 'search repositories', provider: 'github', sort: 'rating', limit: 50 }), relevant);
  });

  const REFUSED: readonly (readonly [name: string, request: BrowseRequest, message: RegExp, remedy: RegExp])[] = [
    ['an unknown provider', { provider: 'gitub' }, /^there is no provider "gitub"$/, /^providers are: artic, arxiv/],
    ['a name of every object', { provider: '__proto__' }, /^there is no provider "__proto__"$/, /^providers are:/],
    ['an unknown category', { category: 'pets' }, /^there is no category "pets"$/, /^categories are: ai, art/],
    ['a price that is none', { maxPrice: '1e3' }, /^max_price: "1e3" is not an amount/, /like "0.01"/],
    ['a cursor of nothing', { cursor: 'AAAA' }, /^cursor "AAAA" is not of this query$/, /same query, filters and sort/],
    ['an empty cursor', { cursor: '' }, /^cursor "" is not of this query$/, /without a cursor/],
  ];
  for (const [name, request, message, remedy] of REFUSED) {
    it(`refuses ${name}, and says what there is`, () => {
      assert.throws(
        () => look(request),
        (error: unknown) => {
          assert.ok(error instanceof GatewayError);
          assert.equal(error.code, 'INVALID_REQUEST');
          assert.match(error.message, message);
          assert.match(error.remedy, remedy);
          return true;
        },
      );
    });
  }

  it("refuses another query's cursor, and a cursor that was changed", () => {
    const cursor = look({ query: 'search' }).nextCursor!;
    assert.equal(look({ query: 'search', cursor, limit: 50 }).items.length, 50);
    const others: readonly BrowseRequest[] = [
      { query: 'list' },
      { query: 'search', sort: 'price' },
      { query: 'search', provider: 'github' },
      { query: 'search', category: 'finance' },
      { query: 'search', maxPrice: '1' },
    ];
    for (const request of others) assert.throws(() => look({ ...request, cursor }), /is not of this query/);
    const moved = Buffer.from(Buffer.from(cursor, 'base64url').toString().replace(/^\d+/, '-1')).toString('base64url');
    assert.throws(() => look({ query: 'search', cursor: moved }), /is not of this query/);
  });

  it('refuses the cursor of another catalogue, whose list may be another', () => {
    const cursor = look({ query: 'search' }).nextCursor!;
    const next = Object.create(catalogue, { digest: { value: 'ab'.repeat(32) } }) as Catalogue;
    const request = { query: 'search', cursor };
    assert.throws(() => browse(next, { index, charges }, UNKNOWN, request, remedyOf), /is not of this query/);
  });

  it('ends a page beyond the last with nothing', () => {
    const cursor = look({ query: 'search' }).nextCursor!;
    const far = Buffer.from(Buffer.from(cursor, 'base64url').toString().replace(/^\d+/, '99999')).toString('base64url');
    const page = look({ query: 'search', cursor: far });
    assert.deepEqual([page.items, page.nextCursor], [[], undefined]);
  });
});
