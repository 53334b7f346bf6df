/**
 * Text to search terms, the same for the index and for a query: camelCase and snake_case are parted, what an apostrophe
 * joins to a word, accents and stop words dropped, the rest reduced to its stem (Porter).
 */

import { stemmer } from 'stemmer';

/** Words that say nothing of an API: English function words, and what every need begins with. */
const STOP_WORDS = new Set(
  (
    'a about after all also among an and any api are as at be because been before between both but by ' +
    'can cant could did didnt do does doesnt dont during each for from get give had has have he help her him ' +
    'his how hows i if in into is isnt it its just let like look looking many may me might more most much must ' +
    'my need no nor not now of off on one or other our out over per please she should show since so some such ' +
    'than that thats the their them then there theres these they this those through to too two under until up ' +
    'upon us use using via want was we were what whats when whens where wheres which while who whom whos whose ' +
    'why will with within without would you your'
  ).split(' '),
);

/** As on keyboards, as in print, and as a letter, after a word. */
const APOSTROPHE = /['\u2018\u2019\u02bc\uff07]/.source;
/** Each is an auxiliary verb, and none says anything of an API. */
const NEGATION = new RegExp(`(?<!\\p{L})\\p{L}+n${APOSTROPHE}t(?![\\p{L}\\p{N}])`, 'giu');
/** The possessive, and what is left of "is", "am", "are", "will", "have" and "would". */
const CLITIC = new RegExp(`(?<=[\\p{L}\\p{N}])${APOSTROPHE}(?:s|m|re|ll|ve|d)(?![\\p{L}\\p{N}])`, 'giu');

/**
 * Porter gives one stem to words of different meanings, which his later English stemmer parts by a list of beginnings.
 * These are those that documents of APIs are full of: by stem, the beginnings that are terms of their own.
 */
const PARTED = new Map([
  ['activ', ['activit']],
  ['author', ['authoriz', 'authorit']],
  ['commun', ['communit']],
  ['contain', ['container']],
  ['convers', ['conversation', 'conversion']],
  ['custom', ['customer']],
  ['digit', ['digital']],
  ['direct', ['direction']],
  ['experi', ['experiment']],
  ['gener', ['generat', 'generic']],
  ['import', ['importan']],
  ['intern', ['internal', 'internat']],
  ['local', ['locale']],
  ['new', ['news']],
  ['organ', ['organiz']],
  ['person', ['personal']],
  ['posit', ['positiv']],
  ['product', ['production']],
  ['project', ['projection']],
  ['public', ['publication']],
  ['sever', ['severit']],
  ['transit', ['transition']],
  ['univers', ['universit']],
]);
/**
 * Nouns whose last consonants are not their verb's, which Porter leaves apart; Lovins' stemmer joins most of them. By
 * stem, with the verb's.
 */
const JOINED = new Map([
  ['analys', 'analyz'],
  ['analysi', 'analyz'],
  ['comparison', 'compar'],
  ['conversion', 'convert'],
  ['redempt', 'redeem'],
  ['submiss', 'submit'],
  ['subscript', 'subscrib'],
  ['suspens', 'suspend'],
  ['transcript', 'transcrib'],
  ['transmiss', 'transmit'],
]);

/** The terms of a text, in order, repeated as often as they occur. */
export function tokenize(text: string): string[] {
  const terms: string[] = [];
  const parted = text
    .replace(NEGATION, '')
    .replace(CLITIC, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z](?!s(?![a-z]))[a-z])/g, '$1 $2');
  for (const match of parted
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}]+/gu)) {
    const word = match[0];
    if (!STOP_WORDS.has(word) && word.length <= 64) terms.push(stemOf(word));
  }
  return terms;
}

function stemOf(word: string): string {
  const stem = stemmer(word);
  const own = PARTED.get(stem)?.find((beginning) => word.startsWith(beginning)) ?? stem;
  return JOINED.get(own) ?? own;
}
