/**
 * Text to search terms, the same for the index and for a query: camelCase and snake_case are parted, accents
 * and stop words dropped, the rest reduced to its stem (Porter).
 */

import { stemmer } from 'stemmer';

/** Words that say nothing of an API: English function words, and what every need begins with. */
const STOP_WORDS = new Set(
  (
    'a about after all also among an and any api are as at be because been before between both but by ' +
    'can could did do does during each for from get give had has have he help her him his how i if in ' +
    'into is it its just let like may me might more most must my need no nor not of off on one or other ' +
    'our out over per please she should show since so some such than that the their them then there ' +
    'these they this those through to too two under until up upon us use using via want was we were what ' +
    'when where which while who will with within without would you your'
  ).split(' '),
);

/** The terms of a text, in order, repeated as often as they occur. */
export function tokenize(text: string): string[] {
  const terms: string[] = [];
  const parted = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
  for (const match of parted
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}]+/gu)) {
    const word = match[0];
    if (!STOP_WORDS.has(word) && word.length <= 64) terms.push(stemmer(word));
  }
  return terms;
}
