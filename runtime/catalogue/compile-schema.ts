/**
 * Compiles a JSON Schema (2020-12) with Ajv into a check that ends. Both the schema (a vendor's document) and the value
 * (a caller's, or an upstream's) may be hostile, so that what Ajv does in more than linear time is replaced: patterns run
 * in RE2's linear-time engine, `uniqueItems` compares by a set, the format `url` is the URL parser's. What stays possible
 * is much work for each character (a pattern of a thousand states, alternatives that refer to themselves), and so the
 * work is counted, and a check that takes too much of it is given up.
 */

import { _, Ajv2020, type KeywordCxt, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';

import type { JsonSchema } from '../../generated/contract.js';
import { isJson } from '../upstream/media-type.js';

const REFERENCE = 50;
const FOLLOWED = 'tollgateReferenceFollowed';

/** A check took more work than it was given. */
export class TooMuchWork extends Error {}

/** Checks are synchronous, so one count serves all, one after another. */
const work = {
  left: 0,
  spend(cost: number): void {
    work.left -= cost;
    if (work.left < 0) throw new TooMuchWork();
  },
};

export interface SchemaOptions {
  readonly allErrors: boolean;
  /** Errors have the value and its schema. */
  readonly verbose?: boolean;
  /**
   * With it `contentSchema` is for whatever a text is of which `contentMediaType` says that it is JSON, and undefined fits.
   * Without it both are annotations (JSON Schema Validation section 8).
   */
  readonly contentOf?: (text: string) => unknown;
}

/**
 * Each schema has an Ajv of its own, because an instance keeps all that it compiled for ever.
 * @param schema self-contained.
 */
export function compileSchema(
  schema: JsonSchema,
  { allErrors, verbose = false, contentOf }: SchemaOptions,
): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors,
    verbose,
    strict: false,
    // The generator checked it, so that the schemas of schemas are not needed either.
    validateSchema: false,
    meta: false,
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
  if (contentOf !== undefined) {
    ajv.removeKeyword('contentSchema');
    ajv.addKeyword({
      keyword: 'contentSchema',
      type: 'string',
      schemaType: ['object', 'boolean'],
      code: (context) => checkContent(context, contentOf),
    });
  }
  return ajv.compile(countingReferences(schema));
}

function checkContent(context: KeywordCxt, contentOf: (text: string) => unknown): void {
  const { gen, data, parentSchema } = context;
  const { contentMediaType } = parentSchema as { readonly contentMediaType?: unknown };
  if (typeof contentMediaType !== 'string' || !isJson(contentMediaType)) return;
  const read = gen.scopeValue('func', { ref: contentOf });
  const content = gen.const('content', _`${read}(${data})`);
  const fits = gen.let('fits', true);
  gen.if(_`${content} !== undefined`, () => {
    context.subschema({ keyword: 'contentSchema', data: content, dataTypes: [] }, fits);
  });
  context.ok(fits);
}

/**
 * Runs checks that together may take so much work: characters, times the states that a pattern can be in; or references
 * that are followed. Ten million are a second, about.
 * @throws TooMuchWork
 */
export function withinWork<Result>(mostWork: number, check: () => Result): Result {
  work.left = mostWork;
  return check();
}

/** Only by a reference can a schema come back to itself, so that what it can cost beyond its size is counted there. */
function countingReferences(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean' || schema['$defs'] === undefined) return schema;
  const definitions = Object.entries(schema['$defs'] as Record<string, JsonSchema>).map(([name, definition]) => {
    return [name, { allOf: [{ [FOLLOWED]: true }, definition] }] as const;
  });
  return { ...schema, $defs: Object.fromEntries(definitions) };
}

/**
 * Patterns that begin at the beginning, end at the end, and of which each part takes one character, or a fixed number of
 * them. There is nothing to go back to in them, so that ECMAScript's own engine is linear too, and takes a fraction of the
 * time. Both engines read them alike.
 */
const FIXED_LENGTH = /^\^(?:(?:[\w-]|\[[\w-]+\])(?:\{[1-9]\d{0,2}\})?)+\$$/;

/** As the generator checked the pattern: ECMAScript's escapes, in RE2's syntax. */
function linearRegExp(pattern: string): { test(text: string): boolean; toString(): string } {
  if (FIXED_LENGTH.test(pattern)) return new RegExp(pattern, 'u');
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
