/**
 * Compares what two schemas demand, keyword by keyword, one level deep; what stands below is handed to `descend`. Whether
 * a difference is good or bad is not said here: that depends on the side of the call.
 */

import type { JsonSchema } from '../contract.js';
import { cap, show } from '../normalize/clean-text.js';
import type { SchemaDifferenceKind } from './schema-difference.js';
import { alternativesOf, type Bound, type SchemaView, type ValueType } from './schema-view.js';

export interface Viewed {
  readonly schema: JsonSchema;
  readonly view: SchemaView;
}

/** What a comparison of one level asks of the one that it is a part of. */
export interface Comparer {
  differ(kind: SchemaDifferenceKind, path: readonly string[], detail: string): void;
  /** Compares what stands below; `isExact` where it is not known which way a difference there works. */
  descend(path: readonly string[], before: JsonSchema, after: JsonSchema, isExact: boolean): void;
  isSame(before: JsonSchema, after: JsonSchema): boolean;
  types(schema: JsonSchema, side: 'before' | 'after'): ReadonlySet<ValueType>;
}

/** How many values, and how much of each, a message quotes. */
const MOST_QUOTED = 5;
const LONGEST_QUOTE = 60;

export function compareViews(before: Viewed, after: Viewed, comparer: Comparer): void {
  const [b, a] = [before.view, after.view];
  if (b.text !== a.text) comparer.differ('text-changed', [], '');
  if (b.defaults !== a.defaults) {
    comparer.differ('default-changed', [], `default ${defaultOf(b)} before, ${defaultOf(a)} now`);
  }
  const alternatives = [alternativesOf(before.schema), alternativesOf(after.schema)] as const;
  if (alternatives.some((each) => each.length !== 1)) {
    compareChoices(...alternatives, comparer);
    return;
  }
  if (b.isOpen !== a.isOpen) {
    const [was, is] = [before, after].map(({ schema, view }) => (view.isOpen ? 'anything' : words(schema, view.types)));
    comparer.differ(a.isOpen ? 'type-widened' : 'type-narrowed', [], `${was!} before, ${is!} now`);
    return;
  }
  compareTypes(b.types, a.types, comparer);
  if (![...b.types].some((type) => a.types.has(type))) return;
  compareValues(b.values, a.values, comparer);
  compareBounds(b, a, comparer);
  compareForms(b.forms, a.forms, comparer);
  compareProperties(b, a, comparer);
  compareItems(b, a, comparer);
  compareOthers(b, a, comparer);
  for (let index = 0; index < Math.max(b.choices.length, a.choices.length); index++) {
    const [was, is] = [b.choices[index], a.choices[index]];
    if (was !== undefined && is !== undefined) compareChoices(was, is, comparer);
    else comparer.differ(is === undefined ? 'type-widened' : 'type-narrowed', [], 'a choice of schemas that must fit');
  }
}

function compareTypes(before: ReadonlySet<ValueType>, after: ReadonlySet<ValueType>, comparer: Comparer): void {
  const gone = [...before].some((type) => !after.has(type));
  const come = [...after].some((type) => !before.has(type));
  if (!gone && !come) return;
  const kind = gone && come ? 'type-changed' : gone ? 'type-narrowed' : 'type-widened';
  comparer.differ(kind, [], `${typeWords(before)} before, ${typeWords(after)} now`);
}

function compareValues(
  before: ReadonlySet<string> | undefined,
  after: ReadonlySet<string> | undefined,
  comparer: Comparer,
): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined)
    return comparer.differ('type-narrowed', [], `any value before, now one of ${quoted(after!)}`);
  if (after === undefined) return comparer.differ('type-widened', [], `one of ${quoted(before)} before, any value now`);
  const removed = [...before].filter((value) => !after.has(value));
  const added = [...after].filter((value) => !before.has(value));
  if (removed.length > 0) comparer.differ('value-removed', [], `${quoted(removed)} not allowed any more`);
  if (added.length > 0) comparer.differ('value-added', [], `${quoted(added)} possible too`);
}

function compareBounds(b: SchemaView, a: SchemaView, comparer: Comparer): void {
  const tell = (isTighter: boolean, was: string, is: string): void =>
    comparer.differ(isTighter ? 'bound-tightened' : 'bound-loosened', [], `${was} before, ${is} now`);
  if (boundText(b.lower, '≥', '>') !== boundText(a.lower, '≥', '>')) {
    tell(isStricter(a.lower, b.lower, 1), boundText(b.lower, '≥', '>'), boundText(a.lower, '≥', '>'));
  }
  if (boundText(b.upper, '≤', '<') !== boundText(a.upper, '≤', '<')) {
    tell(isStricter(a.upper, b.upper, -1), boundText(b.upper, '≤', '<'), boundText(a.upper, '≤', '<'));
  }
  for (const [was, is, sign] of [
    [b.least, a.least, 1],
    [b.most, a.most, -1],
  ] as const) {
    for (const keyword of new Set([...was.keys(), ...is.keys()])) {
      const open = sign === 1 ? 0 : Infinity;
      const [from, to] = [was.get(keyword) ?? open, is.get(keyword) ?? open];
      if (from !== to) tell(sign * (to - from) > 0, countText(keyword, from), countText(keyword, to));
    }
  }
  if (b.uniqueItems !== a.uniqueItems) {
    tell(a.uniqueItems, b.uniqueItems ? 'no item twice' : 'any items', a.uniqueItems ? 'no item twice' : 'any items');
  }
  if (b.multipleOf !== a.multipleOf) {
    const [from, to] = [b.multipleOf, a.multipleOf];
    const text = (multiple: number | undefined): string =>
      multiple === undefined ? 'any number' : `multiple of ${String(multiple)}`;
    const detail = `${text(from)} before, ${text(to)} now`;
    if (from === undefined || (to !== undefined && to % from === 0)) comparer.differ('bound-tightened', [], detail);
    else if (to === undefined || from % to === 0) comparer.differ('bound-loosened', [], detail);
    else comparer.differ('format-changed', [], detail);
  }
}

/** `format: int32` is the narrower of two that contain one another. */
const WIDER_FORMATS: Readonly<Record<string, string>> = { int32: 'int64', float: 'double' };

function compareForms(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  comparer: Comparer,
): void {
  for (const [keyword, was] of before) {
    const is = after.get(keyword) ?? '';
    if (was === is) continue;
    const text = (form: string): string => (form === '' ? `no ${keyword}` : `${keyword} ${cap(form, LONGEST_QUOTE)}`);
    const detail = `${text(was)} before, ${text(is)} now`;
    const isWidth = keyword === 'format';
    if (was === '' || (isWidth && WIDER_FORMATS[is] === was)) comparer.differ('bound-tightened', [], detail);
    else if (is === '' || (isWidth && WIDER_FORMATS[was] === is)) comparer.differ('bound-loosened', [], detail);
    else comparer.differ('format-changed', [], detail);
  }
}

function compareProperties(b: SchemaView, a: SchemaView, comparer: Comparer): void {
  for (const [name, was] of b.properties) {
    const is = a.properties.get(name);
    if (is === undefined) comparer.differ('property-removed', [name], '');
    else comparer.descend([name], was, is, false);
  }
  for (const name of a.properties.keys()) {
    if (b.properties.has(name)) continue;
    comparer.differ(a.required.has(name) ? 'required-property-added' : 'property-added', [name], '');
  }
  for (const name of a.required) {
    const isNew = a.properties.has(name) && !b.properties.has(name);
    if (!b.required.has(name) && !isNew) comparer.differ('property-required', [name], '');
  }
  for (const name of b.required) {
    const isGone = b.properties.has(name) && !a.properties.has(name);
    if (!a.required.has(name) && !isGone) comparer.differ('property-optional', [name], '');
  }
  if (b.additional === false || a.additional === false) {
    if (b.additional !== false) comparer.differ('closed', [], 'no properties but those that are named');
    if (a.additional !== false) comparer.differ('opened', [], 'properties beside those that are named');
  } else {
    comparer.descend(['-'], b.additional, a.additional, false);
  }
}

function compareItems(b: SchemaView, a: SchemaView, comparer: Comparer): void {
  comparer.descend(['-'], b.items, a.items, false);
  for (let index = 0; index < Math.max(b.prefixItems.length, a.prefixItems.length); index++) {
    // Where one has no schema for this place of its own, the one for all others applies.
    comparer.descend([String(index)], b.prefixItems[index] ?? b.items, a.prefixItems[index] ?? a.items, false);
  }
}

/** What a value of these must fit is compared; whether it must fit at all is too rare to be told finely. */
const WITH_ONE_SCHEMA = new Set([
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'then',
  'else',
]);
const WITH_SCHEMA_REVERSED = new Set(['not', 'if']);
const WITH_SCHEMAS = new Set(['patternProperties', 'dependentSchemas']);

function compareOthers(b: SchemaView, a: SchemaView, comparer: Comparer): void {
  for (const [keyword, was] of b.others) {
    const is = a.others.get(keyword) ?? [];
    if (was.length === 0 && is.length === 0) continue;
    if (was.length === 0) comparer.differ('type-narrowed', [], `${keyword} applies now`);
    else if (is.length === 0) comparer.differ('type-widened', [], `${keyword} applies no more`);
    else if (was.length === 1 && is.length === 1 && WITH_ONE_SCHEMA.has(keyword)) {
      comparer.descend([], was[0] as JsonSchema, is[0] as JsonSchema, false);
    } else if (was.length === 1 && is.length === 1 && WITH_SCHEMA_REVERSED.has(keyword)) {
      comparer.descend([], was[0] as JsonSchema, is[0] as JsonSchema, true);
    } else if (was.length === 1 && is.length === 1 && WITH_SCHEMAS.has(keyword)) {
      compareRecords(
        keyword,
        was[0] as Readonly<Record<string, JsonSchema>>,
        is[0] as Readonly<Record<string, JsonSchema>>,
        comparer,
      );
    } else if (JSON.stringify(was) !== JSON.stringify(is)) {
      comparer.differ('type-changed', [], `${keyword} is another`);
    }
  }
}

function compareRecords(
  keyword: string,
  before: Readonly<Record<string, JsonSchema>>,
  after: Readonly<Record<string, JsonSchema>>,
  comparer: Comparer,
): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = Object.hasOwn(before, name) ? before[name] : undefined;
    const is = Object.hasOwn(after, name) ? after[name] : undefined;
    if (was !== undefined && is !== undefined) comparer.descend([name], was, is, false);
    else comparer.differ(is === undefined ? 'type-widened' : 'type-narrowed', [name], keyword);
  }
}

/**
 * The same alternatives, in whatever order, are no difference. Of the others those that go by the same name or type are
 * compared with one another; as many as are left on both sides are taken in order; the rest came or went.
 */
function compareChoices(before: readonly JsonSchema[], after: readonly JsonSchema[], comparer: Comparer): void {
  let was = [...before];
  const is = [...after];
  const pairs: (readonly [JsonSchema, JsonSchema])[] = [];
  const match = (fits: (left: JsonSchema, right: JsonSchema) => boolean, isDone: boolean): void => {
    const unmatched: JsonSchema[] = [];
    for (const left of was) {
      const index = is.findIndex((right) => fits(left, right));
      if (index === -1) unmatched.push(left);
      else if (isDone) is.splice(index, 1);
      else pairs.push([left, is.splice(index, 1)[0]!]);
    }
    was = unmatched;
  };
  const typeText = (schema: JsonSchema, side: 'before' | 'after'): string => typeWords(comparer.types(schema, side));
  match((left, right) => comparer.isSame(left, right), true);
  match((left, right) => nameOf(left) !== undefined && nameOf(left) === nameOf(right), false);
  match((left, right) => typeText(left, 'before') === typeText(right, 'after'), false);
  if (was.length === is.length) match(() => true, false);
  for (const [left, right] of pairs) comparer.descend([], left, right, false);
  for (const left of was)
    comparer.differ('type-narrowed', [], `${words(left, comparer.types(left, 'before'))} no more`);
  for (const right of is) comparer.differ('type-widened', [], `${words(right, comparer.types(right, 'after'))} too`);
}

function nameOf(schema: JsonSchema): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  const name = schema.$ref ?? schema.title;
  return typeof name === 'string' ? name : undefined;
}

/** The value where there is one, else the title or the types. */
function words(schema: JsonSchema, types: ReadonlySet<ValueType>): string {
  if (typeof schema === 'object') {
    if (schema.const !== undefined) return show(schema.const, LONGEST_QUOTE);
    if (Array.isArray(schema.enum)) return quoted((schema.enum as unknown[]).map((value) => JSON.stringify(value)));
    if (typeof schema.title === 'string') return cap(schema.title, LONGEST_QUOTE);
  }
  return typeWords(types);
}

function typeWords(types: ReadonlySet<ValueType>): string {
  if (types.size === 0) return 'nothing';
  if (types.size === 7) return 'anything';
  const isNumber = types.has('integer') && types.has('fraction');
  return [...types]
    .filter((type) => !(isNumber && type === 'integer'))
    .map((type) => (type === 'fraction' ? 'number' : type))
    .sort()
    .join(' or ');
}

function boundText(bound: Bound | undefined, inclusive: string, exclusive: string): string {
  return bound === undefined ? 'no limit' : `${bound.exclusive ? exclusive : inclusive} ${String(bound.limit)}`;
}

/** `sign` is 1 for lower bounds and -1 for upper ones. */
function isStricter(bound: Bound | undefined, than: Bound | undefined, sign: 1 | -1): boolean {
  if (bound === undefined) return false;
  if (than === undefined) return true;
  return bound.limit === than.limit ? bound.exclusive : sign * (bound.limit - than.limit) > 0;
}

function countText(keyword: string, count: number): string {
  return count === 0 || count === Infinity ? `no ${keyword}` : `${keyword} ${String(count)}`;
}

function defaultOf({ defaults }: SchemaView): string {
  return defaults === '[]' ? 'none' : cap(defaults.slice(1, -1), LONGEST_QUOTE);
}

function quoted(values: Iterable<string>): string {
  const all = [...values];
  const rest = all.length - MOST_QUOTED;
  const shown = all
    .slice(0, MOST_QUOTED)
    .map((text) => cap(text, LONGEST_QUOTE))
    .join(', ');
  return rest > 0 ? `${shown} and ${String(rest)} more` : shown;
}
