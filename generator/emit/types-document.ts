/**
 * Cuts a document down to what the types of a provider's endpoints need: their operations, and the components that these
 * refer to. What is left is plain, finite and refers to nothing but its own components, so that openapi-typescript has
 * no reason to look anywhere else. The document that comes in is not changed.
 */

import { decodeFragment, pointerTokens, valueAt } from '../load/json-pointer.js';
import type { NormalizedOperation } from '../normalize/normalized-document.js';

export type JsonObject = Record<string, unknown>;

export interface TypesDocument {
  readonly document: JsonObject;
  /** References that lead nowhere, replaced by a schema that admits anything. */
  readonly unresolved: readonly string[];
  /** Whether a property is readOnly or writeOnly anywhere: requests and answers then differ in type. */
  readonly directional: boolean;
}

/** Keys whose values are maps from names to objects: names are never dropped, whatever they are. */
const MAPS = new Set(['properties', 'patternProperties', '$defs', 'responses', 'headers', 'content']);
/** Keys whose values are data, not objects of the specification. */
const DATA = new Set(['enum', 'const', 'default', 'required', 'discriminator', 'type']);
/** Keys that no type is made of. */
const UNUSED = new Set(
  'example,examples,externalDocs,xml,callbacks,links,security,servers,operationId,tags,$schema,$id,$anchor,$comment'.split(
    ',',
  ),
);
const COMPONENT = /^#\/components\/(schemas|parameters|responses|requestBodies|headers)\/[^/]+$/;
const MOST_COMMENT_CHARACTERS = 600;

export function typesDocument(
  openapi31: Readonly<JsonObject>,
  operations: readonly NormalizedOperation[],
): TypesDocument {
  const components: Record<string, JsonObject> = {};
  const wanted = new Map<string, readonly [kind: string, name: string]>();
  const unresolved = new Set<string>();
  let directional = false;

  const copyReference = (reference: string, inside: ReadonlySet<string>): unknown => {
    const target = localTarget(openapi31, reference);
    if (target === undefined || inside.has(reference)) {
      if (target === undefined) unresolved.add(reference);
      return {};
    }
    if (COMPONENT.test(reference)) {
      const [kind = '', name = ''] = pointerTokens(decodeFragment(reference)).slice(1);
      wanted.set(reference, [kind, name]);
      return { $ref: reference };
    }
    // Types cannot point into the middle of another type in every case; a copy can stand anywhere.
    return copy(target, new Set([...inside, reference]));
  };

  const copy = (node: unknown, inside: ReadonlySet<string>): unknown => {
    if (Array.isArray(node)) return node.map((item) => copy(item, inside));
    if (!isObject(node)) return node;
    if (typeof node.$ref === 'string') return copyReference(node.$ref, inside);
    const result: JsonObject = {};
    for (const [key, value] of Object.entries(node)) {
      if (UNUSED.has(key) || key.startsWith('x-') || value === null) continue;
      if (key === 'title' || key === 'summary' || key === 'description') {
        if (typeof value === 'string') result[key] = value.slice(0, MOST_COMMENT_CHARACTERS);
      } else if (key === 'required' && !Array.isArray(value)) {
        // A boolean belongs to parameters and bodies; in a schema it is a leftover of an older draft.
        if (typeof value === 'boolean' && ('in' in node || 'content' in node)) result[key] = value;
      } else if (MAPS.has(key) && isObject(value)) {
        result[key] = copyMap(value, inside);
      } else {
        result[key] = DATA.has(key) ? structuredClone(value) : copy(value, inside);
      }
      directional ||= (key === 'readOnly' || key === 'writeOnly') && value === true;
    }
    return withSchemaForContent(result);
  };

  const copyMap = (map: JsonObject, inside: ReadonlySet<string>): JsonObject =>
    Object.fromEntries(
      Object.entries(map).map(([name, value]) => [
        name,
        isObject(value) ? copy(value, inside) : value === true ? true : {},
      ]),
    );

  const paths: JsonObject = {};
  const allPaths = isObject(openapi31.paths) ? openapi31.paths : {};
  for (const { path, method } of operations) {
    const item = followed(openapi31, allPaths[path]);
    const key = method.toLowerCase();
    const operation = followed(openapi31, item?.[key]);
    if (item === undefined || operation === undefined) continue;
    const kept = (Object.hasOwn(paths, path) ? paths[path] : {}) as JsonObject;
    if (Array.isArray(item.parameters)) kept.parameters ??= copyParameters(item.parameters, copy);
    const copied = copy(operation, new Set()) as JsonObject;
    if (Array.isArray(operation.parameters)) copied.parameters = copyParameters(operation.parameters, copy);
    kept[key] = copied;
    paths[path] = kept;
  }
  // Copying a component may ask for more of them; a Map is iterated to the end that it has grown to.
  for (const [reference, [kind, name]] of wanted) {
    const group = (components[kind] ??= {});
    const target = localTarget(openapi31, reference);
    const value = isObject(target) ? copy(target, new Set([reference])) : {};
    Object.defineProperty(group, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return {
    document: { openapi: '3.1.0', info: { title: '', version: '' }, paths, components },
    unresolved: [...unresolved],
    directional,
  };
}

/** The object at a local reference, through further references; undefined where it leads nowhere or in a circle. */
export function followed(document: Readonly<JsonObject>, node: unknown): JsonObject | undefined {
  const seen = new Set<string>();
  let current = node;
  while (isObject(current) && typeof current.$ref === 'string') {
    if (seen.has(current.$ref)) return undefined;
    seen.add(current.$ref);
    current = localTarget(document, current.$ref);
  }
  return isObject(current) ? current : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Only parameters that can be named: without a name or a place there is nothing to make a property of. */
function copyParameters(
  parameters: readonly unknown[],
  copy: (node: unknown, inside: ReadonlySet<string>) => unknown,
): unknown[] {
  return parameters
    .filter(isObject)
    .map((parameter) => copy(parameter, new Set()) as JsonObject)
    .filter((parameter) => typeof parameter.$ref === 'string' || typeof parameter.name === 'string');
}

/** openapi-typescript reads a parameter's `schema` alone; the argument has the type of its content. */
function withSchemaForContent(node: JsonObject): JsonObject {
  if (typeof node.name !== 'string' || typeof node.in !== 'string' || !isObject(node.content)) return node;
  const [media] = Object.values(node.content);
  return { ...node, content: undefined, schema: isObject(media) && media.schema !== undefined ? media.schema : {} };
}

function localTarget(document: unknown, reference: string): unknown {
  return reference.startsWith('#') ? valueAt(document, decodeFragment(reference.slice(1))) : undefined;
}
