/**
 * A small value that satisfies a schema: what the document gives as an example, default or choice where it holds, else
 * one made of the schema. Only what is required is made. Deep and circular schemas end: an optional part is left out,
 * and where a required one never ends there is no value.
 */

import type { JsonSchema } from '../contract.js';
import { exampleOfPattern } from './example-of-pattern.js';
import { arrayOr, isObject, objectOr, own, setOwn, type JsonObject } from './json-value.js';
import { MAX_LEVELS, merge, type MergeScope } from './merge-schema.js';
import { referred, satisfies, type Budget, type SchemaLookup } from './satisfies.js';

const MAX_STEPS = 3_000;
const MAX_FULL_STEPS = 300;
/** What a step of making costs, in steps of checking. */
const STEP_COST = 10;
/** Steps of all checks together. */
const MAX_CHECKS = 100_000;
/** Candidates of one schema that are tried. */
const MAX_CANDIDATES = 24;
/** Properties of an object that are made where all of them are wanted. */
const MAX_PROPERTIES = 40;

const FORMATS: Readonly<Record<string, string>> = {
  date: '2024-01-15',
  'date-time': '2024-01-15T09:30:00Z',
  time: '09:30:00Z',
  'iso-time': '09:30:00Z',
  'iso-date-time': '2024-01-15T09:30:00Z',
  duration: 'P1D',
  uri: 'https://example.com/',
  'uri-reference': '/example',
  'uri-template': '/example/{id}',
  url: 'https://example.com/',
  email: 'user@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  byte: 'ZXhhbXBsZQ==',
  'json-pointer': '/example',
  'json-pointer-uri-fragment': '#/example',
  'relative-json-pointer': '0',
  regex: '^example$',
};

interface Scope extends MergeScope {
  /** Values that were made of shared schemas; `undefined` while one is being made, or where there is none. */
  readonly shared: Map<JsonSchema, unknown>;
  readonly checks: Budget;
}

/** A value, or `undefined` where none was found. */
export function exampleValue(schema: unknown, lookup: SchemaLookup): unknown {
  return make(schema, { lookup, shared: new Map(), steps: MAX_STEPS, checks: { steps: MAX_CHECKS } }, 0);
}

/**
 * The same with every property that the schema names, where it is an object's.
 * @param budget what its checks, and others, may cost together
 */
export function fullExample(schema: unknown, lookup: SchemaLookup, budget: Budget): unknown {
  const steps = Math.min(MAX_FULL_STEPS, budget.steps);
  const scope: Scope = { lookup, shared: new Map(), steps, checks: budget };
  const whole = isObject(schema) ? allPropertiesOf(merge(schema, scope, 0), scope, 0) : undefined;
  const value = whole ?? make(schema, scope, 0);
  budget.steps -= (steps - scope.steps) * STEP_COST;
  return value;
}

function make(schema: unknown, scope: Scope, level: number): unknown {
  if (schema === false || level > MAX_LEVELS || --scope.steps < 0) return undefined;
  if (!isObject(schema)) return 'example';
  let tried = 0;
  for (const candidate of candidates(schema, scope, level)) {
    if (candidate !== undefined && satisfies(schema, candidate, scope.lookup, scope.checks)) return candidate;
    if (++tried >= MAX_CANDIDATES) break;
  }
  return undefined;
}

function* candidates(schema: JsonObject, scope: Scope, level: number): Generator {
  yield* arrayOr(schema['examples']);
  if (Object.hasOwn(schema, 'const')) yield schema['const'];
  if (schema['default'] !== undefined && schema['default'] !== null) yield schema['default'];
  yield* arrayOr(schema['enum']).filter((value) => value !== null && value !== '');
  yield* arrayOr(schema['enum']);
  const target = referred(schema, scope.lookup);
  if (target !== undefined) yield makeShared(target, scope, level);

  const merged = merge(schema, scope, 0);
  yield* arrayOr(merged['examples']);
  yield* arrayOr(merged['enum']);
  if (merged['const'] !== undefined) yield merged['const'];
  const base = ofType(merged, scope, level);
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    for (const branch of arrayOr(merged[keyword]).slice(0, 8)) {
      const value = make(branch, scope, level + 1);
      yield value;
      if (isObject(base) && isObject(value)) yield { ...base, ...value };
      if (!isObject(branch)) continue;
      const whole = merge({ ...merged, [keyword]: [], allOf: [branch] }, scope, 0);
      yield ofType(whole, scope, level + 1);
      // What tells alternatives apart is often a property that none of them requires.
      if (keyword === 'oneOf') yield allPropertiesOf(whole, scope, level + 1);
    }
    // What is required may be spread over the alternatives.
    if (keyword === 'anyOf' && arrayOr(merged['anyOf']).length > 1 && isObject(base)) {
      const together = merge({ ...merged, anyOf: [], allOf: arrayOr(merged['anyOf']) }, scope, 0);
      yield ofType(together, scope, level + 1);
    }
  }
  // One property shows more than none, and a form has no way to say an empty object.
  if (level <= 3 && isObject(base) && Object.keys(base).length === 0) yield onePropertyOf(merged, scope, level);
  yield base;
  for (const type of ['string', 'object', 'integer', 'array', 'boolean']) {
    if (merged['type'] === undefined) yield ofType({ ...merged, type }, scope, level);
  }
  if (merged['default'] === null || [merged['type']].flat().includes('null')) yield null;
}

function makeShared(target: JsonSchema, scope: Scope, level: number): unknown {
  if (scope.shared.has(target)) return scope.shared.get(target);
  scope.shared.set(target, undefined);
  const value = make(target, scope, level + 1);
  // What failed here for its depth alone may succeed from elsewhere.
  if (value === undefined) scope.shared.delete(target);
  else scope.shared.set(target, value);
  return value;
}

function ofType(schema: JsonObject, scope: Scope, level: number): unknown {
  const types = [schema['type']].flat().filter((type) => type !== 'null');
  switch ((types[0] as string | undefined) ?? impliedType(schema)) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'array':
      return arrayOf(schema, scope, level);
    case 'object':
      return objectOf(schema, scope, level);
    case 'string':
      return stringOf(schema, scope);
    case undefined:
    default:
      return [schema['type']].flat().includes('null') ? null : undefined;
  }
}

function impliedType(schema: JsonObject): string | undefined {
  if (schema['type'] !== undefined) return undefined;
  if (schema['properties'] !== undefined || schema['required'] !== undefined) return 'object';
  if (schema['additionalProperties'] !== undefined || schema['minProperties'] !== undefined) return 'object';
  if (schema['items'] !== undefined || schema['minItems'] !== undefined) return 'array';
  if (schema['minimum'] !== undefined || schema['maximum'] !== undefined) return 'number';
  return 'string';
}

function numberOf(schema: JsonObject): number {
  const limit = (keyword: string): number | undefined => schema[keyword] as number | undefined;
  const step = limit('multipleOf') ?? 1;
  const exclusive = limit('exclusiveMinimum');
  const least = Math.max(limit('minimum') ?? -Infinity, exclusive ?? -Infinity);
  const most = Math.min(limit('maximum') ?? Infinity, limit('exclusiveMaximum') ?? Infinity);
  const start = Number.isFinite(least) ? least : Number.isFinite(most) && most <= 1 ? most : 1;
  const stepped = Number.isFinite(least) ? Math.ceil(start / step) * step : Math.floor(start / step) * step;
  const value = stepped === exclusive || stepped < least ? stepped + step : stepped;
  const inside = value === limit('exclusiveMaximum') ? value - step : value;
  if (inside > most || inside < least || inside === exclusive) return (Math.max(least, -1e9) + Math.min(most, 1e9)) / 2;
  return inside === 0 && most >= step && !Number.isFinite(least) ? step : inside;
}

function stringOf(schema: JsonObject, scope: Scope): string | undefined {
  const least = (schema['minLength'] as number | undefined) ?? 0;
  const most = (schema['maxLength'] as number | undefined) ?? Infinity;
  if (least > 10_000) return undefined;
  const format = schema['format'];
  if (typeof schema['pattern'] === 'string') {
    const { pattern } = schema;
    // What may repeat does so a few times, or as often as fills the least length beside the parts that are fixed.
    const fills = Array.from({ length: 12 }, (_, fixed) => least - fixed).filter((length) => length > 0);
    const others = least > 0 ? Array.from({ length: 40 }, (_, repeat) => repeat) : [];
    for (const repeat of [1, 0, 3, 8, 16, ...fills, ...others]) {
      const text = exampleOfPattern(pattern, repeat);
      if (text === undefined) return undefined;
      if (satisfies(schema, text, scope.lookup, scope.checks)) return text;
      // A pattern that does not say where the text ends leaves it to be filled.
      const filled = text.padEnd(least, 'x');
      if (filled !== text && satisfies(schema, filled, scope.lookup, scope.checks)) return filled;
    }
    return undefined;
  }
  if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) return FORMATS[format];
  if (schema['contentEncoding'] === 'base64') return least <= 12 && most >= 12 ? 'ZXhhbXBsZQ==' : 'a'.repeat(least);
  const text = 'example'.slice(0, Math.max(Math.min(most, 7), 0));
  return text.length >= least ? text : text.padEnd(least, 'x');
}

function arrayOf(schema: JsonObject, scope: Scope, level: number): unknown {
  const least = (schema['minItems'] as number | undefined) ?? 0;
  if (least > 50) return undefined;
  const prefix = arrayOr(schema['prefixItems']);
  const wanted = schema['contains'] !== undefined ? Math.max(least, 1) : least;
  const values: unknown[] = [];
  for (let index = 0; index < wanted; index++) {
    const inner = schema['contains'] ?? (index < prefix.length ? prefix[index] : schema['items']);
    const value = varied(inner, index, schema['uniqueItems'] === true, scope, level);
    if (value === undefined) return undefined;
    values.push(value);
  }
  // One item shows more than none, where it costs little.
  if (wanted === 0 && level <= 2 && schema['maxItems'] !== 0 && schema['items'] !== undefined) {
    const value = make(schema['items'], scope, level + 1);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** Items that must differ are taken from the choices in turn, or counted. */
function varied(schema: unknown, index: number, mustDiffer: boolean, scope: Scope, level: number): unknown {
  const value = make(schema, scope, level + 1);
  if (!mustDiffer || index === 0) return value;
  const target = isObject(schema) ? (referred(schema, scope.lookup) ?? schema) : {};
  const choices = isObject(target) ? arrayOr(target['enum']) : [];
  if (choices.length > 0) return choices[index];
  if (typeof value === 'string') return `${value}${index + 1}`;
  return typeof value === 'number' ? value + index : undefined;
}

function objectOf(schema: JsonObject, scope: Scope, level: number): unknown {
  const properties = objectOr(schema['properties']);
  const value: Record<string, unknown> = {};
  for (const name of arrayOr(schema['required']) as readonly string[]) {
    const made = make(own(properties, name) ?? additional(schema), scope, level + 1);
    if (made === undefined) return undefined;
    setOwn(value, name, made);
  }
  const least = (schema['minProperties'] as number | undefined) ?? 0;
  const optional = Object.keys(properties).filter((name) => !Object.hasOwn(value, name));
  for (const name of optional) {
    if (Object.keys(value).length >= least) break;
    const made = make(properties[name], scope, level + 1);
    if (made !== undefined) setOwn(value, name, made);
  }
  for (let index = 1; Object.keys(value).length < Math.min(least, 50); index++) {
    const made = make(additional(schema), scope, level + 1);
    if (made === undefined) return undefined;
    setOwn(value, `key${index}`, made);
  }
  return value;
}

/** An object with each property of which a value can be made, those that end in none aside. */
function allPropertiesOf(schema: JsonObject, scope: Scope, level: number): unknown {
  const properties = Object.entries(objectOr(schema['properties'])).slice(0, MAX_PROPERTIES);
  if (properties.length === 0) return undefined;
  const value: Record<string, unknown> = {};
  for (const [name, property] of properties) {
    const made = make(property, scope, level + 1);
    if (made !== undefined) setOwn(value, name, made);
  }
  return value;
}

function onePropertyOf(schema: JsonObject, scope: Scope, level: number): unknown {
  for (const [name, property] of Object.entries(objectOr(schema['properties']))) {
    const made = make(property, scope, level + 1);
    if (made === undefined) continue;
    const value: Record<string, unknown> = {};
    setOwn(value, name, made);
    return value;
  }
  return undefined;
}

function additional(schema: JsonObject): unknown {
  return schema['additionalProperties'] ?? {};
}
