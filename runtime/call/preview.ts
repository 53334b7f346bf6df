/**
 * What an agent is shown of a value that is larger than it can bear: a value of the same shape that is small enough.
 * Lists and objects keep their first members, texts their beginning; whatever was left out is told by its place and its
 * count, beside the value and not in it, so that a list of numbers stays one.
 *
 * The invariant: a preview is valid JSON and takes no more characters than it may; what is small enough is kept as it is.
 */

import { ExactNumber } from '../exact-numbers.js';
import { escapeToken } from '../json-pointer.js';

/**
 * Characters of JSON or text. An answer stands in a model's context: these are about 20,000 tokens, which hosts of
 * agents still let through (their limits begin at 25,000 tokens a tool result).
 */
export const MOST_CHARACTERS_SHOWN = 65_536;

/** One place where something was left out. */
export interface Cut {
  /** JSON pointer (RFC 6901); empty for the whole. */
  readonly pointer: string;
  readonly kept: number;
  readonly of: number;
  readonly unit: 'items' | 'properties' | 'characters';
}

export interface Preview {
  readonly value: unknown;
  readonly cuts: readonly Cut[];
}

/** Deeper than this all is left out. */
const MOST_LEVELS = 16;
/** What each property gets at least: enough for any double. */
const LEAST_ROOM = 24;

/** @param value JSON @param room characters that it may take when it is written */
export function preview(value: unknown, room = MOST_CHARACTERS_SHOWN): Preview {
  const cuts: Cut[] = [];
  return { value: shrink(value, room, '', 0, cuts), cuts };
}

/** Whether a JSON value is written in no more than so many characters. */
export function fits(value: unknown, room: number): boolean {
  return writtenLength(value, room) <= room;
}

/** The beginning of a text, in whole characters. */
export function beginning(text: string, length: number): string {
  if (text.length <= length) return text;
  const isSplit = /[\ud800-\udbff]/.test(text[length - 1] ?? '');
  return text.slice(0, isSplit ? length - 1 : length);
}

function shrink(value: unknown, room: number, pointer: string, level: number, cuts: Cut[]): unknown {
  if (fits(value, room) || !canShrink(value)) return value;
  if (value instanceof ExactNumber) return shrinkNumber(value, pointer, cuts);
  if (typeof value === 'string') return shrinkText(value, room, pointer, cuts);
  if (Array.isArray(value)) return shrinkList(value, room, pointer, level, cuts);
  return shrinkObject(value as object, room, pointer, level, cuts);
}

/** Truth values and numbers are whole or not there, as the least room is enough for them; but not for digits without end. */
function canShrink(value: unknown): boolean {
  if (value instanceof ExactNumber) return value.digits.length > LEAST_ROOM;
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

/** Of digits without end the nearest double is left, which is a number too. */
function shrinkNumber({ digits, nearest }: ExactNumber, pointer: string, cuts: Cut[]): unknown {
  const kept = Number.isFinite(nearest) ? nearest : null;
  cuts.push({ pointer, kept: String(kept).length, of: digits.length, unit: 'characters' });
  return kept;
}

function shrinkText(text: string, room: number, pointer: string, cuts: Cut[]): string {
  let kept = beginning(text, Math.max(0, room - 3));
  // Escapes take more than one character each.
  for (let written = JSON.stringify(kept).length; written > room - 1 && kept !== '';) {
    kept = beginning(kept, Math.floor((kept.length * (room - 3)) / written));
    written = JSON.stringify(kept).length;
  }
  cuts.push({ pointer, kept: kept.length, of: text.length, unit: 'characters' });
  return `${kept}…`;
}

/** Items as they are, as long as they fit; then one that is shrunk, where there is still much room. */
function shrinkList(items: readonly unknown[], room: number, pointer: string, level: number, cuts: Cut[]): unknown[] {
  const kept: unknown[] = [];
  const inner: Cut[] = [];
  let left = room - 2;
  for (const item of level < MOST_LEVELS ? items : []) {
    const length = writtenLength(item, left) + 1;
    const isLast = length > left;
    if (isLast && (!canShrink(item) || left < Math.max(room / 4, LEAST_ROOM))) break;
    kept.push(isLast ? shrink(item, left - 1, `${pointer}/${kept.length}`, level + 1, inner) : item);
    if (isLast) break;
    left -= length;
  }
  if (kept.length < items.length) cuts.push({ pointer, kept: kept.length, of: items.length, unit: 'items' });
  cuts.push(...inner);
  return kept;
}

/** Small values as they are; the large ones share evenly what the small ones leave. */
function shrinkObject(given: object, room: number, pointer: string, level: number, cuts: Cut[]): object {
  const entries = level < MOST_LEVELS ? Object.entries(given) : [];
  const shown: { readonly name: string; readonly value: unknown; readonly length: number }[] = [];
  let left = room - 2;
  for (const [name, value] of entries) {
    const nameLength = writtenLength(name, left) + 2;
    if (left < nameLength + LEAST_ROOM) break;
    const length = writtenLength(value, room);
    left -= nameLength + Math.min(length, LEAST_ROOM);
    shown.push({ name, value, length });
  }
  const count = entries.length === 0 ? Object.keys(given).length : entries.length;
  if (shown.length < count) cuts.push({ pointer, kept: shown.length, of: count, unit: 'properties' });

  const large = shown.map(({ length }) => length - LEAST_ROOM).filter((more) => more > 0);
  const share = LEAST_ROOM + evenShare(large, left);
  const kept = shown.map(({ name, value, length }) => {
    const place = `${pointer}/${escapeToken(name)}`;
    return [name, length <= share ? value : shrink(value, share, place, level + 1, cuts)] as const;
  });
  return Object.fromEntries(kept);
}

/** The most that each may take of `room`, where those that want less leave the rest to the others. */
function evenShare(wants: readonly number[], room: number): number {
  const sorted = wants.toSorted((left, right) => left - right);
  let left = room;
  for (const [index, want] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index));
    if (want > share) return Math.max(0, share);
    left -= want;
  }
  return Number.MAX_SAFE_INTEGER;
}

/** Characters of the value as `JSON.stringify` writes it; infinite where they are more than the limit. */
function writtenLength(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length + 2 > limit ? Infinity : JSON.stringify(value).length;
  if (typeof value !== 'object' || value === null) return String(value).length;
  if (value instanceof ExactNumber) return value.digits.length > limit ? Infinity : value.digits.length;
  // One bracket; the other takes the place of the last comma.
  let length = 1;
  if (Array.isArray(value)) {
    for (const item of value) {
      length += writtenLength(item, limit - length - 1) + 1;
      if (length > limit) return Infinity;
    }
  } else {
    for (const name of Object.keys(value)) {
      length += JSON.stringify(name).length + 1;
      length += writtenLength((value as Record<string, unknown>)[name], limit - length - 1) + 1;
      if (length > limit) return Infinity;
    }
  }
  return Math.max(length, 2);
}
