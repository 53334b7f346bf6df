/**
 * What a schema demands, gathered from wherever it says it: a schema, its `$ref` and its `allOf` apply at once, so that
 * moving a property into a shared part, or giving that part another name, is no change. The limits that apply together
 * become one: the smaller set of types, the higher minimum.
 *
 * It looks one level deep; the schemas of properties and items are handed on as they are.
 */

import type { JsonSchema } from '../contract.js';
import { definitionName } from '../normalize/definition-name.js';

export type Definitions = Readonly<Record<string, JsonSchema>>;
type SchemaObject = Exclude<JsonSchema, boolean>;

/** JSON's types, with numbers told apart as the integers and the others: `number` is both. */
export type ValueType = 'null' | 'boolean' | 'object' | 'array' | 'string' | 'integer' | 'fraction';

export interface Bound {
  readonly limit: number;
  readonly exclusive: boolean;
}

export interface SchemaView {
  /** Whether it allows anything at all. */
  readonly isOpen: boolean;
  readonly types: ReadonlySet<ValueType>;
  /** The values that alone are allowed, by their JSON. */
  readonly values?: ReadonlySet<string>;
  readonly properties: ReadonlyMap<string, JsonSchema>;
  readonly required: ReadonlySet<string>;
  /** Of what no name is said; `true` where nothing is said. */
  readonly additional: JsonSchema;
  readonly items: JsonSchema;
  readonly prefixItems: readonly JsonSchema[];
  /** Each is a list of schemas of which a value fits one (`oneOf`) or more (`anyOf`). */
  readonly choices: readonly (readonly JsonSchema[])[];
  readonly lower?: Bound;
  readonly upper?: Bound;
  /** `minLength` and the like: the strictest of each. */
  readonly least: ReadonlyMap<string, number>;
  readonly most: ReadonlyMap<string, number>;
  readonly multipleOf?: number;
  readonly uniqueItems: boolean;
  /** `format`, `pattern` and the like, where said. */
  readonly forms: ReadonlyMap<string, string>;
  /** The rarer keywords that hold schemas or demands, as they stand. */
  readonly others: ReadonlyMap<string, readonly unknown[]>;
  readonly defaults: string;
  /** Titles, descriptions, examples: nothing that a value must fit. */
  readonly text: string;
}

const ALL: readonly ValueType[] = ['null', 'boolean', 'object', 'array', 'string', 'integer', 'fraction'];
const LEAST = ['minLength', 'minItems', 'minProperties'];
const MOST = ['maxLength', 'maxItems', 'maxProperties'];
const FORMS = ['format', 'pattern', 'contentEncoding', 'contentMediaType'];
const OTHERS = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'minContains',
  'maxContains',
  'propertyNames',
  'patternProperties',
  'dependentSchemas',
  'dependentRequired',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const TEXT = ['title', 'description', 'examples', 'deprecated'];
/** What demands nothing of a value. */
const ANNOTATIONS = new Set([...TEXT, 'default', 'readOnly', 'writeOnly']);

export function schemaView(schema: JsonSchema, definitions: Definitions): SchemaView {
  const parts = schemaParts(schema, definitions);
  const said = (keyword: string): unknown[] =>
    parts.map((part) => part[keyword]).filter((value) => value !== undefined);
  const numbers = (keyword: string): number[] => said(keyword).filter((value) => typeof value === 'number');
  const strictest = (keywords: readonly string[], pick: (...values: number[]) => number): Map<string, number> =>
    new Map(
      keywords.flatMap((keyword) => {
        const given = numbers(keyword);
        return given.length === 0 ? [] : [[keyword, pick(...given)]];
      }),
    );
  const properties = new Map<string, JsonSchema[]>();
  for (const record of said('properties')) {
    for (const [name, property] of Object.entries(record as Definitions)) {
      const known = properties.get(name);
      if (known === undefined) properties.set(name, [property]);
      else known.push(property);
    }
  }
  const values = valuesOf(parts);
  const lower = strictestBound(numbers('minimum'), numbers('exclusiveMinimum'), 1);
  const upper = strictestBound(numbers('maximum'), numbers('exclusiveMaximum'), -1);
  const multiples = numbers('multipleOf');
  return {
    isOpen: parts.every((part) => Object.keys(part).every((keyword) => ANNOTATIONS.has(keyword))),
    types: typesOf(parts, values),
    ...(values !== undefined && { values }),
    properties: new Map([...properties].map(([name, each]) => [name, together(each)])),
    required: new Set(said('required').flat() as string[]),
    additional: together(said('additionalProperties') as JsonSchema[]),
    items: together(said('items') as JsonSchema[]),
    prefixItems: (said('prefixItems')[0] as JsonSchema[] | undefined) ?? [],
    choices: [...said('anyOf'), ...said('oneOf')] as JsonSchema[][],
    ...(lower !== undefined && { lower }),
    ...(upper !== undefined && { upper }),
    least: strictest(LEAST, Math.max),
    most: strictest(MOST, Math.min),
    ...(multiples.length > 0 && { multipleOf: Math.max(...multiples) }),
    uniqueItems: said('uniqueItems').includes(true),
    forms: new Map(FORMS.map((keyword) => [keyword, said(keyword).join(' and ')])),
    others: new Map(OTHERS.map((keyword) => [keyword, said(keyword)])),
    defaults: JSON.stringify(said('default')),
    text: JSON.stringify(TEXT.map(said)),
  };
}

/**
 * The alternatives of a schema that is a choice and demands nothing else; any other schema is the only one of its own.
 * `anyOf` and `oneOf` are taken alike: documents do not use them with care.
 */
export function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  if (typeof schema === 'boolean') return [schema];
  const demands = Object.keys(schema).filter((keyword) => !ANNOTATIONS.has(keyword));
  const [keyword] = demands;
  if (demands.length !== 1 || (keyword !== 'anyOf' && keyword !== 'oneOf')) return [schema];
  return schema[keyword] as readonly JsonSchema[];
}

/** Whether what the schema demands stands elsewhere, so that only a view of it tells. */
export function isComposed(schema: JsonSchema): boolean {
  return typeof schema === 'object' && (schema.$ref !== undefined || schema.allOf !== undefined);
}

/** The schema itself, what it refers to, and the members of `allOf`, each without those two keywords. */
function schemaParts(schema: JsonSchema, definitions: Definitions): readonly SchemaObject[] {
  const parts: SchemaObject[] = [];
  const followed = new Set<string>();
  const gather = (given: JsonSchema): void => {
    if (typeof given === 'boolean') {
      if (!given) parts.push({ enum: [] });
      return;
    }
    const { $ref, allOf, ...own } = given;
    if (Object.keys(own).length > 0) parts.push(own);
    if (typeof $ref === 'string' && !followed.has($ref)) {
      followed.add($ref);
      const name = definitionName($ref);
      if (Object.hasOwn(definitions, name)) gather(definitions[name]!);
    }
    for (const member of (allOf as JsonSchema[] | undefined) ?? []) gather(member);
  };
  gather(schema);
  return parts;
}

function together(schemas: readonly JsonSchema[]): JsonSchema {
  if (schemas.length <= 1) return schemas[0] ?? true;
  return schemas.includes(false) ? false : { allOf: schemas };
}

/** A schema that speaks of properties or items and names no type means objects or lists. */
function typesOf(parts: readonly SchemaObject[], values: ReadonlySet<string> | undefined): ReadonlySet<ValueType> {
  let types = new Set(ALL);
  let isSaid = false;
  for (const { type } of parts) {
    if (type === undefined) continue;
    isSaid = true;
    const own = new Set(([type].flat() as string[]).flatMap(valueTypes));
    types = new Set([...types].filter((each) => own.has(each)));
  }
  if (isSaid) return types;
  if (values !== undefined) return new Set([...values].map((json) => typeOfValue(JSON.parse(json))));
  if (parts.some((part) => part.properties !== undefined || part.required !== undefined)) return new Set(['object']);
  if (parts.some((part) => part.items !== undefined)) return new Set(['array']);
  return types;
}

function valueTypes(type: string): readonly ValueType[] {
  return type === 'number' ? ['integer', 'fraction'] : [type as ValueType];
}

function typeOfValue(value: unknown): ValueType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value as 'boolean' | 'object' | 'string';
}

function valuesOf(parts: readonly SchemaObject[]): ReadonlySet<string> | undefined {
  const sets = parts.flatMap((part) => [
    ...(Array.isArray(part.enum) ? [part.enum as unknown[]] : []),
    ...(part.const !== undefined ? [[part.const]] : []),
  ]);
  const [first, ...rest] = sets.map((values) => new Set(values.map((value) => JSON.stringify(value))));
  if (first === undefined) return undefined;
  return new Set([...first].filter((value) => rest.every((set) => set.has(value))));
}

/** `sign` is 1 for a lower bound, of which the higher is the stricter, and -1 for an upper one. */
function strictestBound(inclusive: readonly number[], exclusive: readonly number[], sign: 1 | -1): Bound | undefined {
  return [
    ...inclusive.map((limit) => ({ limit, exclusive: false })),
    ...exclusive.map((limit) => ({ limit, exclusive: true })),
  ].sort((left, right) => sign * (right.limit - left.limit) || Number(right.exclusive) - Number(left.exclusive))[0];
}
