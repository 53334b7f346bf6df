/**
 * Holds what the generator wrote for one provider against Ajv: each endpoint's schema of arguments has to compile as JSON
 * Schema 2020-12, with every reference in it found, and the endpoint's example has to satisfy it.
 *
 * A definition is compiled once for all endpoints that share it: with its definitions written into each schema, as a
 * call needs it, a provider of twenty thousand endpoints would take hours and be the same.
 */

import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';

import type { ProviderFile } from '../../generator/contract.js';

export interface CheckFailure {
  /** The endpoint, or the definition: `<provider>#/$defs/<name>`. */
  readonly of: string;
  readonly check: 'schema' | 'example';
  readonly message: string;
}

export interface ProviderCheck {
  /** Schemas of arguments that were tried, and examples. */
  readonly schemas: number;
  readonly examples: number;
  readonly failures: readonly CheckFailure[];
}

const REF = '#/$defs/';
const DEFINITIONS = 'provider:/';

export function checkProvider({ provider, definitions, endpoints }: ProviderFile): ProviderCheck {
  const ajv = newAjv();
  const failures: CheckFailure[] = [];
  // Ajv throws plain Errors for what is no schema or cannot be compiled, a reference that leads nowhere included.
  const trying = (of: string, compile: () => void): void => {
    try {
      compile();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failures.push({ of, check: 'schema', message: error.message });
    }
  };
  for (const [name, definition] of Object.entries(definitions)) {
    // Held against the meta-schema here, compiled with the first endpoint that refers to it.
    trying(`${provider.id}${REF}${name}`, () => ajv.addSchema(link(definition) as AnySchema, `${DEFINITIONS}${name}`));
  }
  let examples = 0;
  for (const { id, arguments: schema, example } of endpoints) {
    const own = link(schema) as AnySchema;
    trying(id, () => {
      const validate = ajv.compile(own);
      examples += 1;
      if (!validate(example)) failures.push({ of: id, check: 'example', message: ajv.errorsText(validate.errors) });
    });
    // An instance keeps all that it compiled for ever; the definitions alone are worth keeping.
    ajv.removeSchema(own);
  }
  return { schemas: endpoints.length, examples, failures };
}

/** As strict and as lenient as the runtime: formats that nobody knows are annotations, patterns run in linear time. */
function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    code: { regExp: Object.assign(linearRegExp, { code: 'linearRegExp' }) },
  });
  addFormats.default(ajv);
  ajv.addFormat('url', (text) => URL.canParse(text));
  return ajv;
}

function linearRegExp(pattern: string): { test(text: string): boolean; toString(): string } {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  return { test: (text) => compiled.matcher(text).find(), toString: () => pattern };
}

/** The schema with references to the definitions where `addSchema` has put them. */
function link(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(link);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => {
    const refers = key === '$ref' && typeof child === 'string' && child.startsWith(REF);
    return [key, refers ? `${DEFINITIONS}${child.slice(REF.length)}` : link(child)] as const;
  });
  // `fromEntries` defines its properties, so that one called __proto__ stays a property.
  return Object.fromEntries(entries);
}
