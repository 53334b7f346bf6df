/**
 * Undoes the escapes by which texts spell characters otherwise: `%2B` of URLs, `&#43;`, `&#x2b;` and `&plus;` of HTML and
 * XML, `\u002B`, `\x2b` and `\/` of JSON and of programs; also where only some characters are escaped, and where one
 * escape stands within another. Each byte of the result knows where it stood, so that whatever is found in it can be cut
 * out of the original.
 *
 * It is no parser: what looks like an escape is taken for one, in whatever kind of text it stands.
 */

export interface Unescaped {
  readonly bytes: Buffer;
  /** Where a place between two bytes of the result stands in the original. */
  readonly origin: (at: number) => number;
}

/** Escapes within escapes that are undone: more is no accident, and what hides a text on purpose has simpler ways. */
const MOST_LEVELS = 3;

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
const NO_DIGIT = 99;
const LONGEST_NAME = 8;
const MOST_CODE = 0x10ffff;
const HASH = 0x23;
const SEMICOLON = 0x3b;

/** Named character references (HTML, section "Named character references") of ASCII punctuation, in lower case. */
const NAMED: ReadonlyMap<string, number> = new Map(
  Object.entries({
    amp: '&',
    apos: "'",
    ast: '*',
    bsol: '\\',
    colon: ':',
    comma: ',',
    commat: '@',
    dollar: '$',
    equals: '=',
    excl: '!',
    grave: '`',
    gt: '>',
    hat: '^',
    lcub: '{',
    lowbar: '_',
    lpar: '(',
    lsqb: '[',
    lt: '<',
    num: '#',
    percnt: '%',
    period: '.',
    plus: '+',
    quest: '?',
    quot: '"',
    rcub: '}',
    rpar: ')',
    rsqb: ']',
    semi: ';',
    sol: '/',
    verbar: '|',
  }).map(([name, character]) => [name, character.charCodeAt(0)]),
);

/** The text with one level of escapes undone, then with the next, for as long as there is something to undo. */
export function unescape(bytes: Buffer): readonly Unescaped[] {
  const levels: Unescaped[] = [];
  let outer: Unescaped = { bytes, origin: (at) => at };
  while (levels.length < MOST_LEVELS) {
    const inner = undo(outer);
    if (inner === undefined) break;
    levels.push(inner);
    outer = inner;
  }
  return levels;
}

/** Undefined where there is nothing to undo. One pass; what is escaped is never shorter than what it stands for. */
function undo({ bytes, origin: outerOrigin }: Unescaped): Unescaped | undefined {
  if (!bytes.includes(PERCENT) && !bytes.includes(AMPERSAND) && !bytes.includes(BACKSLASH)) return undefined;
  const result = Buffer.allocUnsafe(bytes.byteLength);
  // Ends of the escapes, in the result and in the original.
  const ends: number[] = [];
  const originEnds: number[] = [];
  let length = 0;
  let copied = 0;
  const marks = marksOf(bytes);
  for (let mark = marks(0); mark !== undefined;) {
    const escape = escapeAt(bytes, mark);
    if (escape.code === undefined) {
      mark = marks(escape.end);
      continue;
    }
    length += bytes.copy(result, length, copied, mark);
    if (escape.code < 0x80 || bytes[mark] === PERCENT) result[length++] = escape.code;
    else length += result.write(String.fromCodePoint(escape.code), length);
    copied = escape.end;
    ends.push(length);
    originEnds.push(copied);
    mark = marks(copied);
  }
  if (ends.length === 0) return undefined;
  const origin = (at: number): number => {
    const before = lastAtMost(ends, at);
    return outerOrigin(before < 0 ? at : originEnds[before]! + (at - ends[before]!));
  };
  length += bytes.copy(result, length, copied);
  return { bytes: result.subarray(0, length), origin };
}

/** Finds the next byte, from a place on, that an escape can begin with. Places have to be asked for in ascending order. */
function marksOf(bytes: Buffer): (from: number) => number | undefined {
  const next = [PERCENT, AMPERSAND, BACKSLASH].map((byte) => ({ byte, at: bytes.indexOf(byte) }));
  return (from) => {
    let first: number | undefined;
    for (const mark of next) {
      if (mark.at >= 0 && mark.at < from) mark.at = bytes.indexOf(mark.byte, from);
      if (mark.at >= 0 && (first === undefined || mark.at < first)) first = mark.at;
    }
    return first;
  };
}

/** What an escape stands for, of a `%` escape one byte of a character, and where it ends. */
interface Escape {
  /** Undefined where it is none; to be looked at further from `end`. */
  readonly code: number | undefined;
  readonly end: number;
}

function escapeAt(bytes: Buffer, at: number): Escape {
  if (bytes[at] === BACKSLASH) return backslashedAt(bytes, at);
  const escape = bytes[at] === AMPERSAND ? referenceAt(bytes, at + 1) : { code: hexAt(bytes, at + 1, 2), end: at + 3 };
  const { code } = escape;
  return code !== undefined && code <= MOST_CODE ? escape : { code: undefined, end: at + 1 };
}

/** HTML, section "Character references"; a number needs no semicolon there. */
function referenceAt(bytes: Buffer, at: number): Escape {
  if (bytes[at] !== HASH) {
    let end = at;
    while (end - at < LONGEST_NAME && isLetter(bytes[end])) end += 1;
    const isEnded = end > at && bytes[end] === SEMICOLON;
    return { code: isEnded ? NAMED.get(bytes.toString('latin1', at, end).toLowerCase()) : undefined, end: end + 1 };
  }
  const radix = bytes[at + 1] === 0x78 || bytes[at + 1] === 0x58 ? 16 : 10;
  const start = at + (radix === 16 ? 2 : 1);
  let end = start;
  let code = 0;
  while (code <= MOST_CODE && digitOf(bytes[end]) < radix) code = code * radix + digitOf(bytes[end++]);
  return { code: end === start ? undefined : code, end: bytes[end] === SEMICOLON ? end + 1 : end };
}

/** `\u002B`, `\u{2b}`, `\x2B`, `\/`: behind as many backslashes as there are texts within texts. */
function backslashedAt(bytes: Buffer, at: number): Escape {
  let start = at;
  while (bytes[start] === BACKSLASH) start += 1;
  const kind = bytes[start];
  if (kind === 0x22 || kind === 0x27 || kind === 0x2f) return { code: kind, end: start + 1 };
  const escape =
    kind === 0x78
      ? { code: hexAt(bytes, start + 1, 2), end: start + 3 }
      : kind === 0x75
        ? unicodeAt(bytes, start + 1)
        : { code: undefined, end: start };
  return escape.code !== undefined && escape.code <= MOST_CODE ? escape : { code: undefined, end: start };
}

/** What stands behind the `u`. */
function unicodeAt(bytes: Buffer, at: number): Escape {
  if (bytes[at] === 0x7b) {
    const digits = bytes.subarray(at + 1, at + 10).indexOf(0x7d);
    return { code: digits > 0 ? hexAt(bytes, at + 1, digits) : undefined, end: at + digits + 2 };
  }
  const unit = { code: hexAt(bytes, at, 4), end: at + 4 };
  if (unit.code === undefined || unit.code < 0xd800 || unit.code > 0xdbff) return unit;
  let low = unit.end;
  while (bytes[low] === BACKSLASH) low += 1;
  const other = low > unit.end && bytes[low] === 0x75 ? hexAt(bytes, low + 1, 4) : undefined;
  if (other === undefined || other < 0xdc00 || other > 0xdfff) return unit;
  return { code: 0x10000 + (unit.code - 0xd800) * 0x400 + (other - 0xdc00), end: low + 5 };
}

/** The number that so many hex digits spell. */
function hexAt(bytes: Buffer, at: number, count: number): number | undefined {
  let number = 0;
  for (let place = at; place < at + count; place += 1) {
    const digit = digitOf(bytes[place]);
    if (digit > 15) return undefined;
    number = number * 16 + digit;
  }
  return number;
}

/** Of a digit in hex its value, of anything else more than any has. */
function digitOf(byte: number | undefined): number {
  if (byte === undefined) return NO_DIGIT;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : NO_DIGIT;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

/** Index of the last number that is at most `limit`, or -1; the numbers ascend. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
