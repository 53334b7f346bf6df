/**
 * Numbers of JSON that a double does not hold, such as 64-bit ids: `JSON.parse` makes 9007199254740992 of 9007199254740993
 * without a word. Here they are read as what was written, and written as what was read.
 *
 * Nearly no text has one, and that is told by one look for a long run of digits. Only a text that has such a run is read
 * again, number by number. What counts is the value, not the spelling: 1.10, 1e2 and -0 are what JavaScript writes too.
 */

import { randomBytes } from 'node:crypto';

import canonicalize from 'canonicalize';

/**
 * A number that is not the one that JavaScript would write for it. To JSON and to canonical JSON it is a text that begins
 * with a mark, until `jsonText` and `canonicalText` take that away: no value can hold the mark, for it is another in each
 * process and never leaves it.
 */
export class ExactNumber {
  /** @param digits as JSON has them. */
  constructor(readonly digits: string) {}

  /** The nearest double; infinite where there is none. */
  get nearest(): number {
    return Number(this.digits);
  }

  toJSON(): string {
    marked += 1;
    return MARK + this.digits;
  }
}

const MARK = `exact-${randomBytes(12).toString('base64url')}-`;
/** Only digits are freed of their quotes: even who knew the mark could put nothing else into a text. */
const MARKED = new RegExp(`"${MARK}(-?\\d[\\d.eE+-]*)"`, 'g');
/** How often the mark was written so far: where a text took none, none is to be looked for. */
let marked = 0;

/** Fifteen digits every double holds, unless it is near to the least or the largest of them. */
const DIGITS_HELD = 15;
const FAR = /\d[eE][+-]?\d{3}/;

/** Whether JSON text may hold such a number; mostly it does not. A long run of digits has a place that is looked at. */
function mayLoseDigits(text: string): boolean {
  for (let at = DIGITS_HELD; at < text.length; at += DIGITS_HELD + 1) {
    if (!isDigit(text, at)) continue;
    let start = at;
    while (at - start < DIGITS_HELD && isDigit(text, start - 1)) start -= 1;
    let end = at + 1;
    while (end - start <= DIGITS_HELD && isDigit(text, end)) end += 1;
    if (end - start > DIGITS_HELD) return true;
  }
  return FAR.test(text);
}

/** Or the point between them. Beyond the text there is none. */
function isDigit(text: string, at: number): boolean {
  const character = text.charCodeAt(at);
  return (character >= 0x30 && character <= 0x39) || character === 0x2e;
}

/** The value of JSON text as `JSON.parse` has it, but with an `ExactNumber` where that changes the number. */
export function parseExact(text: string): unknown {
  return exactOf(text, JSON.parse(text));
}

/**
 * The same of text that is parsed already; the very value that is given where it has all of the text.
 * @param form how digits are kept; as they were written where nothing is said.
 */
export function exactOf(text: string, value: unknown, form = (digits: string): string => digits): unknown {
  if (!mayLoseDigits(text)) return value;
  const marking = markExact(text, form);
  return marking === text ? value : unmark(JSON.parse(marking));
}

/** As `JSON.stringify` writes it, but for `ExactNumber`s, which are written digit by digit. */
export function jsonText(value: unknown): string {
  const before = marked;
  // Of undefined there is no JSON; whoever writes an answer has none.
  const text = JSON.stringify(value);
  return marked === before ? text : text.replace(MARKED, '$1');
}

/** RFC 8785, which knows of doubles alone; the others stand in it in their normal form. */
export function canonicalText(value: unknown): string {
  const before = marked;
  const text = canonicalize(value)!;
  return marked === before ? text : text.replace(MARKED, '$1');
}

/** Of an `ExactNumber` the nearest double, and any other value itself. */
export function rounded(value: unknown): unknown {
  return value instanceof ExactNumber ? value.nearest : value;
}

/** Whether JavaScript writes another number than this when it has read it. */
export function losesDigits(digits: string): boolean {
  if (digits.length <= DIGITS_HELD && !/[eE]/.test(digits)) return false;
  const nearest = String(Number(digits));
  if (nearest === digits) return false;
  // Integers have one spelling each.
  if (!/[.eE]/.test(digits) && !nearest.includes('e')) return true;
  const written = decimalOf(digits);
  if (written.digits === '') return false;
  const read = decimalOf(nearest);
  return written.digits !== read.digits || written.exponent !== read.exponent;
}

/**
 * One spelling for each number, by the rules of JavaScript (ECMA-262, Number::toString) with all digits; what no double
 * is near keeps its own.
 */
export function normalForm(number: string): string {
  const nearest = Number(number);
  if (nearest === 0 || !Number.isFinite(nearest)) return number;
  const { sign, digits, exponent } = decimalOf(number);
  const point = digits.length + exponent;
  if (exponent >= 0 && point <= 21) return sign + digits + '0'.repeat(exponent);
  if (point > 0 && point <= 21) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  if (point <= 0 && point > -6) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  const fraction = digits.length === 1 ? '' : `.${digits.slice(1)}`;
  return `${sign}${digits.slice(0, 1)}${fraction}e${point > 0 ? '+' : ''}${point - 1}`;
}

/**
 * An integer without a point and an exponent, as which many readers take none; another number as it is.
 * @param number that a double is near.
 */
export function plainInteger(number: string): string {
  const { sign, digits, exponent } = decimalOf(number);
  return exponent >= 0 ? sign + digits + '0'.repeat(exponent) : number;
}

/** The value is `digits` × 10^`exponent`; the digits neither begin nor end with a zero, and zero has none. */
interface Decimal {
  readonly sign: '' | '-';
  readonly digits: string;
  readonly exponent: number;
}

function decimalOf(number: string): Decimal {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const all = whole + fraction;
  let start = 0;
  while (all[start] === '0') start += 1;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end -= 1;
  return {
    sign: sign === '-' ? '-' : '',
    digits: all.slice(start, end),
    exponent: Number(exponent) - fraction.length + all.length - end,
  };
}

/** The text with marked texts in place of such numbers; the same text where it has none. */
function markExact(text: string, form: (digits: string) => string): string {
  const pieces: string[] = [];
  let copied = 0;
  const token = /"|-?\d[\d.eE+-]*/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '"') token.lastIndex = stringEnd(text, match.index);
    else if (losesDigits(found)) {
      pieces.push(text.slice(copied, match.index), `"${MARK}${form(found)}"`);
      copied = token.lastIndex;
    }
  }
  return copied === 0 ? text : pieces.join('') + text.slice(copied);
}

/** The offset behind the closing quote. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** Value by value, because a recursive walk is what deep nesting would overflow. It changes the value that it is given. */
function unmark(value: unknown): unknown {
  if (isMarked(value)) return exactOfMarked(value);
  const open: unknown[] = typeof value === 'object' && value !== null ? [value] : [];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (Array.isArray(at)) {
      for (const [index, item] of (at as unknown[]).entries()) at[index] = unmarkedMember(item, open);
    } else {
      // A member `__proto__` is the object's own already, so that to set it sets no prototype.
      const members = at as Record<string, unknown>;
      for (const name of Object.keys(members)) members[name] = unmarkedMember(members[name], open);
    }
  }
  return value;
}

function unmarkedMember(member: unknown, open: unknown[]): unknown {
  if (typeof member === 'object' && member !== null) open.push(member);
  return isMarked(member) ? exactOfMarked(member) : member;
}

function isMarked(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(MARK);
}

function exactOfMarked(text: string): ExactNumber {
  return new ExactNumber(text.slice(MARK.length));
}
