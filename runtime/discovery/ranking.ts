/**
 * Ranks by BM25F (Robertson and Zaragoza, "The Probabilistic Relevance Framework", section 3.6): a term's weighted
 * occurrences in all fields are summed before they saturate.
 *
 * A query is gone through term by term, the heaviest first, and an array holds each place's score so far. A hit must have
 * a share of the best score. Once all the terms that are left could not together reach that, a place without a score gets
 * none any more, and only the scores that there are go on growing (MaxScore: Turtle and Flood, "Query evaluation:
 * strategies and optimizations", 1995; "continue": Moffat and Zobel, "Self-indexing inverted files for fast text
 * retrieval", 1996). What this leaves out would be left out at the end anyway: no hit and no score changes.
 */

import { GreatestNumbers } from './greatest-numbers.js';
import type { Postings } from './postings.js';

const K1 = 1.2;
const B = 0.6;
/** Scores that differ by less than a step count as equal. With the places they are whole numbers below 2^53. */
const SCORE_STEPS = 2 ** 16;
const PLACES = 2 ** 24;
/** More than a row can come to whose texts have the lengths that the generator gives them. */
const MOST_SCORE = 2 ** 12;
/** More than what rounding adds to a sum of scores, in parts of it. */
const ROUNDING = 1e-9;

export interface Hit {
  readonly index: number;
  readonly score: number;
}

export interface Hits {
  /** How many there are. */
  readonly total: number;
  /** The best of them, the best first; equal scores keep the catalogue's order. */
  readonly hits: readonly Hit[];
}

export interface RankOptions {
  /** Of the best score, what share a hit must have. */
  readonly leastShare?: number;
  /** How many hits are wanted. */
  readonly most?: number;
  /** Whether what is found at a place counts. */
  readonly accepts?: ((place: number) => boolean) | undefined;
}

/** Postings whose rows stand elsewhere, or nowhere, in the catalogue. */
export interface Part {
  readonly postings: Postings;
  /** The place among the catalogue's entries of each row; -1 where it is gone. */
  readonly places: Int32Array;
  /** Whether all rows stand in the catalogue. */
  readonly isWhole: boolean;
}

export interface QueryTerm {
  /** What an occurrence is worth: how rare the term is. */
  readonly weight: number;
  /** Where it stands among the terms of the part that has the same place; undefined where that part does not have it. */
  readonly places: readonly (number | undefined)[];
}

/** A part with what is reckoned of it once. */
interface RankedPart extends Part {
  /** Of each row, what its length adds to where occurrences saturate. */
  readonly norms: Float64Array;
  /** Of each term, the most that its occurrences in a row come to; 0 where nobody has asked. */
  readonly mostOf: Float64Array;
}

export class Ranking {
  readonly #parts: readonly RankedPart[];
  /** Of each place; all 0 between two queries. */
  readonly #scores: Float64Array;
  /** The places that have a score. */
  readonly #found: Int32Array;

  /** @param size how many places there are. */
  constructor(size: number, parts: readonly Part[]) {
    const total = parts.reduce((sum, part) => sum + lengthOf(part), 0);
    const average = total === 0 ? 1 : total / size;
    this.#parts = parts.map((part) => ({
      ...part,
      norms: normsOf(part.postings.lengths, average),
      mostOf: new Float64Array(part.postings.terms.length),
    }));
    this.#scores = new Float64Array(size);
    this.#found = new Int32Array(size);
  }

  /** The entries that have any of the terms. */
  rank(terms: readonly QueryTerm[], { leastShare = 0, most = Infinity, accepts }: RankOptions = {}): Hits {
    const inOrder = [...terms].sort((one, other) => other.weight - one.weight);
    const mosts = leastShare === 0 ? [] : inOrder.map((term) => this.#mostOf(term));
    let left = mosts.reduce((sum, each) => sum + each, 0);
    const state = { count: 0, best: 0 };
    for (const [index, term] of inOrder.entries()) {
      const mayBegin = leastShare === 0 || left * (1 + ROUNDING) >= leastShare * state.best;
      left -= mosts[index] ?? 0;
      this.#parts.forEach((part, at) => {
        const place = term.places[at];
        if (place !== undefined) this.#score(part, place, term.weight, mayBegin, state);
      });
    }
    return this.#take(state.count, leastShare * state.best, most, accepts);
  }

  /** Adds to the scores what a part's term is worth. */
  #score(
    { postings: { offsets, rows, weights }, places, norms }: RankedPart,
    term: number,
    weight: number,
    mayBegin: boolean,
    state: { count: number; best: number },
  ): void {
    const [scores, found] = [this.#scores, this.#found];
    let { count, best } = state;
    for (let i = offsets[term]!, end = offsets[term + 1]!; i < end; i++) {
      const row = rows[i]!;
      const place = places[row]!;
      if (place < 0) continue;
      const before = scores[place]!;
      if (before === 0) {
        if (!mayBegin) continue;
        found[count++] = place;
      }
      const frequency = weights[i]! / 10;
      const score = before + (weight * frequency * (K1 + 1)) / (frequency + norms[row]!);
      scores[place] = score;
      if (score > best) best = score;
    }
    state.count = count;
    state.best = best;
  }

  /** Takes the best of what was found, and forgets all of it. */
  #take(count: number, least: number, most: number, accepts: RankOptions['accepts']): Hits {
    const best = new GreatestNumbers(most);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const place = this.#found[i]!;
      const score = this.#scores[place]!;
      this.#scores[place] = 0;
      if (score < least || accepts?.(place) === false) continue;
      total++;
      // A score and a place as one number, which is greater for the better score, and for the earlier place.
      best.add(Math.round(Math.min(score, MOST_SCORE) * SCORE_STEPS) * PLACES + (PLACES - 1 - place));
    }
    const hits = Array.from(best.descending(), (key) => ({
      index: PLACES - 1 - (key % PLACES),
      score: Math.floor(key / PLACES) / SCORE_STEPS,
    }));
    return { total, hits };
  }

  /** The most that a term can add to a score. */
  #mostOf({ weight, places }: QueryTerm): number {
    let most = 0;
    for (const [at, part] of this.#parts.entries()) {
      const term = places[at];
      if (term === undefined) continue;
      if (part.mostOf[term] === 0) part.mostOf[term] = mostOccurrence(part, term);
      most = Math.max(most, part.mostOf[term]!);
    }
    return weight * most * (K1 + 1);
  }
}

/** The largest share of its saturation that a term reaches in any row. */
function mostOccurrence({ postings: { offsets, rows, weights }, places, norms }: RankedPart, term: number): number {
  let most = 0;
  for (let i = offsets[term]!, end = offsets[term + 1]!; i < end; i++) {
    const row = rows[i]!;
    if (places[row]! < 0) continue;
    const frequency = weights[i]! / 10;
    most = Math.max(most, frequency / (frequency + norms[row]!));
  }
  return most;
}

function normsOf(lengths: Uint32Array, average: number): Float64Array {
  const norms = new Float64Array(lengths.length);
  for (let row = 0; row < lengths.length; row++) norms[row] = K1 * (1 - B + (B * lengths[row]!) / average);
  return norms;
}

/** Of all rows that stand in the catalogue, together. */
function lengthOf({ postings: { lengths }, places }: Part): number {
  let sum = 0;
  for (let row = 0; row < lengths.length; row++) if (places[row]! >= 0) sum += lengths[row]!;
  return sum;
}
