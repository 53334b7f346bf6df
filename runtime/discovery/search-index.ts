/**
 * Full-text search over the catalogue: an inverted index in memory, ranked by BM25F (Robertson and Zaragoza, "The
 * Probabilistic Relevance Framework", section 3.6): a term's weighted occurrences in all fields are summed before they
 * saturate. A term that the catalogue does not know is matched as the beginning of longer ones.
 *
 * The index of a catalogue that follows another one shares the earlier postings: rows that are gone are passed over, and
 * those of providers that changed have postings of their own. What it finds, and with which score, is the same as if it
 * had been made from nothing. What it does not do: filter, sort by anything but relevance, or page.
 */

import type { CatalogueEntry, CatalogueProvider } from '../../generated/contract.js';
import type { Section } from '../catalogue/catalogue.js';
import { inSlices } from '../in-slices.js';
import { indexRows, type IndexedRow, type Postings } from './postings.js';
import { tokenize } from './tokenize.js';

const K1 = 1.2;
const B = 0.6;
/** A known prefix counts less than the word itself. */
const PREFIX_DISCOUNT = 0.6;
const MOST_PREFIX_TERMS = 32;
/** Scores that differ by less than a step count as equal. With the places they are whole numbers below 2^53. */
const SCORE_STEPS = 2 ** 16;
const PLACES = 2 ** 24;
/** More than a row can come to whose texts have the lengths that the generator gives them. */
const MOST_SCORE = 2 ** 12;

export interface Hit {
  readonly index: number;
  readonly score: number;
}

/** What there is to search: a catalogue. */
export interface Searchable {
  readonly entries: { readonly length: number; at(place: number): CatalogueEntry | undefined };
  readonly providers: ReadonlyMap<string, CatalogueProvider>;
  readonly sections: ReadonlyMap<string, Section>;
}

/** Postings whose rows stand elsewhere, or nowhere, in the catalogue. */
interface Part {
  readonly postings: Postings;
  /** The place among the catalogue's entries of each row; -1 where it is gone. */
  readonly places: Int32Array;
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
  readonly #scores: Float64Array;
  readonly #averageLength: number;

  private constructor(
    private readonly size: number,
    private readonly base: Base,
    private readonly parts: readonly Part[],
  ) {
    this.#scores = new Float64Array(size);
    let total = 0;
    for (const { postings, places } of parts) {
      for (const [row, place] of places.entries()) if (place >= 0) total += postings.lengths[row]!;
    }
    this.#averageLength = total === 0 ? 1 : total / size;
  }

  /** The index of a catalogue, made a few milliseconds at a time. */
  static async build(catalogue: Searchable, { earlier, postings: made }: BuildOptions = {}): Promise<SearchIndex> {
    const { entries, sections } = catalogue;
    const changed = [...sections.values()].filter((section) => !isSame(section, earlier?.base.sections));
    const changedRows = changed.reduce((sum, { start, end }) => sum + end - start, 0);
    if (earlier === undefined || changedRows > entries.length / 2) {
      const postings = made ?? (await inSlices(indexRows(rowsOf(catalogue, sections.values()), entries.length)));
      const places = Int32Array.from({ length: entries.length }, (_, place) => place);
      return new SearchIndex(entries.length, { postings, sections }, [{ postings, places }]);
    }
    const { base } = earlier;
    const kept = { postings: base.postings, places: new Int32Array(base.postings.lengths.length).fill(-1) };
    for (const before of base.sections.values()) {
      const now = sections.get(before.provider);
      if (now === undefined || !isSame(now, base.sections)) continue;
      for (let row = before.start; row < before.end; row++) kept.places[row] = row - before.start + now.start;
    }
    const postings = await inSlices(indexRows(rowsOf(catalogue, changed), changedRows));
    const places = Int32Array.from(changed.flatMap(({ start, end }) => numbers(start, end)));
    return new SearchIndex(entries.length, base, [kept, { postings, places }]);
  }

  /**
   * Entries that match any term of the query, the best first; equal scores keep the catalogue's order.
   * @param leastShare of the best score that a hit must have.
   */
  search(query: string, leastShare = 0): Hit[] {
    const places: number[] = [];
    for (const term of new Set(tokenize(query))) {
      const known = this.#known(term);
      if (known > 0) this.#score(term, known, 1, places);
      else
        for (const longer of this.#startingWith(term))
          this.#score(longer, this.#known(longer), PREFIX_DISCOUNT, places);
    }
    let best = 0;
    for (const place of places) best = Math.max(best, this.#scores[place]!);
    // A score and a place as one number: tens of thousands of those are sorted in the time of a few objects.
    const keys = new Float64Array(places.length);
    let count = 0;
    for (const place of places) {
      const score = this.#scores[place]!;
      this.#scores[place] = 0;
      if (score < leastShare * best) continue;
      keys[count++] = Math.round(Math.min(score, MOST_SCORE) * SCORE_STEPS) * PLACES + (PLACES - 1 - place);
    }
    const sorted = keys.subarray(0, count).sort();
    return Array.from(sorted, (_, i) => {
      const key = sorted[count - 1 - i]!;
      return { index: PLACES - 1 - (key % PLACES), score: Math.floor(key / PLACES) / SCORE_STEPS };
    });
  }

  /** The postings that were made of the whole catalogue, or of an earlier one. */
  get postings(): Postings {
    return this.base.postings;
  }

  /** How many entries have the term. */
  #known(term: string): number {
    let count = 0;
    for (const { postings, places } of this.parts) {
      const [start, end] = rangeOf(postings, term);
      for (let i = start; i < end; i++) if (places[postings.rows[i]!]! >= 0) count++;
    }
    return count;
  }

  /** Adds to the scores what the term is worth; `found` gains the places that had no score yet. */
  #score(term: string, known: number, discount: number, found: number[]): void {
    const rarity = Math.log(1 + (this.size - known + 0.5) / (known + 0.5));
    for (const { postings, places } of this.parts) {
      const [start, end] = rangeOf(postings, term);
      for (let i = start; i < end; i++) {
        const row = postings.rows[i]!;
        const place = places[row]!;
        if (place < 0) continue;
        const frequency = postings.weights[i]! / 10;
        const norm = K1 * (1 - B + (B * postings.lengths[row]!) / this.#averageLength);
        if (this.#scores[place] === 0) found.push(place);
        this.#scores[place]! += (discount * rarity * frequency * (K1 + 1)) / (frequency + norm);
      }
    }
  }

  /** The first terms that begin so, of those that any entry has. */
  #startingWith(prefix: string): readonly string[] {
    if (prefix.length < 3) return [];
    const terms = new Set<string>();
    for (const { postings } of this.parts) {
      let found = 0;
      for (let i = firstAtLeast(postings.terms, prefix); found < MOST_PREFIX_TERMS; i++) {
        const term = postings.terms[i];
        if (term?.startsWith(prefix) !== true) break;
        if (this.#known(term) === 0) continue;
        terms.add(term);
        found++;
      }
    }
    return [...terms].sort().slice(0, MOST_PREFIX_TERMS);
  }
}

/** Where the postings of a term are; an empty range where there are none. */
function rangeOf({ terms, offsets }: Postings, term: string): readonly [start: number, end: number] {
  const at = firstAtLeast(terms, term);
  return terms[at] === term ? [offsets[at]!, offsets[at + 1]!] : [0, 0];
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

function numbers(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
