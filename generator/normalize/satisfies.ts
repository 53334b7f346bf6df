/**
 * Tells whether a value satisfies a schema, for the choice of examples. Covers the keywords that the schema reader lets
 * through; compiling a validator for each of 125,000 endpoints would take hours, interpreting takes microseconds.
 * What the runtime validates with is a real validator; this decides no call.
 */

import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { JsonSchema } from '../contract.js';
import { definitionName } from './definition-name.js';
import { arrayOr, isObject, isOfType, own, type JsonObject } from './json-value.js';
import type { PatternCheck } from './safe-pattern.js';

export interface SchemaLookup {
  /** A shared schema by its name. */
  definition(name: string): JsonSchema | undefined;
  pattern(text: string): PatternCheck;
}

/** Steps that are left. */
export interface Budget {
  steps: number;
}

/** Schemas within one another that are followed, and steps of one check in all: beyond them the answer is no. */
const MAX_LEVELS = 100;
const MAX_STEPS = 20_000;
/** Compositions within one another that are searched for a property. */
const MAX_COMPOSITIONS = 12;

/** @param budget what several checks may cost together, where they belong to one search */
export function satisfies(
  schema: unknown,
  value: unknown,
  lookup: SchemaLookup,
  budget: Budget = { steps: MAX_STEPS },
): boolean {
  return check(schema, value, lookup, 0, budget);
}

/** The schema that a `$ref` of ours stands for. */
export function referred(schema: JsonObject, lookup: SchemaLookup): JsonSchema | undefined {
  const reference = own(schema, '$ref');
  return typeof reference === 'string' ? lookup.definition(definitionName(reference)) : undefined;
}

function check(schema: unknown, value: unknown, lookup: SchemaLookup, level: number, budget: Budget): boolean {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema)) return true;
  if (level > MAX_LEVELS || --budget.steps < 0) return false;
  const holds = (inner: unknown, part: unknown = value): boolean => check(inner, part, lookup, level + 1, budget);

  const target = referred(schema, lookup);
  if (target !== undefined && !holds(target)) return false;
  const { type } = schema;
  if (type !== undefined && ![type].flat().some((one) => isOfType(value, one))) return false;
  const values = own(schema, 'enum');
  if (Array.isArray(values) && !values.some((one) => isEqual(one, value))) return false;
  if (Object.hasOwn(schema, 'const') && !isEqual(schema['const'], value)) return false;
  if (!arrayOr(schema['allOf']).every((member) => holds(member))) return false;
  if (Array.isArray(schema['anyOf']) && !schema['anyOf'].some((member) => holds(member))) return false;
  if (Array.isArray(schema['oneOf']) && schema['oneOf'].filter((member) => holds(member)).length !== 1) return false;
  if (schema['not'] !== undefined && holds(schema['not'])) return false;
  if (schema['if'] !== undefined) {
    const branch = holds(schema['if']) ? schema['then'] : schema['else'];
    if (branch !== undefined && !holds(branch)) return false;
  }
  if (typeof value === 'number') return checkNumber(schema, value);
  if (typeof value === 'string') return checkString(schema, value, lookup);
  if (Array.isArray(value)) return checkArray(schema, value, holds);
  if (isObject(value)) return checkObject(schema, value, lookup, holds);
  return true;
}

function checkNumber(schema: JsonObject, value: number): boolean {
  const limit = (keyword: string): number | undefined => schema[keyword] as number | undefined;
  const step = limit('multipleOf');
  return (
    value >= (limit('minimum') ?? -Infinity) &&
    value <= (limit('maximum') ?? Infinity) &&
    value > (limit('exclusiveMinimum') ?? -Infinity) &&
    value < (limit('exclusiveMaximum') ?? Infinity) &&
    (step === undefined || Number.isInteger(value / step)) &&
    checkFormat(schema['format'], value)
  );
}

function checkString(schema: JsonObject, value: string, lookup: SchemaLookup): boolean {
  const length = [...value].length;
  if (length < count(schema, 'minLength', 0) || length > count(schema, 'maxLength', Infinity)) return false;
  if (typeof schema['pattern'] === 'string') {
    const pattern = lookup.pattern(schema['pattern']);
    if ('matches' in pattern && !pattern.matches(value)) return false;
  }
  return checkFormat(schema['format'], value);
}

/** The formats of ajv-formats, as they are applied to values of their type. */
function checkFormat(name: unknown, value: string | number): boolean {
  const known = fullFormats as Readonly<Record<string, unknown>>;
  const format = typeof name === 'string' && Object.hasOwn(known, name) ? known[name] : undefined;
  if (format === undefined || format === true) return true;
  if (typeof value === 'number') {
    if (!isObject(format) || format['type'] !== 'number') return true;
    return (format['validate'] as (number: number) => boolean)(value);
  }
  // The text is an example of at most some hundred characters, and the expressions are not the document's.
  if (value.length > 2_000) return false;
  if (format instanceof RegExp) return format.test(value);
  if (typeof format === 'function') return Boolean((format as (text: string) => unknown)(value));
  if (!isObject(format) || format['type'] === 'number') return true;
  const validate = format['validate'];
  return validate instanceof RegExp ? validate.test(value) : Boolean((validate as (text: string) => unknown)(value));
}

type Holds = (schema: unknown, part?: unknown) => boolean;

function checkArray(schema: JsonObject, value: readonly unknown[], holds: Holds): boolean {
  if (value.length < count(schema, 'minItems', 0) || value.length > count(schema, 'maxItems', Infinity)) return false;
  if (schema['uniqueItems'] === true && new Set(value.map((item) => JSON.stringify(item))).size < value.length)
    return false;
  const prefix = arrayOr(schema['prefixItems']);
  if (schema['contains'] !== undefined) {
    const found = value.filter((item) => holds(schema['contains'], item)).length;
    if (found < count(schema, 'minContains', 1) || found > count(schema, 'maxContains', Infinity)) return false;
  }
  return value.every((item, index) => {
    if (index < prefix.length) return holds(prefix[index], item);
    return schema['items'] === undefined || holds(schema['items'], item);
  });
}

function checkObject(schema: JsonObject, value: JsonObject, lookup: SchemaLookup, holds: Holds): boolean {
  const names = Object.keys(value);
  if (names.length < count(schema, 'minProperties', 0) || names.length > count(schema, 'maxProperties', Infinity))
    return false;
  if (!arrayOr(schema['required']).every((name) => Object.hasOwn(value, name as string))) return false;
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const patterns = Object.entries(isObject(schema['patternProperties']) ? schema['patternProperties'] : {});
  for (const name of names) {
    let isKnown = Object.hasOwn(properties, name);
    if (isKnown && !holds(properties[name], value[name])) return false;
    for (const [pattern, inner] of patterns) {
      const compiled = lookup.pattern(pattern);
      if (!('matches' in compiled) || !compiled.matches(name)) continue;
      isKnown = true;
      if (!holds(inner, value[name])) return false;
    }
    if (
      !isKnown &&
      schema['additionalProperties'] !== undefined &&
      !holds(schema['additionalProperties'], value[name])
    ) {
      return false;
    }
    if (!isKnown && schema['unevaluatedProperties'] === false && !evaluates(schema, name, value, lookup, holds, 0)) {
      return false;
    }
    if (schema['propertyNames'] !== undefined && !holds(schema['propertyNames'], name)) return false;
    const dependents = isObject(schema['dependentRequired']) ? own(schema['dependentRequired'], name) : undefined;
    if (!arrayOr(dependents).every((other) => Object.hasOwn(value, other as string))) return false;
    const dependent = isObject(schema['dependentSchemas']) ? own(schema['dependentSchemas'], name) : undefined;
    if (dependent !== undefined && !holds(dependent)) return false;
  }
  return true;
}

/** Whether some part of the composition has a word on the property (JSON Schema 2020-12 section 11.3). */
function evaluates(
  given: unknown,
  name: string,
  value: JsonObject,
  lookup: SchemaLookup,
  holds: Holds,
  level: number,
): boolean {
  if (!isObject(given) || level > MAX_COMPOSITIONS) return false;
  const properties = isObject(given['properties']) ? given['properties'] : {};
  if (Object.hasOwn(properties, name) || given['additionalProperties'] !== undefined) return true;
  const patterns = Object.keys(isObject(given['patternProperties']) ? given['patternProperties'] : {});
  const isMatch = (pattern: string): boolean => {
    const check = lookup.pattern(pattern);
    return 'matches' in check && check.matches(name);
  };
  if (patterns.some(isMatch)) return true;
  const deeper = (part: unknown): boolean => evaluates(part, name, value, lookup, holds, level + 1);
  const alternatives = [...arrayOr(given['oneOf']), ...arrayOr(given['anyOf'])];
  return (
    deeper(referred(given, lookup)) ||
    arrayOr(given['allOf']).some(deeper) ||
    alternatives.some((branch) => deeper(branch) && holds(branch, value))
  );
}

function count(schema: JsonObject, keyword: string, fallback: number): number {
  return typeof schema[keyword] === 'number' ? schema[keyword] : fallback;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual((a as JsonObject)[key], (b as JsonObject)[key]))
  );
}
