/**
 * Full-text search over the catalogue: an inverted index in memory, whose hits `ranking.ts` puts in order. A term that
 * the catalogue does not know is matched as the beginning of longer ones.
 *
 * The index of a catalogue that follows another one shares the earlier postings: rows that are gone are passed over, and
 * those of providers that changed have postings of their own. What it finds, and with which score, is the same as if it
 * had been made from nothing. What it does not do: sort by anything but relevance, or page.
 */

import type { CatalogueEntry, CatalogueProvider } from '../../generated/contract.js';
import type { Section } from '../catalogue/catalogue.js';
import { inSlices } from '../in-slices.js';
import { indexRows, type IndexedRow, type Postings } from './postings.js';
import { Ranking, type Hits, type Part, type QueryTerm, type RankOptions } from './ranking.js';
import { tokenize } from './tokenize.js';

/** A known prefix counts less than the word itself. */
const PREFIX_DISCOUNT = 0.6;
const MOST_PREFIX_TERMS = 32;
/**
 * How much of a term's rarity is that among the providers; the rest is that among the rows. All rows of a provider have
 * the words of its name, so that by rows alone what a query is about counts as common: where one provider has ten
 * endpoints on earthquakes, "earthquake" would be worth less than "recent", which two rows of others have.
 */
const SHARE_OF_PROVIDERS = 2 / 3;

/** What there is to search: a catalogue. */
export interface Searchable {
  readonly entries: { readonly length: number; at(place: number): CatalogueEntry | undefined };
  readonly providers: ReadonlyMap<string, CatalogueProvider>;
  readonly sections: ReadonlyMap<string, Section>;
}

/** The part that was made of a whole catalogue, with the sections that it had. */
interface Base {
  readonly postings: Postings;
  readonly sections: ReadonlyMap<string, Section>;
}

export interface BuildOptions {
  /** Of another catalogue: what did not change since is taken from it. */
  readonly earlier?: SearchIndex;
  /** Of this very catalogue, where they were made before. */
  readonly postings?: Postings;
}

export class SearchIndex {
  readonly #ranking: Ranking;
  readonly #providers: ProviderCounts;

  private constructor(
    private readonly size: number,
    sections: ReadonlyMap<string, Section>,
    private readonly base: Base,
    private readonly parts: readonly Part[],
  ) {
    this.#ranking = new Ranking(size, parts);
    this.#providers = new ProviderCounts(size, sections, parts);
  }

  /** The index of a catalogue, made a few milliseconds at a time. */
  static async build(catalogue: Searchable, { earlier, postings: made }: BuildOptions = {}): Promise<SearchIndex> {
    const { entries, sections } = catalogue;
    const changed = [...sections.values()].filter((section) => !isSame(section, earlier?.base.sections));
    const changedRows = changed.reduce((sum, { start, end }) => sum + end - start, 0);
    if (earlier === undefined || changedRows > entries.length / 2) {
      const postings = made ?? (await inSlices(indexRows(rowsOf(catalogue, sections.values()), entries.length)));
      const places = numbers(0, entries.length);
      return new SearchIndex(entries.length, sections, { postings, sections }, [{ postings, places, isWhole: true }]);
    }
    const { base } = earlier;
    const kept = {
      postings: base.postings,
      places: new Int32Array(base.postings.lengths.length).fill(-1),
      isWhole: false,
    };
    for (const before of base.sections.values()) {
      const now = sections.get(before.provider);
      if (now === undefined || !isSame(now, base.sections)) continue;
      for (let row = before.start; row < before.end; row++) kept.places[row] = row - before.start + now.start;
    }
    const postings = await inSlices(indexRows(rowsOf(catalogue, changed), changedRows));
    const places = Int32Array.from(changed.flatMap(({ start, end }) => [...numbers(start, end)]));
    return new SearchIndex(entries.length, sections, base, [kept, { postings, places, isWhole: true }]);
  }

  /** Entries that match any term of the query. */
  search(query: string, options?: RankOptions): Hits {
    const terms: QueryTerm[] = [];
    for (const term of new Set(tokenize(query))) {
      const known = this.#term(term, 1);
      if (known !== undefined) terms.push(known);
      else for (const longer of this.#startingWith(term)) terms.push(this.#term(longer, PREFIX_DISCOUNT)!);
    }
    return this.#ranking.rank(terms, options);
  }

  /** The postings that were made of the whole catalogue, or of an earlier one. */
  get postings(): Postings {
    return this.base.postings;
  }

  /** Undefined where no entry has the term. */
  #term(term: string, discount: number): QueryTerm | undefined {
    const places = this.parts.map(({ postings }) => placeOf(postings, term));
    const known = this.parts.reduce((sum, part, at) => sum + entriesWith(part, places[at]), 0);
    if (known === 0) return undefined;
    const amongProviders = rarityOf(this.#providers.having(places), this.#providers.count);
    const rarity = SHARE_OF_PROVIDERS * amongProviders + (1 - SHARE_OF_PROVIDERS) * rarityOf(known, this.size);
    return { weight: discount * rarity, places };
  }

  /** The first terms that begin so, of those that any entry has. */
  #startingWith(prefix: string): readonly string[] {
    if (prefix.length < 3) return [];
    const terms = new Set<string>();
    for (const part of this.parts) {
      let found = 0;
      for (let i = firstAtLeast(part.postings.terms, prefix); found < MOST_PREFIX_TERMS; i++) {
        const term = part.postings.terms[i];
        if (term?.startsWith(prefix) !== true) break;
        if (entriesWith(part, i) === 0) continue;
        terms.add(term);
        found++;
      }
    }
    return [...terms].sort().slice(0, MOST_PREFIX_TERMS);
  }
}

/** How many providers have a term in any of their rows, counted when it is first asked for. */
class ProviderCounts {
  /** How many providers there are. */
  readonly count: number;
  /** Of each place, which provider's it is. */
  readonly #providerAt: Uint32Array;
  /** By part and by term; 0 where nobody has asked. */
  readonly #counts: readonly Uint32Array[];

  constructor(
    size: number,
    sections: ReadonlyMap<string, Section>,
    private readonly parts: readonly Part[],
  ) {
    this.count = sections.size;
    this.#providerAt = new Uint32Array(size);
    for (const [provider, { start, end }] of [...sections.values()].entries()) {
      this.#providerAt.fill(provider, start, end);
    }
    this.#counts = parts.map(({ postings }) => new Uint32Array(postings.terms.length));
  }

  /** @param places where the term stands among the terms of each part. */
  having(places: readonly (number | undefined)[]): number {
    let sum = 0;
    for (const [at, term] of places.entries()) {
      if (term !== undefined) sum += this.#counts[at]![term] ||= this.#countIn(this.parts[at]!, term);
    }
    return sum;
  }

  /** All rows of a provider stand in one part, one after the other. */
  #countIn({ postings: { offsets, rows }, places }: Part, term: number): number {
    let count = 0;
    let last = -1;
    for (let i = offsets[term]!, end = offsets[term + 1]!; i < end; i++) {
      const place = places[rows[i]!]!;
      if (place < 0 || this.#providerAt[place] === last) continue;
      last = this.#providerAt[place]!;
      count++;
    }
    return count;
  }
}

/** The inverse document frequency of BM25. */
function rarityOf(having: number, all: number): number {
  return Math.log(1 + (all - having + 0.5) / (having + 0.5));
}

/** Where the term stands among those that there are. */
function placeOf({ terms }: Postings, term: string): number | undefined {
  const at = firstAtLeast(terms, term);
  return terms[at] === term ? at : undefined;
}

/** How many entries of the catalogue have the term. */
function entriesWith({ postings: { offsets, rows }, places, isWhole }: Part, term: number | undefined): number {
  if (term === undefined) return 0;
  const [start, end] = [offsets[term]!, offsets[term + 1]!];
  if (isWhole) return end - start;
  let count = 0;
  for (let i = start; i < end; i++) if (places[rows[i]!]! >= 0) count++;
  return count;
}

function firstAtLeast(terms: readonly string[], wanted: string): number {
  let low = 0;
  for (let high = terms.length; low < high;) {
    const middle = (low + high) >> 1;
    if (terms[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSame(section: Section, among: ReadonlyMap<string, Section> | undefined): boolean {
  const other = among?.get(section.provider);
  return (
    other !== undefined && other.digest === section.digest && other.end - other.start === section.end - section.start
  );
}

function* rowsOf({ entries, providers }: Searchable, sections: Iterable<Section>): Generator<IndexedRow> {
  for (const { provider: id, start, end } of sections) {
    const provider = providers.get(id)!;
    for (let place = start; place < end; place++) yield { entry: entries.at(place)!, provider };
  }
}

function numbers(start: number, end: number): Int32Array {
  const list = new Int32Array(end - start);
  for (let i = 0; i < list.length; i++) list[i] = start + i;
  return list;
}
