/** The rules of the keywords that hold no schemas: what each may be, what documents write, and what they mean by it. */

import { cleanLine, cleanText, MAX_LENGTH, show } from './clean-text.js';
import { arrayOr, isFiniteNumber, isObject, setOwn, type JsonObject } from './json-value.js';
import type { Reporter } from './reporter.js';
import type { PatternCheck } from './safe-pattern.js';
import { addExamples, isJson } from './schema-examples.js';
import { dropFrom, type SchemaLoss } from './schema-loss.js';

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];
/** What documents write and what they mean by it. */
const TYPE_REPAIRS: Readonly<Record<string, readonly [type: string, format?: string]>> = {
  int: ['integer'],
  int32: ['integer', 'int32'],
  int64: ['integer', 'int64'],
  long: ['integer', 'int64'],
  float: ['number', 'float'],
  double: ['number', 'double'],
  decimal: ['number'],
  bool: ['boolean'],
  str: ['string'],
  text: ['string'],
  char: ['string'],
  enum: ['string'],
  uuid: ['string', 'uuid'],
  date: ['string', 'date'],
  datetime: ['string', 'date-time'],
  'date-time': ['string', 'date-time'],
  timestamp: ['string'],
  uri: ['string', 'uri'],
  url: ['string', 'uri'],
  password: ['string'],
  file: ['string'],
  binary: ['string'],
  dict: ['object'],
  map: ['object'],
  hash: ['object'],
  json: ['object'],
  list: ['array'],
};

const COUNTS = new Set(
  'minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains'.split(' '),
);
const LIMITS = new Set('minimum maximum exclusiveMinimum exclusiveMaximum'.split(' '));
const FLAGS = new Set('uniqueItems deprecated readOnly writeOnly'.split(' '));
const NAMES = new Set('format contentMediaType contentEncoding'.split(' '));

/** One Schema Object while it is read. */
export interface Reading {
  /** In the form of 3.1. */
  readonly schema: JsonObject;
  /** What it has become so far. */
  readonly out: Record<string, unknown>;
  readonly pointer: string;
  /** Names of properties that this side does not see: none may be required. */
  readonly removed: ReadonlySet<string>;
}

export class KeywordReader {
  readonly #reporter: Reporter;
  readonly #check: (pattern: string) => PatternCheck;

  constructor(reporter: Reporter, check: (pattern: string) => PatternCheck) {
    this.#reporter = reporter;
    this.#check = check;
  }

  /** Reads one keyword of the schema that holds no schemas itself. */
  read(keyword: string, value: unknown, reading: Reading): void {
    const { out } = reading;
    if (COUNTS.has(keyword)) {
      const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (isFiniteNumber(count) && count >= 0 && Number.isInteger(count)) out[keyword] = count;
      else if (value !== null) this.#drop(reading, keyword, `${show(value)} is no count`);
      return;
    }
    if (LIMITS.has(keyword)) {
      const limit = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (isFiniteNumber(limit)) out[keyword] = limit;
      else if (value !== null && value !== false) this.#drop(reading, keyword, `${show(value)} is no number`);
      return;
    }
    if (FLAGS.has(keyword)) {
      if (value === true) out[keyword] = true;
      return;
    }
    if (NAMES.has(keyword)) {
      if (typeof value === 'string' && value !== '') out[keyword] = cleanLine(value, 120);
      return;
    }
    switch (keyword) {
      case 'title':
        return setText(out, keyword, cleanLine(value, MAX_LENGTH.title));
      case 'description':
        return setText(out, keyword, cleanText(value, MAX_LENGTH.schema));
      case 'type':
        return this.#type(value, reading);
      case 'enum':
        return this.#enum(value, reading);
      case 'const':
      case 'default':
        if (isJson(value)) out[keyword] = value;
        else this.#drop(reading, keyword, 'JSON has no such value');
        return;
      case 'example':
      case 'examples':
        return addExamples(out, keyword === 'example' ? [value] : arrayOr(value));
      case 'multipleOf':
        if (isFiniteNumber(value) && value > 0) out[keyword] = value;
        else this.#drop(reading, keyword, `${show(value)} is no positive number`);
        return;
      case 'pattern':
        return this.#pattern(value, reading);
      case 'required':
        return this.#required(value, reading);
      case 'dependentRequired':
        if (isObject(value)) out[keyword] = dependentRequired(value);
        return;
      default:
        // Annotations of OpenAPI and extensions: `discriminator`, `xml`, `externalDocs`, `x-…`; identifiers, which
        // would move the base of `#/$defs/`; unknown words, which JSON Schema ignores.
        return;
    }
  }

  #type(value: unknown, { out, pointer }: Reading): void {
    const types = new Set<string>();
    for (const given of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const name = given === null ? 'null' : typeof given === 'string' ? given.trim().toLowerCase() : '';
      const [type, format] = TYPES.includes(name)
        ? [name]
        : Object.hasOwn(TYPE_REPAIRS, name)
          ? TYPE_REPAIRS[name]!
          : [];
      if (type === undefined || name !== given) {
        const reading = type === undefined ? 'it is left open' : `it is read as ${type}`;
        const message = `${show(given)} is no type of JSON Schema; ${reading}`;
        this.#reporter.warning(`${pointer}/type`, 'invalid-schema', message, 'correct the type');
      }
      // One type of several that cannot be told leaves them all open.
      if (type === undefined) return;
      types.add(type);
      if (format !== undefined && out['format'] === undefined) out['format'] = format;
    }
    if (types.size === 1) out['type'] = [...types][0];
    else if (types.size > 1) out['type'] = [...types];
  }

  #enum(value: unknown, reading: Reading): void {
    if (!Array.isArray(value) || value.length === 0) {
      if (value !== null && value !== undefined) this.#drop(reading, 'enum', 'it lists no values');
      return;
    }
    const seen = new Map<string, unknown>();
    for (const item of value as unknown[]) {
      if (!isJson(item)) {
        this.#drop(reading, 'enum', `JSON cannot carry its value ${show(item)}`);
        continue;
      }
      const key = JSON.stringify(item);
      if (!seen.has(key)) seen.set(key, item);
    }
    if (seen.size > 0) reading.out['enum'] = [...seen.values()];
  }

  #pattern(value: unknown, reading: Reading): void {
    if (typeof value !== 'string') {
      if (value !== null) this.#drop(reading, 'pattern', `${show(value)} is no text`);
      return;
    }
    const check = this.#check(value);
    if ('pattern' in check) reading.out['pattern'] = check.pattern;
    const fault = 'fault' in check ? check.fault : check.weaker;
    if (fault !== undefined) this.#drop(reading, 'pattern', `${show(value)}: ${fault}`, 'unusable-pattern');
  }

  #required(value: unknown, reading: Reading): void {
    if (!Array.isArray(value)) {
      // A boolean is draft 3's form, which says something of the property's own presence: see `properties`.
      if (typeof value !== 'boolean' && value !== null) this.#drop(reading, 'required', `${show(value)} is no list`);
      return;
    }
    const names = new Set<string>();
    for (const name of value as unknown[]) if (typeof name === 'string' && !reading.removed.has(name)) names.add(name);
    if (names.size > 0) reading.out['required'] = [...names];
  }

  #drop({ pointer }: Reading, what: string, why: string, lost?: SchemaLoss): void {
    dropFrom(this.#reporter, pointer, what, why, lost);
  }
}

function setText(out: Record<string, unknown>, keyword: string, text: string): void {
  if (text !== '') out[keyword] = text;
}

function dependentRequired(value: JsonObject): JsonObject {
  const map: Record<string, unknown> = {};
  for (const [name, names] of Object.entries(value)) {
    setOwn(map, name, [...new Set(arrayOr(names).filter((entry) => typeof entry === 'string'))]);
  }
  return map;
}
