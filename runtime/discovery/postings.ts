/**
 * An inverted index of rows of the catalogue: for each term the rows that have it, and how much it weighs there, in
 * typed arrays, since as objects the postings of a hundred thousand rows would take hundreds of megabytes. It is made
 * once and never changes. What it does not do: rank.
 */

import type { CatalogueEntry, CatalogueProvider } from '../../generated/contract.js';
import { tokenize } from './tokenize.js';

export interface Postings {
  /** In the order of their code units. */
  readonly terms: readonly string[];
  /** The postings of the term `i` are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Uint32Array;
  /** The row of each posting; ascending within a term. */
  readonly rows: Uint32Array;
  /** The weight of each posting, in tenths. */
  readonly weights: Uint16Array;
  /** For each row the sum of its weights, in tenths. */
  readonly lengths: Uint32Array;
}

/** A row with the provider that it belongs to. */
export interface IndexedRow {
  readonly entry: CatalogueEntry;
  readonly provider: CatalogueProvider;
}

/** In tenths, by the field that a term stands in. */
const WEIGHTS = { title: 40, provider: 30, path: 25, summary: 30, tags: 20, words: 8, categories: 15, text: 7 };
const MOST_WEIGHT = 0xffff;
/** Pairs that are put in place between two turns. */
const PAIRS_AT_ONCE = 20_000;
/** No term depends on what stands beyond ASCII's punctuation, but for an apostrophe: a text can be taken apart there. */
const BETWEEN_PIECES = /[\0-&(-/:-@[-`{-\x7f]+/;

/**
 * Yields where it may be interrupted: it takes seconds for a hundred thousand rows.
 * @param count how many rows there are.
 */
export function* indexRows(rows: Iterable<IndexedRow>, count: number): Generator<void, Postings> {
  const vocabulary = new Vocabulary();
  const lengths = new Uint32Array(count);
  // What each row holds, one row after the other: pairs of a term and its weight.
  const pairs = { terms: new Uint32Array(1 << 12), weights: new Uint16Array(1 << 12), count: 0 };
  const ends = new Uint32Array(count);
  // The row at hand: weights by term, and which terms have one.
  let weightOf = new Float64Array(1 << 12);
  const present: number[] = [];
  const add = (text: string, weight: number): void => {
    for (const piece of text.split(BETWEEN_PIECES)) {
      for (const term of vocabulary.termsOf(piece)) {
        if (term >= weightOf.length) weightOf = grown(weightOf, new Float64Array(2 * weightOf.length));
        if (weightOf[term] === 0) present.push(term);
        weightOf[term]! += weight;
      }
    }
  };

  let row = 0;
  for (const { entry, provider } of rows) {
    add(provider.id, WEIGHTS.provider);
    add(provider.title, WEIGHTS.provider);
    for (const category of provider.categories) add(category, WEIGHTS.categories);
    add(entry.title, WEIGHTS.title);
    add(entry.path, WEIGHTS.path);
    add(entry.summary, WEIGHTS.summary);
    for (const tag of entry.tags) add(tag, WEIGHTS.tags);
    for (const word of entry.words) add(word, WEIGHTS.words);
    add(entry.text, WEIGHTS.text);
    if (pairs.count + present.length > pairs.terms.length) {
      const room = 2 * (pairs.count + present.length);
      pairs.terms = grown(pairs.terms, new Uint32Array(room));
      pairs.weights = grown(pairs.weights, new Uint16Array(room));
    }
    for (const term of present) {
      const weight = Math.min(weightOf[term]!, MOST_WEIGHT);
      pairs.terms[pairs.count] = term;
      pairs.weights[pairs.count++] = weight;
      lengths[row]! += weight;
      weightOf[term] = 0;
    }
    present.length = 0;
    ends[row++] = pairs.count;
    yield;
  }

  // By counting: how many rows each term has, where its postings begin, and then each posting into its place.
  const { terms, rankOf } = vocabulary.sorted();
  yield;
  const offsets = new Uint32Array(terms.length + 1);
  for (let pair = 0; pair < pairs.count; pair++) offsets[rankOf[pairs.terms[pair]!]! + 1]!++;
  for (let rank = 0; rank < terms.length; rank++) offsets[rank + 1]! += offsets[rank]!;
  yield;
  const next = offsets.slice(0, terms.length);
  const rowOf = new Uint32Array(pairs.count);
  const weights = new Uint16Array(pairs.count);
  for (let at = 0, pair = 0; at < count; at++) {
    for (; pair < ends[at]!; pair++) {
      const place = next[rankOf[pairs.terms[pair]!]!]!++;
      rowOf[place] = at;
      weights[place] = pairs.weights[pair]!;
      if (pair % PAIRS_AT_ONCE === 0) yield;
    }
  }
  return { terms, offsets, rows: rowOf, weights, lengths };
}

/** Terms by number, in the order in which they are met. */
class Vocabulary {
  readonly #numbers = new Map<string, number>();
  /** The terms of pieces of text; most pieces occur again and again. */
  readonly #ofPiece = new Map<string, readonly number[]>();

  termsOf(piece: string): readonly number[] {
    let terms = this.#ofPiece.get(piece);
    if (terms === undefined) {
      terms = tokenize(piece).map((term) => this.#numberOf(term));
      this.#ofPiece.set(piece, terms);
    }
    return terms;
  }

  sorted(): { readonly terms: readonly string[]; readonly rankOf: Uint32Array } {
    const terms = [...this.#numbers.keys()].sort();
    const rankOf = new Uint32Array(terms.length);
    for (const [rank, term] of terms.entries()) rankOf[this.#numbers.get(term)!] = rank;
    return { terms, rankOf };
  }

  #numberOf(term: string): number {
    const known = this.#numbers.get(term);
    if (known !== undefined) return known;
    this.#numbers.set(term, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

function grown<List extends Uint16Array | Uint32Array | Float64Array>(list: List, larger: List): List {
  larger.set(list);
  return larger;
}
