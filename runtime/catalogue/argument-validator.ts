/**
 * Checks arguments against the endpoint's JSON Schema (2020-12), within the bounds of `compile-schema.ts`: a check that
 * takes too much work fails. Compiled schemas are kept for the endpoints that were called last.
 */

import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { LRUCache } from 'lru-cache';

import type { JsonSchema } from '../../generated/contract.js';
import type { LoadedEndpoint } from './catalogue.js';
import { compileSchema, TooMuchWork, withinWork } from './compile-schema.js';
import { schemaProblem, type Problem, takenErrors } from './schema-problem.js';
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
/** The same where integers are looked for that are written as text: as many fit in a request. */
const MOST_VALUES_FOR_EVERY_INTEGER = 60_000;
/** Of a second, about. */
const MOST_WORK = 10_000_000;

export class ArgumentValidator {
  readonly #compiled = new LRUCache<object, Compiled>({ max: KEPT, maxSize: MOST_CHARACTERS_KEPT });

  /**
   * What is wrong with the arguments; empty when they may be sent.
   * @param args in canonical form: properties in one order, so that equal items have one text.
   */
  problems(endpoint: LoadedEndpoint, args: unknown): readonly Problem[] {
    try {
      return errorsOf(this.#compiledOf(endpoint), args, isShort)
        .slice(0, MOST_PROBLEMS)
        .map((error) => schemaProblem(error, 'this endpoint'));
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      return [{ pointer: '', message: 'takes too much work to check: send less, or nest it less' }];
    }
  }

  /**
   * JSON pointers to the texts that are an integer's digits, where the schema takes a number: of integers alone that
   * JavaScript does not count one by one.
   * @param args of which `problems` found some.
   */
  integersAsText(endpoint: LoadedEndpoint, args: unknown): readonly string[] {
    try {
      const found = errorsOf(this.#compiledOf(endpoint), args, hasFewValues).filter(isIntegerAsText);
      return [...new Set(found.map(({ instancePath }) => instancePath))];
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      return [];
    }
  }

  #compiledOf(endpoint: LoadedEndpoint): Compiled {
    let compiled = this.#compiled.get(endpoint.descriptor);
    if (compiled === undefined) {
      const schema = selfContainedSchema(endpoint.descriptor.arguments, endpoint.definitions);
      compiled = { schema, first: compileSchema(schema, { allErrors: false, verbose: true }) };
      const size = Math.min(JSON.stringify(schema).length, MOST_CHARACTERS_KEPT);
      this.#compiled.set(endpoint.descriptor, compiled, { size });
    }
    return compiled;
  }
}

/**
 * @param mayHaveAll whether every error of such arguments may be found, and not the first alone.
 * @throws TooMuchWork
 */
function errorsOf(compiled: Compiled, args: unknown, mayHaveAll: (args: unknown) => boolean): readonly ErrorObject[] {
  return withinWork(MOST_WORK, () => {
    if (compiled.first(args)) return [];
    const first = takenErrors(compiled.first);
    if (!mayHaveAll(args)) return first;
    compiled.every ??= compileSchema(compiled.schema, { allErrors: true, verbose: true });
    compiled.every(args);
    return takenErrors(compiled.every);
  });
}

function isShort(args: unknown): boolean {
  return JSON.stringify(args).length <= MOST_CHARACTERS_FOR_EVERY_PROBLEM;
}

function hasFewValues(args: unknown): boolean {
  return valuesIn(args) <= MOST_VALUES_FOR_EVERY_INTEGER;
}

/** Arguments are nested some levels deep, and no more. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + valuesIn(member), 1);
}

function isIntegerAsText({ keyword, params, data }: ErrorObject): boolean {
  if (keyword !== 'type' || typeof data !== 'string' || !/^-?[1-9]\d{15,}$/.test(data)) return false;
  const types = [params.type].flat() as readonly unknown[];
  const nearest = Number(data);
  return (
    (types.includes('integer') || types.includes('number')) &&
    Number.isFinite(nearest) &&
    !Number.isSafeInteger(nearest)
  );
}
