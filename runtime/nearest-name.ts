/** Finds the name that an operator most likely meant. */

import { distance } from 'fastest-levenshtein';

/** Longer names are compared by their beginnings, which bounds the work. */
const COMPARED = 100;

/** The candidate with the fewest edits, letter case apart, or undefined where even that differs in more than a third of the name. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.slice(0, COMPARED).toLowerCase();
  let nearest: string | undefined;
  let fewest = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = distance(wanted, candidate.slice(0, COMPARED).toLowerCase());
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = candidate;
  }
  return nearest;
}
