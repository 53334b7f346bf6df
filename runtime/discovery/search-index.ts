/**
 * Full-text search over the catalogue: an inverted index in memory, ranked by BM25F (Robertson and Zaragoza, "The
 * Probabilistic Relevance Framework", section 3.6): a term's weighted occurrences in all fields are summed before they
 * saturate. A term that the catalogue does not know is matched as the beginning of longer ones. What it does not do:
 * filter, sort by anything but relevance, or page.
 */

import type { CatalogueEntry, CatalogueProvider } from '../../generated/contract.js';
import { tokenize } from './tokenize.js';

const K1 = 1.2;
const B = 0.6;
const WEIGHTS = { title: 4, provider: 3, path: 2.5, summary: 3, tags: 2, words: 0.8, categories: 1.5, text: 0.7 };
/** A known prefix counts less than the word itself. */
const PREFIX_DISCOUNT = 0.6;
const MOST_PREFIX_TERMS = 32;

interface Postings {
  readonly documents: number[];
  readonly frequencies: number[];
}

export interface Hit {
  readonly index: number;
  readonly score: number;
}

export class SearchIndex {
  readonly #postings = new Map<string, Postings>();
  readonly #lengths: Float32Array;
  #averageLength = 1;
  #sortedTerms: readonly string[] | undefined;

  constructor(entries: readonly CatalogueEntry[], providers: ReadonlyMap<string, CatalogueProvider>) {
    this.#lengths = new Float32Array(entries.length);
    const shared = new Map<string, Map<string, number>>();
    const stems = new Map<string, string>();
    let total = 0;
    entries.forEach((entry, index) => {
      const frequencies = new Map<string, number>();
      const provider = entry.id.slice(0, entry.id.indexOf('/'));
      let ofProvider = shared.get(provider);
      if (ofProvider === undefined) {
        ofProvider = providerTerms(provider, providers.get(provider), stems);
        shared.set(provider, ofProvider);
      }
      for (const [term, frequency] of ofProvider) frequencies.set(term, frequency);
      add(frequencies, entry.title, WEIGHTS.title, stems);
      add(frequencies, entry.path, WEIGHTS.path, stems);
      add(frequencies, entry.summary, WEIGHTS.summary, stems);
      add(frequencies, entry.tags.join(' '), WEIGHTS.tags, stems);
      add(frequencies, entry.words.join(' '), WEIGHTS.words, stems);
      add(frequencies, entry.text, WEIGHTS.text, stems);
      let length = 0;
      for (const [term, frequency] of frequencies) {
        length += frequency;
        let postings = this.#postings.get(term);
        if (postings === undefined) this.#postings.set(term, (postings = { documents: [], frequencies: [] }));
        postings.documents.push(index);
        postings.frequencies.push(frequency);
      }
      this.#lengths[index] = length;
      total += length;
    });
    if (entries.length > 0) this.#averageLength = total / entries.length;
  }

  /** Entries that match any term of the query, the best first; equal scores keep the catalogue's order. */
  search(query: string): Hit[] {
    const scores = new Map<number, number>();
    for (const term of new Set(tokenize(query))) {
      if (this.#postings.has(term)) this.#score(term, 1, scores);
      else for (const longer of this.#startingWith(term)) this.#score(longer, PREFIX_DISCOUNT, scores);
    }
    return [...scores]
      .map(([index, score]) => ({ index, score }))
      .sort((a, b) => b.score - a.score || a.index - b.index);
  }

  #score(term: string, weight: number, scores: Map<number, number>): void {
    const { documents, frequencies } = this.#postings.get(term)!;
    const rarity = Math.log(1 + (this.#lengths.length - documents.length + 0.5) / (documents.length + 0.5));
    for (let i = 0; i < documents.length; i++) {
      const document = documents[i]!;
      const frequency = frequencies[i]!;
      const norm = K1 * (1 - B + (B * this.#lengths[document]!) / this.#averageLength);
      const score = (weight * rarity * frequency * (K1 + 1)) / (frequency + norm);
      scores.set(document, (scores.get(document) ?? 0) + score);
    }
  }

  #startingWith(prefix: string): readonly string[] {
    if (prefix.length < 3) return [];
    const terms = (this.#sortedTerms ??= [...this.#postings.keys()].sort());
    let low = 0;
    for (let high = terms.length; low < high;) {
      const middle = (low + high) >> 1;
      if (terms[middle]! < prefix) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (end < terms.length && end - low < MOST_PREFIX_TERMS && terms[end]!.startsWith(prefix)) end++;
    return terms.slice(low, end);
  }
}

function providerTerms(
  id: string,
  provider: CatalogueProvider | undefined,
  stems: Map<string, string>,
): Map<string, number> {
  const frequencies = new Map<string, number>();
  add(frequencies, id, WEIGHTS.provider, stems);
  if (provider !== undefined) {
    add(frequencies, provider.title, WEIGHTS.provider, stems);
    add(frequencies, provider.categories.join(' '), WEIGHTS.categories, stems);
  }
  return frequencies;
}

function add(frequencies: Map<string, number>, text: string, weight: number, stems: Map<string, string>): void {
  for (const term of tokenize(text, stems)) frequencies.set(term, (frequencies.get(term) ?? 0) + weight);
}
