/**
 * Makes the rows of the search index: what browse shows of an endpoint, and the words that it is found by. Ranking is
 * the runtime's business.
 */

import type { CatalogueEntry, EndpointDescriptor, JsonSchema } from '../contract.js';
import { definitionName } from '../normalize/definition-name.js';
import { beginning } from '../normalize/clean-text.js';
import { securityNeeds } from './security-needs.js';

const MOST_WORDS = 40;
const MOST_CHARACTERS = 400;

/** Rows in the order of the endpoints. */
export function catalogueEntries(
  endpoints: readonly EndpointDescriptor[],
  definitions: Readonly<Record<string, JsonSchema>>,
): readonly CatalogueEntry[] {
  const { placeOf } = securityNeeds(endpoints);
  return endpoints.map((endpoint) => ({
    id: endpoint.id,
    title: endpoint.title,
    summary: endpoint.summary,
    method: endpoint.method,
    path: endpoint.path,
    price: endpoint.price,
    tags: endpoint.tags,
    words: argumentWords(endpoint, definitions),
    text: beginning(endpoint.description, MOST_CHARACTERS),
    ...(endpoint.deprecated === true && { deprecated: true }),
    ...(endpoint.security.length > 0 && { needs: placeOf(endpoint) }),
  }));
}

/** Names of the arguments, then of the body's properties: each once, at most forty. */
function argumentWords(
  endpoint: EndpointDescriptor,
  definitions: Readonly<Record<string, JsonSchema>>,
): readonly string[] {
  const words = new Set<string>();
  const properties = propertiesOf(endpoint.arguments);
  for (const name of Object.keys(properties)) {
    if (name !== endpoint.body?.argument) words.add(name);
  }
  const body = endpoint.body === undefined ? undefined : properties[endpoint.body.argument];
  if (body !== undefined) addPropertyNames(body, definitions, words, new Set());
  return [...words].slice(0, MOST_WORDS);
}

/** Follows references and compositions, and the items of an array, but not into the properties themselves. */
function addPropertyNames(
  schema: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>>,
  words: Set<string>,
  seen: Set<string>,
): void {
  if (typeof schema === 'boolean' || words.size >= MOST_WORDS) return;
  for (const name of Object.keys(propertiesOf(schema))) words.add(name);
  if (typeof schema.$ref === 'string' && !seen.has(schema.$ref)) {
    seen.add(schema.$ref);
    const key = definitionName(schema.$ref);
    const target = Object.hasOwn(definitions, key) ? definitions[key] : undefined;
    if (target !== undefined) addPropertyNames(target, definitions, words, seen);
  }
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
    const parts = schema[keyword];
    for (const part of Array.isArray(parts) ? (parts as JsonSchema[]) : []) {
      addPropertyNames(part, definitions, words, seen);
    }
  }
  if (typeof schema.items === 'object' && schema.items !== null && !Array.isArray(schema.items)) {
    addPropertyNames(schema.items as JsonSchema, definitions, words, seen);
  }
}

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const properties = typeof schema === 'object' ? schema.properties : undefined;
  return typeof properties === 'object' && properties !== null ? (properties as Record<string, JsonSchema>) : {};
}
