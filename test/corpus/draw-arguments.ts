/**
 * Draws arguments from the schema that describe_endpoint shows, optional ones included, with json-schema-faker. What it
 * draws is checked against that schema first: a faker that breaks the schema says nothing about the gateway.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { isObject, type JsonObject } from './openapi-document.js';
import { CACHE } from './packages.js';
import { randomFrom } from './random.js';

const TRIES = 5;

/** As much of json-schema-faker 0.5 as is used here. */
interface Faker {
  option(options: Readonly<Record<string, unknown>>): void;
  generate(schema: unknown): unknown;
}

export type Drawn = { readonly arguments: JsonObject } | { readonly fault: string };

export interface Sampler {
  /** Arguments that are valid by the schema, or what kept the sampler from drawing any. */
  draw(schema: JsonObject): Drawn;
}

/** A sampler that draws the same from the same schemas in the same order, given the same seed. */
export function createSampler(seed: number): Sampler {
  const faker = loadFaker();
  faker.option({
    random: randomFrom(seed),
    alwaysFakeOptionals: false,
    optionalsProbability: 0.4,
    minItems: 1,
    maxItems: 2,
    maxLength: 40,
    refDepthMax: 3,
    failOnInvalidTypes: false,
    failOnInvalidFormat: false,
    omitNulls: false,
  });
  return {
    draw(schema) {
      const ajv = new Ajv2020({ strict: false, logger: false });
      addFormats.default(ajv);
      const isValid = ajv.compile(schema);
      const drawable = forFaker(schema);
      for (let tries = 0; tries < TRIES; tries += 1) {
        let drawn: unknown;
        try {
          drawn = faker.generate(drawable);
        } catch (error) {
          // The faker gives up on schemas that contradict themselves or refer to themselves without an end.
          return { fault: (error as Error).message.slice(0, 200) };
        }
        if (isObject(drawn) && isValid(drawn)) return { arguments: drawn };
      }
      const [first] = isValid.errors ?? [];
      return { fault: `what it draws is not valid: ${first?.instancePath ?? ''} ${first?.message ?? ''}` };
    },
  };
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
