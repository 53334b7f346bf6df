/**
 * Finds the numbers of a document that JavaScript changes when it reads them, such as the largest int64. A catalogue cannot
 * have them as they are, and a maintainer should know that it says something else.
 *
 * Nearly all documents have none. Of JSON that is told by one look for a long run of digits.
 */

import { isPair, isScalar, isSeq, visit, type Document, type Scalar } from 'yaml';
import type { Place, Warning } from '../report/findings.js';
import { toPointer } from './json-pointer.js';
import { jsonStringEnd } from './json-string-end.js';

export interface RoundedNumber {
  /** Of the first ones alone, as many as are listed: in a long list each takes a look at all before it. */
  readonly pointer: string;
  /** As it is written. */
  readonly digits: string;
  readonly offset: number;
}

/** Numbers of a file that are listed; whoever has more has them in examples. */
const MOST_ROUNDED = 20;
const MOST_DIGITS_SHOWN = 60;

/** Fifteen digits every double holds, unless it is near to the least or the largest of them. */
const MAY_BE_ROUNDED = /[\d.]{16}|\d[eE][+-]?\d{3}/;

/** In the order of the text, which is known to be valid JSON. */
export function roundedInJson(text: string): readonly RoundedNumber[] {
  if (!MAY_BE_ROUNDED.test(text)) return [];
  const found: RoundedNumber[] = [];
  /** The member that is being read, of each object and array that is open. */
  const path: (string | number)[] = [];
  let key = '';
  const token = /["[{\]},:]|-?\d[\d.eE+-]*/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [read] = match;
    const last = path.at(-1);
    if (read === '"') {
      token.lastIndex = jsonStringEnd(text, match.index);
      key = text.slice(match.index, token.lastIndex);
    } else if (read === ':') path[path.length - 1] = JSON.parse(key) as string;
    else if (read === ',') path[path.length - 1] = typeof last === 'number' ? last + 1 : '';
    else if (read === '{') path.push('');
    else if (read === '[') path.push(0);
    else if (read === '}' || read === ']') path.pop();
    else if (isRounded(read))
      found.push({ pointer: found.length < MOST_ROUNDED ? toPointer(path) : '', digits: read, offset: match.index });
  }
  return found;
}

/** In the order of the text; where an anchor stands, and not again at its aliases. */
export function roundedInYaml(document: Document): readonly RoundedNumber[] {
  const found: RoundedNumber[] = [];
  visit(document, {
    Scalar: (place, scalar, within) => {
      const { value, source = '', range } = scalar;
      if (typeof value !== 'number' || place === 'key' || !isRounded(source)) return;
      const pointer = found.length < MOST_ROUNDED ? pointerOf(scalar, within) : '';
      found.push({ pointer, digits: source, offset: range?.[0] ?? 0 });
    },
  });
  return found;
}

/**
 * What a maintainer is told of them.
 * @param rounded of one file.
 */
export function roundedWarnings(
  provider: string,
  rounded: readonly { readonly digits: string; readonly place: Place }[],
): readonly Warning[] {
  const left = rounded.length - MOST_ROUNDED;
  return rounded.slice(0, MOST_ROUNDED).map(({ digits, place }, index) => {
    const more = index === MOST_ROUNDED - 1 && left > 0 ? `; ${left} more numbers of this file are rounded` : '';
    return {
      provider,
      ...place,
      rule: 'number-rounded',
      message: `${shownDigits(digits)} has more digits than a double holds, and is read as ${String(Number(digits))}${more}`,
      remedy: 'none is needed for a limit or an example; else write a number of at most 15 digits, or a text',
    };
  });
}

/** As a message has them: of a long number the beginning. */
export function shownDigits(digits: string): string {
  return digits.length > MOST_DIGITS_SHOWN ? `${digits.slice(0, MOST_DIGITS_SHOWN)}…` : digits;
}

function pointerOf(scalar: Scalar, within: readonly unknown[]): string {
  const nodes = [...within, scalar];
  const tokens = nodes.flatMap((node, depth): readonly (string | number)[] => {
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : String(node.key)];
    return isSeq(node) ? [node.items.indexOf(nodes[depth + 1])] : [];
  });
  return toPointer(tokens);
}

/** Whether the number that is read is another than the one that is written. Hexadecimal is YAML's. */
function isRounded(written: string): boolean {
  const read = Number(written);
  if (/^0[xo]/.test(written)) return !Number.isFinite(read) || BigInt(written) !== BigInt(read);
  const [from, to] = [decimalOf(written), decimalOf(String(read))];
  return from !== undefined && to !== from;
}

/** Digits without zeros at either end, and the power of ten that they are to be multiplied by; undefined for words. */
function decimalOf(number: string): string | undefined {
  const [read, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(number) ?? [];
  if (read === undefined) return undefined;
  const all = whole + fraction;
  let start = 0;
  while (all[start] === '0') start += 1;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end -= 1;
  if (start === end) return '0';
  const power = Number(exponent) - fraction.length + all.length - end;
  return `${sign.replace('+', '')}${all.slice(start, end)}e${power}`;
}
