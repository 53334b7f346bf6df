/**
 * Checks arguments against the endpoint's JSON Schema (2020-12) with Ajv. Both the schema (a vendor's document) and the
 * value (a caller's) may be hostile, so that what Ajv does in more than linear time is replaced: patterns run in RE2's
 * linear-time engine, `uniqueItems` compares by a set, the format `url` is the URL parser's. What stays possible is much
 * work for each character (a pattern of a thousand states, alternatives that refer to themselves), and so the work is
 * counted, and a check that takes too much of it fails. Compiled schemas are kept for the endpoints that were called
 * last.
 */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

import type { JsonSchema } from '../../generated/contract.js';
import type { LoadedEndpoint } from './catalogue.js';
import { schemaProblem, type Problem } from './schema-problem.js';
import { selfContainedSchema } from './self-contained-schema.js';

interface Compiled {
  readonly schema: JsonSchema;
  /** Stops at the first problem. */
  readonly first: ValidateFunction;
  /** Goes on to the last; compiled when it is first needed. */
  every?: ValidateFunction;
}

const KEPT = 500;
/** Characters of the schemas that are kept compiled; what Ajv makes of one takes several times its room. */
const MOST_CHARACTERS_KEPT = 10_000_000;
const MOST_PROBLEMS = 20;
/** Of larger arguments the first problem is told alone: Ajv would make an object for each of a million. */
const MOST_CHARACTERS_FOR_EVERY_PROBLEM = 50_000;

/** Of a second, about: characters, times the states that a pattern can be in; or references that are followed. */
const MOST_WORK = 10_000_000;
const REFERENCE = 50;
const FOLLOWED = 'tollgateReferenceFollowed';

class TooMuchWork extends Error {}

/** Checks are synchronous, so one count serves all, one after another. */
const work = {
  left: 0,
  spend(cost: number): void {
    work.left -= cost;
    if (work.left < 0) throw new TooMuchWork();
  },
};

export class ArgumentValidator {
  readonly #compiled = new LRUCache<object, Compiled>({ max: KEPT, maxSize: MOST_CHARACTERS_KEPT });

  /**
   * What is wrong with the arguments; empty when they may be sent.
   * @param args in canonical form: properties in one order, so that equal items have one text.
   */
  problems(endpoint: LoadedEndpoint, args: unknown): readonly Problem[] {
    let compiled = this.#compiled.get(endpoint.descriptor);
    if (compiled === undefined) {
      const schema = countingReferences(selfContainedSchema(endpoint.descriptor.arguments, endpoint.definitions));
      compiled = { schema, first: compile(schema, { allErrors: false }) };
      const size = Math.min(JSON.stringify(schema).length, MOST_CHARACTERS_KEPT);
      this.#compiled.set(endpoint.descriptor, compiled, { size });
    }
    work.left = MOST_WORK;
    try {
      return check(compiled, args);
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      return [{ pointer: '', message: 'takes too much work to check: send less, or nest it less' }];
    }
  }
}

/** @throws TooMuchWork */
function check(compiled: Compiled, args: unknown): readonly Problem[] {
  if (compiled.first(args)) return [];
  let { errors } = compiled.first;
  if (JSON.stringify(args).length <= MOST_CHARACTERS_FOR_EVERY_PROBLEM) {
    compiled.every ??= compile(compiled.schema, { allErrors: true });
    compiled.every(args);
    errors = compiled.every.errors;
  }
  return (errors ?? []).slice(0, MOST_PROBLEMS).map((error) => schemaProblem(error, 'this endpoint'));
}

/** Each schema has an Ajv of its own, because an instance keeps all that it compiled for ever. */
function compile(schema: JsonSchema, options: { allErrors: boolean }): ValidateFunction {
  const ajv = new Ajv2020({
    ...options,
    strict: false,
    // The generator checked it.
    validateSchema: false,
    // Formats that nobody knows are annotations (JSON Schema Validation section 7.2.3), not news for standard error.
    logger: false,
    code: { regExp: Object.assign(linearRegExp, { code: 'linearRegExp' }) },
  });
  addFormats.default(ajv);
  ajv.addFormat('url', (text) => URL.canParse(text));
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (unique: boolean, items: readonly unknown[]) =>
      !unique || new Set(items.map((item) => JSON.stringify(item))).size === items.length,
    error: { message: 'must not hold the same item twice' },
  });
  ajv.addKeyword({
    keyword: FOLLOWED,
    schema: false,
    validate: () => {
      work.spend(REFERENCE);
      return true;
    },
  });
  return ajv.compile(schema);
}

/** Only by a reference can a schema come back to itself, so that what it can cost beyond its size is counted there. */
function countingReferences(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean' || schema['$defs'] === undefined) return schema;
  const definitions = Object.entries(schema['$defs'] as Record<string, JsonSchema>).map(([name, definition]) => {
    return [name, { allOf: [{ [FOLLOWED]: true }, definition] }] as const;
  });
  return { ...schema, $defs: Object.fromEntries(definitions) };
}

/** As the generator checked the pattern: ECMAScript's escapes, in RE2's syntax. */
function linearRegExp(pattern: string): { test(text: string): boolean; toString(): string } {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  const states = compiled.programSize();
  return {
    test: (text: string) => {
      work.spend(text.length * states);
      return compiled.matcher(text).find();
    },
    // Ajv tells the patterns of a schema apart by their text.
    toString: () => pattern,
  };
}
