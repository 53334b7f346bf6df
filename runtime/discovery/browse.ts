/**
 * Finds endpoints: by words, category, provider and price, in the order asked for, a page at a time. A cursor is bound
 * to its query and to the catalogue, so that a page is never cut out of another list.
 */

import { createHash } from 'node:crypto';

import type { CatalogueProvider } from '../../generated/contract.js';
import type { SellerRating } from '../account/ratings.js';
import { parseMaxPrice } from '../call/refusal.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { GatewayError } from '../gateway-error.js';
import type { Observed } from '../ledger/ledger.js';
import type { MaxCharges } from './max-charges.js';
import type { SearchIndex } from './search-index.js';
import { wirePrice, type WirePrice } from './wire-price.js';

export type BrowseSort = 'relevance' | 'price' | 'rating' | 'popularity' | 'latency';

export interface BrowseRequest {
  readonly query?: string;
  readonly category?: string;
  readonly provider?: string;
  /** USDC. */
  readonly maxPrice?: string;
  readonly sort?: BrowseSort;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface BrowseItem {
  readonly endpoint: string;
  readonly title: string;
  readonly summary: string;
  readonly provider: string;
  readonly method: string;
  readonly price: WirePrice;
  readonly rating?: SellerRating;
  readonly deprecated?: true;
  /** What the operator has to do before this endpoint can be called. */
  readonly unavailable?: string;
}

export interface BrowsePage {
  readonly total: number;
  readonly items: readonly BrowseItem[];
  readonly nextCursor?: string;
  /** Where there is nothing: what to ask instead. */
  readonly hint?: string;
}

/** What is known of endpoints and sellers beside the catalogue. */
export interface Reputation {
  readonly observed: (endpoint: string) => Observed | undefined;
  readonly rating: (seller: string) => SellerRating | undefined;
}

/** What the operator has to do for endpoints of a provider that have one of its needs; undefined where nothing. */
export type RemedyOf = (provider: CatalogueProvider, need: number) => string | undefined;

const DEFAULT_LIMIT = 10;
/** Categories that are named to whoever knows none. */
const MOST_CATEGORIES = 60;
/** A hit this far below the best one matched by chance: a common word, once. */
const LEAST_SHARE_OF_BEST = 0.2;

/** What is made of a catalogue to find things in it by. */
export interface Lookup {
  /** Needed where the request is a search. */
  readonly index?: SearchIndex | undefined;
  /** Needed where the request is about prices. */
  readonly charges?: MaxCharges | undefined;
}

/** Whether the request needs the search index. */
export function isSearch({ query }: BrowseRequest): boolean {
  return query !== undefined && query.trim() !== '';
}

/** Whether the request needs to know what each endpoint costs. */
export function isAboutPrices({ maxPrice, sort }: BrowseRequest): boolean {
  return maxPrice !== undefined || sort === 'price';
}

/**
 * @param remedyOf asked for the endpoints of the page alone.
 * @throws GatewayError INVALID_REQUEST for an unknown category or provider, a bad price, or a foreign cursor;
 *   CatalogueError where a row of the page cannot be read
 */
export function browse(
  catalogue: Catalogue,
  lookup: Lookup,
  reputation: Reputation,
  asked: BrowseRequest,
  remedyOf: RemedyOf,
): BrowsePage {
  const request = { ...asked, provider: providerId(catalogue, asked.provider) };
  checkCategory(catalogue, request);
  const binding = bindingOf(catalogue, request);
  const offset = request.cursor === undefined ? 0 : readCursor(request.cursor, binding);
  const end = offset + (request.limit ?? DEFAULT_LIMIT);
  const { total, places } = sorted(request, { catalogue, lookup, reputation }, end);
  return {
    total,
    items: places.slice(offset, end).map((place) => toItem(catalogue, reputation, remedyOf, place)),
    ...(end < total ? { nextCursor: writeCursor(end, binding) } : {}),
    ...(total === 0 ? { hint: hintFor(catalogue, lookup, request) } : {}),
  };
}

/** What to do about an answer of nothing. */
function hintFor(catalogue: Catalogue, lookup: Lookup, { query, category, provider, maxPrice }: BrowseRequest): string {
  const filters = Object.entries({ category, provider, max_price: maxPrice })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  const { total } = matching({ query }, catalogue, lookup, 0);
  if (total > 0) {
    const match = total === 1 ? '1 endpoint matches' : `${total} endpoints match`;
    const what = filters.length === 1 ? 'it' : 'one of them';
    return `${match} without ${filters.join(' and ')}: leave ${what} out, or change it`;
  }
  if (catalogue.entries.length === 0) return 'the catalogue has no endpoints yet: its operator adds them';
  const categories = categoriesOf(catalogue).slice(0, MOST_CATEGORIES).join(', ');
  return (
    'no endpoint is found by a word of this query: say what an API should give or do, such as "weather forecast", or browse ' +
    `a category without a query; categories are: ${categories}`
  );
}

interface Matching {
  readonly total: number;
  /** Of the entries that match, the first ones at least that were asked for. */
  readonly places: readonly number[];
}

/** In the order of relevance. */
function matching(request: BrowseRequest, catalogue: Catalogue, lookup: Lookup, most: number): Matching {
  const accepts = filterOf(catalogue, lookup, request);
  if (isSearch(request)) {
    const options = { leastShare: LEAST_SHARE_OF_BEST, most, accepts };
    const { total, hits } = lookup.index!.search(request.query!, options);
    return { total, places: hits.map(({ index }) => index) };
  }
  const places: number[] = [];
  for (let place = 0; place < catalogue.entries.length; place++) {
    if (accepts?.(place) !== false) places.push(place);
  }
  return { total: places.length, places };
}

/** Undefined where the request filters nothing. */
function filterOf(
  catalogue: Catalogue,
  { charges }: Lookup,
  { category, provider, maxPrice }: BrowseRequest,
): ((place: number) => boolean) | undefined {
  if (category === undefined && provider === undefined && maxPrice === undefined) return undefined;
  const { start, end } =
    provider === undefined ? { start: 0, end: catalogue.entries.length } : catalogue.sections.get(provider)!;
  const most = maxPrice === undefined ? undefined : parseMaxPrice(maxPrice);
  return (place) => {
    if (place < start || place >= end) return false;
    if (category !== undefined && !ownerOf(catalogue, place).categories.includes(category)) return false;
    return most === undefined || charges!.at(place) <= most;
  };
}

interface Sources {
  readonly catalogue: Catalogue;
  readonly lookup: Lookup;
  readonly reputation: Reputation;
}

/** Array.prototype.sort is stable: what the sort does not tell apart stays in the order of relevance. */
function sorted(request: BrowseRequest, { catalogue, lookup, reputation }: Sources, most: number): Matching {
  const by = (key: (place: number) => number): Matching => {
    const { total, places } = matching(request, catalogue, lookup, Infinity);
    const keyed = places.map((place) => ({ place, key: key(place) }));
    return { total, places: keyed.sort((a, b) => a.key - b.key).map(({ place }) => place) };
  };
  const observedAt = (place: number): Observed | undefined => reputation.observed(catalogue.entries.idAt(place));
  switch (request.sort ?? 'relevance') {
    case 'relevance':
      return matching(request, catalogue, lookup, most);
    case 'price':
      return by((place) => Number(lookup.charges!.at(place)));
    case 'rating':
      return by((place) => -(reputation.rating(ownerOf(catalogue, place).seller.id)?.average ?? 0));
    case 'popularity':
      return by((place) => -(observedAt(place)?.calls ?? 0));
    case 'latency':
      return by((place) => observedAt(place)?.p50Ms ?? Number.MAX_SAFE_INTEGER);
  }
}

function toItem(catalogue: Catalogue, reputation: Reputation, remedyOf: RemedyOf, place: number): BrowseItem {
  const entry = catalogue.entries.at(place)!;
  const provider = ownerOf(catalogue, place);
  const rating = reputation.rating(provider.seller.id);
  const unavailable = entry.needs === undefined ? undefined : remedyOf(provider, entry.needs);
  return {
    endpoint: entry.id,
    title: entry.title,
    summary: entry.summary,
    provider: provider.title,
    method: entry.method,
    price: wirePrice(entry.price),
    ...(rating === undefined ? {} : { rating }),
    ...(entry.deprecated === true ? { deprecated: true as const } : {}),
    ...(unavailable === undefined ? {} : { unavailable }),
  };
}

/** Of a provider that is named by its id, or by the title that items show, where no other has that. */
function providerId({ providers }: Catalogue, name: string | undefined): string | undefined {
  if (name === undefined || providers.has(name)) return name;
  const titled = [...providers.values()].filter(({ title }) => title.toLowerCase() === name.toLowerCase());
  if (titled.length === 1) return titled[0]!.id;
  const several = titled.length > 1;
  throw new GatewayError(
    'INVALID_REQUEST',
    several ? `there are ${titled.length} providers titled "${name}"` : `there is no provider "${name}"`,
    `providers are: ${(several ? titled.map(({ id }) => id) : [...providers.keys()]).slice(0, 40).join(', ')}`,
  );
}

function checkCategory(catalogue: Catalogue, { category }: BrowseRequest): void {
  if (category === undefined) return;
  const known = categoriesOf(catalogue);
  if (known.includes(category)) return;
  throw new GatewayError(
    'INVALID_REQUEST',
    `there is no category "${category}"`,
    `categories are: ${known.slice(0, MOST_CATEGORIES).join(', ')}`,
  );
}

function categoriesOf({ providers }: Catalogue): readonly string[] {
  return [...new Set([...providers.values()].flatMap((item) => item.categories))].sort();
}

function ownerOf(catalogue: Catalogue, place: number): CatalogueProvider {
  return catalogue.providers.get(catalogue.sectionAt(place).provider)!;
}

function bindingOf(catalogue: Catalogue, { query, category, provider, maxPrice, sort }: BrowseRequest): string {
  const text = JSON.stringify([catalogue.digest, query, category, provider, maxPrice, sort]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

function writeCursor(offset: number, binding: string): string {
  return Buffer.from(`${offset}.${binding}`).toString('base64url');
}

function readCursor(cursor: string, binding: string): number {
  const [, offset, bound] = /^(\d{1,9})\.([\w-]+)$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (offset === undefined || bound !== binding) {
    throw new GatewayError(
      'INVALID_REQUEST',
      `cursor "${cursor.slice(0, 80)}" is not of this query`,
      'send next_cursor back with the same query, filters and sort, or start again without a cursor',
    );
  }
  return Number(offset);
}
