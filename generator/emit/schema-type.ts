/**
 * A TypeScript type for a JSON Schema that `types.ts` has no type for: files in base64, server variables, parts of a
 * document that openapi-typescript could not carry over. It says what it is sure of and `unknown` for the rest, so that
 * it admits whatever the schema admits.
 */

import type { JsonSchema } from '../contract.js';
import { definitionName } from './definition-name.js';
import { literal, propertyName } from './source-text.js';
import { isObject } from './types-document.js';

type Definitions = Readonly<Record<string, JsonSchema>>;

/** Deeper than this a type is `unknown`: definitions may refer to themselves. */
const DEEPEST = 6;

export function schemaType(schema: JsonSchema, definitions: Definitions, depth = 0): string {
  if (typeof schema === 'boolean' || depth > DEEPEST) return 'unknown';
  const typeOf = (inner: unknown): string =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? schemaType(inner as JsonSchema, definitions, depth + 1)
      : 'unknown';
  if (typeof schema.$ref === 'string') {
    const name = definitionName(schema.$ref);
    return typeOf(Object.hasOwn(definitions, name) ? definitions[name] : undefined);
  }
  if (Array.isArray(schema.enum) && schema.enum.length > 0 && schema.enum.every(isScalar)) {
    return union(schema.enum.map((value) => literal(value)));
  }
  for (const alternatives of [schema.anyOf, schema.oneOf]) {
    if (Array.isArray(alternatives)) return union(alternatives.map(typeOf));
  }
  const names = Array.isArray(schema.type) ? (schema.type as unknown[]) : [schema.type];
  return union(
    names.map((name) => {
      switch (name) {
        case 'string':
        case 'boolean':
        case 'null':
          return name;
        case 'number':
        case 'integer':
          return 'number';
        case 'array':
          return schema.prefixItems === undefined ? `(${typeOf(schema.items)})[]` : 'unknown[]';
        case 'object':
          return objectType(schema, typeOf);
        default:
          return 'unknown';
      }
    }),
  );
}

function objectType(schema: Exclude<JsonSchema, boolean>, typeOf: (inner: unknown) => string): string {
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
  const members = Object.entries(isObject(schema.properties) ? schema.properties : {}).map(
    ([name, property]) => `${propertyName(name)}${required.includes(name) ? '' : '?'}: ${typeOf(property)}`,
  );
  const isOpen = schema.additionalProperties !== false;
  if (members.length === 0) return isOpen ? '{ [name: string]: unknown }' : '{ [name: string]: never }';
  return `{ ${members.join('; ')}${isOpen ? '; [name: string]: unknown' : ''} }`;
}

function union(types: readonly string[]): string {
  return types.includes('unknown') ? 'unknown' : [...new Set(types)].join(' | ');
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
