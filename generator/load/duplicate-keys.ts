/**
 * Finds keys that occur twice in one object of JSON text. JSON.parse takes the last of them without a word, as RFC 8259
 * section 4 allows; a maintainer should know that the document says two things. The text is known to be valid JSON.
 *
 * Nearly all documents have none, and that is told at the cost of one scan: as many colons as the value has members.
 */

import { jsonStringEnd } from './json-string-end.js';
import { escapeToken } from './json-pointer.js';

export interface DuplicateKey {
  /** JSON pointer of the member. */
  readonly pointer: string;
  readonly key: string;
  /** Offsets of the first key and of the one that repeats it. */
  readonly first: number;
  readonly again: number;
}

/** Duplicates that are listed; whoever has more has made them by machine. */
const MAX_LISTED = 20;

const QUOTE = 34;
const COLON = 58;

/**
 * In the order of the text.
 * @param members how many members the objects of the parsed value have in all
 */
export function duplicateKeys(text: string, members: number): readonly DuplicateKey[] {
  return countColons(text) === members ? [] : findDuplicates(text);
}

function countColons(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = jsonStringEnd(text, at) - 1;
    else if (character === COLON) count++;
  }
  return count;
}

interface Level {
  readonly pointer: string;
  /** Keys of an object, with their offsets; none in an array. */
  readonly keys: Map<string, number> | undefined;
  /** The member that is being read. */
  token: string | number;
}

function findDuplicates(text: string): readonly DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const levels: Level[] = [];
  let string: { readonly start: number; readonly end: number } | undefined;
  for (let at = 0; at < text.length && found.length < MAX_LISTED; at++) {
    const level = levels.at(-1);
    const character = text.charAt(at);
    switch (character) {
      case '"':
        string = { start: at, end: jsonStringEnd(text, at) };
        at = string.end - 1;
        break;
      case ':': {
        if (level?.keys === undefined || string === undefined) break;
        const key = JSON.parse(text.slice(string.start, string.end)) as string;
        const first = level.keys.get(key);
        if (first === undefined) level.keys.set(key, string.start);
        else found.push({ pointer: `${level.pointer}/${escapeToken(key)}`, key, first, again: string.start });
        level.token = key;
        break;
      }
      case ',':
        if (typeof level?.token === 'number') level.token++;
        break;
      case '{':
      case '[': {
        const pointer = level === undefined ? '' : `${level.pointer}/${escapeToken(String(level.token))}`;
        levels.push({
          pointer,
          ...(character === '{' ? { keys: new Map(), token: '' } : { keys: undefined, token: 0 }),
        });
        break;
      }
      case '}':
      case ']':
        levels.pop();
        break;
      default: // White space, numbers and words hold no key.
    }
  }
  return found;
}
