/**
 * Checks arguments against the endpoint's JSON Schema (2020-12) with Ajv. Patterns run in RE2's linear-time engine, as
 * both the pattern (a vendor's document) and the value (a caller) may be hostile. Compiled schemas are kept for the
 * endpoints that were called last.
 */

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

import type { LoadedEndpoint } from './catalogue.js';
import { selfContainedSchema } from './self-contained-schema.js';

export interface Problem {
  /** JSON pointer into the arguments. */
  readonly pointer: string;
  readonly message: string;
}

const KEPT = 500;
const MOST_PROBLEMS = 20;

export class ArgumentValidator {
  readonly #compiled = new LRUCache<object, ValidateFunction>({ max: KEPT });

  /** What is wrong with the arguments; empty when they may be sent. */
  problems(endpoint: LoadedEndpoint, args: unknown): readonly Problem[] {
    let validate = this.#compiled.get(endpoint.descriptor);
    if (validate === undefined) {
      validate = newAjv().compile(selfContainedSchema(endpoint.descriptor.arguments, endpoint.definitions));
      this.#compiled.set(endpoint.descriptor, validate);
    }
    if (validate(args)) return [];
    return (validate.errors ?? []).slice(0, MOST_PROBLEMS).map(toProblem);
  }
}

/** An Ajv for one schema: an instance keeps all that it compiled for ever. */
function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: true,
    code: { regExp: Object.assign(linearRegExp, { code: 'linearRegExp' }) },
  });
  addFormats.default(ajv);
  return ajv;
}

function linearRegExp(pattern: string): { test(text: string): boolean } {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
}

function toProblem(error: ErrorObject): Problem {
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params.additionalProperty);
      return { pointer: `${error.instancePath}/${escape(name)}`, message: 'is no argument of this endpoint' };
    }
    case 'required':
      return {
        pointer: `${error.instancePath}/${escape(String(error.params.missingProperty))}`,
        message: 'is missing',
      };
    case 'enum': {
      const allowed = (error.params.allowedValues as unknown[]).slice(0, 20).map((item) => JSON.stringify(item));
      return { pointer: error.instancePath, message: `must be one of ${allowed.join(', ')}` };
    }
    default:
      return { pointer: error.instancePath, message: error.message ?? `fails "${error.keyword}"` };
  }
}

function escape(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}
