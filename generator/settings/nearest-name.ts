/** Finds the name that somebody most likely meant. */

import { distance } from 'fastest-levenshtein';

/** Longer names are compared by their beginnings, which bounds the work. */
const COMPARED = 64;

/**
 * The candidate that is the fewest edits away from `name` (Levenshtein, letter case apart), or undefined where even the
 * nearest shares too little with it to be a helpful guess: more than a third of its length in edits, at least two.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.slice(0, COMPARED).toLowerCase();
  let nearest: string | undefined;
  let fewest = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = distance(wanted, candidate.slice(0, COMPARED).toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}
