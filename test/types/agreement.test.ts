/**
 * The types of an endpoint's arguments and the schema that describe_endpoint shows say the same, for every endpoint that
 * is committed: what one of them takes or refuses for its types, the other does too.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema, Manifest, ProviderFile } from '../../generated/contract.js';
import { constantName } from '../../generator/emit/constant-name.js';
import { endpointNames } from '../../generator/emit/endpoint-names.js';
import { exampleValue } from '../../generator/normalize/example-value.js';
import { checkPattern } from '../../generator/normalize/safe-pattern.js';
import { selfContainedSchema } from '../../runtime/catalogue/self-contained-schema.js';
import { openEditor, type Editor } from './editor.js';
import { mutations } from './mutations.js';

/** What a type can say; a value that breaks nothing else may compile. */
const SAID_BY_TYPES = ['type', 'required', 'enum', 'const', 'anyOf', 'oneOf', 'additionalProperties'];

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

interface Case {
  readonly endpoint: string;
  readonly what: string;
  readonly compiles: boolean;
  readonly line: number;
}

describe('the types of arguments and their JSON Schemas', function () {
  this.timeout(900_000);
  const cases: Case[] = [];
  const wrong: string[] = [];
  let endpoints = 0;
  let editor: Editor;

  before(() => {
    const files: Record<string, string> = {};
    const casesOf = new Map<string, readonly Case[]>();
    for (const provider of readdirSync('generated/providers')) {
      const { code, own, count } = casesFor(provider);
      files[`test/types/virtual-${provider}.ts`] = code;
      casesOf.set(`test/types/virtual-${provider}.ts`, own);
      cases.push(...own);
      endpoints += count;
    }
    editor = openEditor(files);
    for (const [file, own] of casesOf) {
      const refused = new Set(editor.problems(file).map(({ line }) => line));
      for (const { endpoint, what, compiles, line } of own) {
        if (refused.delete(line) === compiles) wrong.push(`${endpoint} ${what}: ${compiles ? 'refused' : 'compiles'}`);
      }
      wrong.push(...[...refused].map((line) => `${file}:${String(line)} has a fault of its own`));
    }
  });

  it('agree on all that was tried', () => assert.deepEqual(wrong, []));

  it('stand in files that compile under the strictest options that a consumer may have', () => {
    const sources = readdirSync('generated/providers').flatMap((provider) => [
      `generated/providers/${provider}/endpoints.ts`,
      `generated/providers/${provider}/types.ts`,
    ]);
    assert.deepEqual(
      ['generated/contract.ts', ...sources].flatMap((file) => editor.problems(file)),
      [],
    );
  });

  it('were tried on every endpoint', () => {
    const { providers } = JSON.parse(readFileSync('generated/manifest.json', 'utf8')) as Manifest;
    assert.equal(
      endpoints,
      providers.reduce((sum, provider) => sum + provider.endpoints, 0),
    );
    assert.equal(cases.filter(({ what }) => what === 'with its example').length, endpoints);
    assert.equal(cases.filter(({ what }) => what === 'with an argument that does not exist').length, endpoints);
    assert.ok(cases.filter(({ what }) => what === 'with every argument').length > 300);
    assert.ok(cases.filter(({ what }) => what.startsWith('without /')).length > 300);
    assert.ok(cases.filter(({ what }) => what.startsWith('with another type of')).length > 1000);
  });
});

function casesFor(provider: string): { readonly code: string; readonly own: readonly Case[]; readonly count: number } {
  const text = readFileSync(`generated/providers/${provider}/descriptors.json`, 'utf8');
  const { definitions, endpoints } = JSON.parse(text) as ProviderFile;
  const constant = constantName(provider);
  const names = endpointNames(endpoints.map(({ id }) => id.slice(provider.length + 1)));
  const lines = [
    `import type { ArgumentsOf } from '../../runtime/client/client.js';`,
    `import { ${constant} } from '../../generated/providers/${provider}/endpoints.js';`,
    `declare function take<T>(value: T): void;`,
  ];
  const own: Case[] = [];
  for (const [index, { id, arguments: schema, example }] of endpoints.entries()) {
    const type = `ArgumentsOf<typeof ${constant}.${names[index]!}>`;
    const validate = ajv.compile(selfContainedSchema(schema, definitions) as object);
    const add = (what: string, value: unknown, compiles: boolean): void => {
      own.push({ endpoint: id, what, compiles, line: lines.length });
      lines.push(`take<${type}>(${JSON.stringify(value)});`);
    };
    add('with its example', example, true);
    add('with an argument that does not exist', { ...example, noSuchArgument: 1 }, false);
    const full = { ...everyArgument(schema, definitions), ...example };
    if (validate(full)) add('with every argument', full, true);
    for (const { what, value } of mutations(full)) {
      if (isRefusedForTypes(validate, value)) add(what, value, false);
      else if (validate(value)) add(what, value, true);
    }
  }
  return { code: lines.join('\n'), own, count: endpoints.length };
}

/** A value for each argument of which one can be made. */
function everyArgument(schema: JsonSchema, definitions: ProviderFile['definitions']): Record<string, unknown> {
  const { properties } = schema as { readonly properties: Readonly<Record<string, JsonSchema>> };
  const lookup = { definition: (name: string) => definitions[name], pattern: checkPattern };
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) => {
      const value = exampleValue(property, lookup);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function isRefusedForTypes(validate: ValidateFunction, value: unknown): boolean {
  const says = ({ keyword, params }: ErrorObject): boolean =>
    // A value that fits two alternatives where it may fit one is of a type that both have.
    SAID_BY_TYPES.includes(keyword) && !(keyword === 'oneOf' && params['passingSchemas'] !== null);
  return !validate(value) && (validate.errors ?? []).every(says);
}
