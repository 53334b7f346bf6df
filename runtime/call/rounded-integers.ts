/** Finds the integers in an answer that lose digits where a client's own JSON reads them. */

import { shortened } from '../catalogue/shown-value.js';
import { ExactNumber } from '../exact-numbers.js';
import { escapeToken } from '../json-pointer.js';
import { MOST_CHARACTERS_OF_A_PLACE, shownPlace } from './shown-place.js';

const MOST_INTEGERS_TOLD = 10;

/** A value whose members are walked through. */
interface OpenValue {
  readonly members: Readonly<Record<string, unknown>>;
  /** Undefined of an array, whose members are counted. */
  readonly names: readonly string[] | undefined;
  readonly length: number;
  /** The number of the member that is walked through itself. */
  at: number;
}

/**
 * The first places, in the answer's order, and how many are left. Member by member, because a recursive walk is what deep
 * nesting would overflow; and only a place that is told is written, because names can be as long as the answer.
 */
export function roundedIntegers(whole: unknown): { readonly places: readonly string[]; readonly more: number } {
  const places: string[] = [];
  let more = 0;
  const open: OpenValue[] = [opened([whole])];
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    last.at += 1;
    if (last.at === last.length) {
      open.pop();
      continue;
    }
    const member = last.members[nameOf(last)];
    if (member instanceof ExactNumber) {
      const { digits } = member;
      if (!/^-?\d+$/.test(digits)) continue;
      if (places.length < MOST_INTEGERS_TOLD) places.push(`${placeOf(open) || 'the body'} is ${shortened(digits)}`);
      else more += 1;
    } else if (typeof member === 'object' && member !== null) open.push(opened(member));
  }
  return { places, more };
}

function opened(value: object): OpenValue {
  const names = Array.isArray(value) ? undefined : Object.keys(value);
  const length = names?.length ?? (value as unknown[]).length;
  return { members: value as Record<string, unknown>, names, length, at: -1 };
}

function nameOf({ names, at }: OpenValue): string {
  return names?.[at] ?? String(at);
}

/** The beginning of the pointer to the member that the walk is at; the first value is the list of the whole alone. */
function placeOf(open: readonly OpenValue[]): string {
  let pointer = '';
  for (let depth = 1; depth < open.length && pointer.length < MOST_CHARACTERS_OF_A_PLACE; depth++) {
    pointer += `/${escapeToken(nameOf(open[depth]!).slice(0, MOST_CHARACTERS_OF_A_PLACE))}`;
  }
  return shownPlace(pointer);
}
