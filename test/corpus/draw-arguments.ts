/**
 * Draws arguments from the schema that describe_endpoint shows, optional ones included, with json-schema-faker. What it
 * draws is checked against that schema first: a faker that breaks the schema says nothing about the gateway.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { valueAt } from './value-at.js';
import { isObject, type JsonObject } from './openapi-document.js';
import { CACHE } from './packages.js';

const TRIES = 5;
const MOST_MENDED = 30;

/** As much of json-schema-faker 0.5 as is used here. */
interface Faker {
  option(options: Readonly<Record<string, unknown>>): void;
  generate(schema: unknown): unknown;
}

export type Drawn = { readonly arguments: JsonObject } | { readonly fault: string };

export interface Sampler {
  /**
   * Arguments that are valid by the schema, or what kept the sampler from drawing any.
   * @param example valid arguments, for what the faker cannot draw
   */
  draw(schema: JsonObject, example: JsonObject): Drawn;
}

/** A sampler that draws the same from the same schemas in the same order, given the same random numbers. */
export function createSampler(random: () => number): Sampler {
  const faker = loadFaker();
  faker.option({
    random,
    alwaysFakeOptionals: false,
    optionalsProbability: 0.4,
    minItems: 1,
    maxItems: 2,
    refDepthMax: 3,
    failOnInvalidTypes: false,
    failOnInvalidFormat: false,
    omitNulls: false,
  });
  return {
    draw(schema, example) {
      const ajv = new Ajv2020({ strict: false, logger: false });
      addFormats.default(ajv);
      const isValid = ajv.compile(schema);
      const drawable = forFaker(schema);
      let mended: JsonObject | undefined;
      for (let tries = 0; tries < TRIES; tries += 1) {
        let drawn: unknown;
        try {
          drawn = withRandom(random, () => faker.generate(drawable));
        } catch (error) {
          // The faker gives up on schemas that contradict themselves or refer to themselves without an end.
          return { fault: (error as Error).message.split('\n', 1)[0]!.slice(0, 200) };
        }
        if (!isObject(drawn)) continue;
        if (isValid(drawn)) return { arguments: drawn };
        mended ??= mend(drawn, example, isValid);
      }
      if (mended !== undefined) return { arguments: mended };
      const [first] = isValid.errors ?? [];
      return { fault: `what it draws is not valid: ${first?.instancePath ?? ''} ${first?.message ?? ''}` };
    },
  };
}

/**
 * The drawn arguments without what breaks the schema, or with the example's value in its place where something is
 * required there: the faker cannot meet a length beside a pattern, nor every pattern. Undefined where that does not help.
 */
function mend(drawn: JsonObject, example: JsonObject, isValid: ValidateFunction): JsonObject | undefined {
  const copy = structuredClone(drawn) as Record<string, unknown>;
  for (let round = 0; round < MOST_MENDED; round += 1) {
    if (isValid(copy)) return copy;
    const [error] = isValid.errors ?? [];
    const missing = (error?.params as { readonly missingProperty?: unknown } | undefined)?.missingProperty;
    const names = (error?.instancePath ?? '').split('/').slice(1).map(unescaped);
    if (typeof missing === 'string') names.push(missing);
    const last = names.at(-1);
    const holder = valueAt(copy, names.slice(0, -1));
    if (last === undefined || typeof holder !== 'object' || holder === null) return undefined;
    if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else if (typeof missing !== 'string') delete (holder as Record<string, unknown>)[last];
    else {
      const value = valueAt(example, names);
      if (value === undefined) return undefined;
      (holder as Record<string, unknown>)[last] = value;
    }
  }
  return undefined;
}

function unescaped(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The faker takes some of its numbers from `Math.random`, whatever its option says. */
function withRandom<T>(random: () => number, work: () => T): T {
  const original = Math.random;
  Math.random = random;
  try {
    return work();
  } finally {
    Math.random = original;
  }
}

function loadFaker(): Faker {
  const faker = createRequire(join(CACHE, 'package.json'))('json-schema-faker') as Faker | { readonly default: Faker };
  return 'default' in faker ? faker.default : faker;
}

/** Base64 said in the way that the faker knows: as a pattern. */
function forFaker(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forFaker);
  if (!isObject(schema)) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, forFaker(value)]));
  if (schema.contentEncoding !== 'base64') return copy;
  return { type: 'string', pattern: '^([A-Za-z0-9+/]{4}){1,6}$' };
}
