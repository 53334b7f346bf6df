/**
 * JMESPath functions that the library carries out in more than linear time, or in as many steps as an argument says.
 * Here their time is in proportion to what they are given, and each step of it is paid for. Texts are ordered by code
 * point, as the specification has it.
 */

import type { JSONValue, TreeInterpreter } from '@jmespath-community/jmespath';

type Interpreter = typeof TreeInterpreter;
type Expression = Parameters<Interpreter['visit']>[0];
type Key = string | number;

/** What a function works with beside its arguments, which have the types that its signature asks for. */
export interface FunctionContext {
  /** @throws RangeError where it is more than what is left */
  readonly spend: (cost: number) => void;
  readonly visit: (expression: Expression, value: JSONValue) => unknown;
}

export type BoundedFunction = (args: readonly unknown[], context: FunctionContext) => unknown;

export const BOUNDED_FUNCTIONS: Readonly<Record<string, BoundedFunction>> = {
  replace: ([text, old, by, count]) => replace(text as string, old as string, by as string, count as number),
  trim: ([text, characters]) => trim(text as string, characters as string, { start: true, end: true }),
  trim_left: ([text, characters]) => trim(text as string, characters as string, { start: true, end: false }),
  trim_right: ([text, characters]) => trim(text as string, characters as string, { start: false, end: true }),
  sort: ([values], { spend }) => [...(values as Key[])].sort((left, right) => compare(left, right, spend)),
  sort_by: ([values, by], context) => {
    const keyed = withKeys(values, by, context);
    return keyed.sort((left, right) => compare(left.key, right.key, context.spend)).map(({ value }) => value);
  },
  max: ([values], { spend }) => furthest(values as Key[], itself, 1, spend),
  max_by: ([values, by], context) => furthest(withKeys(values, by, context), keyOf, 1, context.spend)?.value ?? null,
  min: ([values], { spend }) => furthest(values as Key[], itself, -1, spend),
  min_by: ([values, by], context) => furthest(withKeys(values, by, context), keyOf, -1, context.spend)?.value ?? null,
  group_by: ([values, by], context) => groupBy(values as JSONValue[], by as Expression, context),
};

/** The first `count` occurrences, or all. */
function replace(text: string, old: string, by: string, count = Infinity): string {
  if (count < 0 || !(Number.isInteger(count) || count === Infinity)) {
    throw new Error('replace() expects a count that is a whole number and not negative');
  }
  const parts = text.split(old);
  const replaced = Math.min(count, parts.length - 1);
  return [parts.slice(0, replaced + 1).join(by), ...parts.slice(replaced + 1)].join(old);
}

/** Without the characters at its ends: those given, or white space. */
function trim(text: string, given: string | undefined, at: { readonly start: boolean; readonly end: boolean }): string {
  const listed = new Set(given);
  const goes = (character: string): boolean =>
    listed.size === 0 ? /[\s\u0085]/.test(character) : listed.has(character);
  const characters = Array.from(text);
  let start = 0;
  let end = characters.length;
  while (at.start && start < end && goes(characters[start]!)) start += 1;
  while (at.end && end > start && goes(characters[end - 1]!)) end -= 1;
  return characters.slice(start, end).join('');
}

interface Keyed {
  readonly value: JSONValue;
  readonly key: Key;
}

/** Each value with its key, which is taken once. */
function withKeys(values: unknown, by: unknown, { visit }: FunctionContext): Keyed[] {
  const keyed = (values as JSONValue[]).map((value) => ({ value, key: visit(by as Expression, value) }));
  const type = typeof keyed[0]?.key;
  for (const { key } of keyed) {
    if (typeof key !== type || (type !== 'string' && type !== 'number')) {
      throw new Error('the keys to compare by are neither all numbers nor all texts');
    }
  }
  return keyed as Keyed[];
}

function groupBy(values: readonly JSONValue[], by: Expression, { spend, visit }: FunctionContext): unknown {
  const groups = new Map<string, JSONValue[]>();
  for (const value of values) {
    const key = visit(by, value);
    if (typeof key !== 'string') throw new Error('group_by() expects keys that are texts');
    spend(key.length);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return Object.fromEntries(groups);
}

/** The greatest, or with -1 the least; the first of equals, and null where there is none. */
function furthest<Item>(
  items: readonly Item[],
  key: (item: Item) => Key,
  sign: 1 | -1,
  spend: FunctionContext['spend'],
): Item | null {
  let found: Item | null = null;
  for (const item of items) {
    if (found === null || compare(key(item), key(found), spend) * sign > 0) found = item;
  }
  return found;
}

const itself = (key: Key): Key => key;
const keyOf = ({ key }: Keyed): Key => key;

/** Of two numbers or two texts. It costs as many steps as the texts have in common at their beginning. */
function compare(left: Key, right: Key, spend: FunctionContext['spend']): number {
  if (typeof left === 'number' || typeof right === 'number') {
    spend(1);
    return Number(left) - Number(right);
  }
  const length = Math.min(left.length, right.length);
  let at = 0;
  while (at < length && left.charCodeAt(at) === right.charCodeAt(at)) at += 1;
  spend(at + 1);
  if (at === length) return left.length - right.length;
  return rankOf(left.charCodeAt(at)) - rankOf(right.charCodeAt(at));
}

/** A UTF-16 unit's place in the order of code points: surrogates stand for what comes after U+FFFF. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit <= 0xdfff ? unit + 0x2000 : unit - 0x800;
}
