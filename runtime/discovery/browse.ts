/**
 * Finds endpoints: by words, category, provider and price, in the order asked for, a page at a time. A cursor is bound
 * to its query and to the catalogue, so that a page is never cut out of another list.
 */

import { createHash } from 'node:crypto';

import type { CatalogueEntry, CatalogueProvider } from '../../generated/contract.js';
import { maxCharge } from '../call/price.js';
import { parseMaxPrice } from '../call/refusal.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { GatewayError } from '../gateway-error.js';
import type { Observed } from '../ledger/ledger.js';
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
  readonly rating?: Rating;
  readonly deprecated?: true;
  /** What the operator has to do before this endpoint can be called. */
  readonly unavailable?: string;
}

export interface Rating {
  /** From 1 to 5. */
  readonly average: number;
  readonly count: number;
}

export interface BrowsePage {
  readonly total: number;
  readonly items: readonly BrowseItem[];
  readonly nextCursor?: string;
}

/** What is known of endpoints and sellers beside the catalogue. */
export interface Reputation {
  readonly observed: (endpoint: string) => Observed | undefined;
  readonly rating: (seller: string) => Rating | undefined;
}

/** What the operator has to do for endpoints of a provider that have one of its needs; undefined where nothing. */
export type RemedyOf = (provider: CatalogueProvider, need: number) => string | undefined;

const DEFAULT_LIMIT = 10;
/** A hit this far below the best one matched by chance: a common word, once. */
const LEAST_SHARE_OF_BEST = 0.2;

/** Whether the request needs the search index. */
export function isSearch({ query }: BrowseRequest): boolean {
  return query !== undefined && query.trim() !== '';
}

/**
 * @param index of the catalogue; may be left out where the request is no search.
 * @param remedyOf asked for the endpoints of the page alone.
 * @throws GatewayError INVALID_REQUEST for an unknown category or provider, a bad price, or a foreign cursor
 */
export function browse(
  catalogue: Catalogue,
  index: SearchIndex | undefined,
  reputation: Reputation,
  request: BrowseRequest,
  remedyOf: RemedyOf,
): BrowsePage {
  checkNames(catalogue, request);
  const binding = bindingOf(catalogue, request);
  const offset = request.cursor === undefined ? 0 : readCursor(request.cursor, binding);
  const matching = sorted(filtered(catalogue, candidates(catalogue, index, request), request), request, {
    catalogue,
    reputation,
  });
  const end = offset + (request.limit ?? DEFAULT_LIMIT);
  return {
    total: matching.length,
    items: matching.slice(offset, end).map((entry) => toItem(catalogue, reputation, remedyOf, entry)),
    ...(end < matching.length ? { nextCursor: writeCursor(end, binding) } : {}),
  };
}

function candidates(
  catalogue: Catalogue,
  index: SearchIndex | undefined,
  request: BrowseRequest,
): readonly CatalogueEntry[] {
  if (!isSearch(request)) return catalogue.entries;
  return index!.search(request.query!, LEAST_SHARE_OF_BEST).map((hit) => catalogue.entries[hit.index]!);
}

function filtered(
  catalogue: Catalogue,
  entries: readonly CatalogueEntry[],
  request: BrowseRequest,
): readonly CatalogueEntry[] {
  const { category, provider } = request;
  const most = request.maxPrice === undefined ? undefined : parseMaxPrice(request.maxPrice);
  return entries.filter((entry) => {
    const owner = providerOf(entry);
    if (provider !== undefined && owner !== provider) return false;
    if (category !== undefined && !catalogue.providers.get(owner)!.categories.includes(category)) return false;
    return most === undefined || maxCharge(entry.price) <= most;
  });
}

/** Array.prototype.sort is stable: what the sort does not tell apart stays in the order of relevance. */
function sorted(
  entries: readonly CatalogueEntry[],
  request: BrowseRequest,
  { catalogue, reputation }: { catalogue: Catalogue; reputation: Reputation },
): readonly CatalogueEntry[] {
  const by = (key: (entry: CatalogueEntry) => number): readonly CatalogueEntry[] => {
    const keyed = entries.map((entry) => ({ entry, key: key(entry) }));
    return keyed.sort((a, b) => a.key - b.key).map(({ entry }) => entry);
  };
  switch (request.sort ?? 'relevance') {
    case 'relevance':
      return entries;
    case 'price':
      return by((entry) => Number(maxCharge(entry.price)));
    case 'rating':
      return by((entry) => -(reputation.rating(catalogue.providers.get(providerOf(entry))!.seller.id)?.average ?? 0));
    case 'popularity':
      return by((entry) => -(reputation.observed(entry.id)?.calls ?? 0));
    case 'latency':
      return by((entry) => reputation.observed(entry.id)?.p50Ms ?? Number.MAX_SAFE_INTEGER);
  }
}

function toItem(catalogue: Catalogue, reputation: Reputation, remedyOf: RemedyOf, entry: CatalogueEntry): BrowseItem {
  const provider = catalogue.providers.get(providerOf(entry))!;
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

function checkNames(catalogue: Catalogue, { provider, category }: BrowseRequest): void {
  if (provider !== undefined && !catalogue.providers.has(provider)) {
    const known = [...catalogue.providers.keys()].slice(0, 40).join(', ');
    throw new GatewayError('INVALID_REQUEST', `there is no provider "${provider}"`, `providers are: ${known}`);
  }
  if (category !== undefined) {
    const known = [...new Set([...catalogue.providers.values()].flatMap((item) => item.categories))].sort();
    if (known.includes(category)) return;
    throw new GatewayError(
      'INVALID_REQUEST',
      `there is no category "${category}"`,
      `categories are: ${known.slice(0, 60).join(', ')}`,
    );
  }
}

function providerOf(entry: CatalogueEntry): string {
  return entry.id.slice(0, entry.id.indexOf('/'));
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
