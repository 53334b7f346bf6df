/**
 * Cuts a document down to the operations that are going to be called, for Prism to mock: what judges a request (paths,
 * parameters, bodies, security) says what the vendor wrote, in words that Prism reads (`readable-parameters.ts`).
 *
 * Each operation is mocked below a prefix of its own, and its template ends where a URL's path does: documents tell
 * operations of one path apart by a fragment or a query in the template, and Prism finds an operation by its path alone.
 *
 * Every operation answers alike, and calls nobody back: no request is judged by its answers, and Prism fails over many
 * that documents have. It cannot write an object as text, nor follow a faulty reference, and copies what a schema reaches
 * for every place that reaches it: of Stripe's five first operations alone it was not done after minutes.
 */

import {
  isObject,
  pointedAt,
  resolved,
  type JsonObject,
  type OpenApiDocument,
  type OperationAddress,
} from './openapi-document.js';
import { readableBody } from './readable-body.js';
import { readableParameters } from './readable-parameters.js';
import { readableSchema } from './readable-schema.js';

const ANY_ANSWER = { 200: { description: 'accepted', content: { 'application/json': { example: {} } } } };

/** What stands before the path of the operation that is the so-manieth of those that are mocked. */
export function mockPrefix(index: number): string {
  return `/${index}`;
}

/** The document with these operations alone, and the components that they reach. */
export function mockDocument(document: OpenApiDocument, operations: readonly OperationAddress[]): OpenApiDocument {
  const paths: Record<string, JsonObject> = {};
  for (const [index, { method, path }] of operations.entries()) {
    const item = resolved(document, document.paths[path]) ?? {};
    const operation = resolved(document, item[method.toLowerCase()]);
    if (operation === undefined) throw new Error(`the document has no operation ${method} ${path}`);
    const [cut = ''] = path.split(/[?#]/, 1);
    const template = `${cut.startsWith('/') ? '' : '/'}${cut}`;
    const requestBody = readableBody(document, operation.requestBody);
    paths[`${mockPrefix(index)}${template}`] = {
      ...withoutOperations(item),
      parameters: readableParameters(document, item.parameters, template),
      [method.toLowerCase()]: {
        ...operation,
        callbacks: undefined,
        parameters: readableParameters(document, operation.parameters, template),
        ...(requestBody === undefined ? {} : { requestBody }),
        responses: ANY_ANSWER,
      },
    };
  }
  const { openapi, info, servers, security } = document;
  return { openapi, info, servers, security, ...withReached(document, paths) };
}

interface Reached {
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: Readonly<Record<string, JsonObject>>;
}

/**
 * The paths with the components that they reach, and all security schemes. References to other places lead to a copy
 * among the components, since the paths are not where they were.
 */
function withReached(document: OpenApiDocument, paths: Reached['paths']): Reached {
  const { securitySchemes = {} } = document.components ?? {};
  const components: Record<string, Record<string, unknown>> = { securitySchemes: {} };
  const open: { readonly kind: string; readonly name: string; readonly value: unknown }[] = Object.entries(
    securitySchemes,
  ).map(([name, value]) => ({ kind: 'securitySchemes', name, value }));
  const leadsTo = new Map<string, string>();
  const reach = (reference: string): string => {
    const known = leadsTo.get(reference);
    if (known !== undefined) return known;
    const [root, section, kind = '', name] = reference.split('/');
    const isComponent = root === '#' && section === 'components' && name !== undefined;
    const value = pointedAt(document, isComponent ? `#/components/${kind}/${name}` : reference);
    if (value === undefined) return reference;
    const place = isComponent ? { kind, name: unescaped(name) } : { kind: 'x-elsewhere', name: String(leadsTo.size) };
    open.push({ ...place, value });
    const target = isComponent ? reference : `#/components/${place.kind}/${place.name}`;
    leadsTo.set(reference, target);
    return target;
  };
  const copy = (value: unknown): unknown => {
    const text = JSON.stringify(value, (key, inner: unknown) => {
      if (key === '$ref' && typeof inner === 'string') return reach(inner);
      return isObject(inner) ? readableSchema(inner) : inner;
    });
    return JSON.parse(text);
  };
  const copied = copy(paths) as Reached['paths'];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { kind, name, value } = next;
    const holder = (components[kind] ??= {});
    if (!Object.hasOwn(holder, name)) holder[name] = copy(value);
  }
  return { paths: copied, components };
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

function withoutOperations(item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([key]) => !METHODS.has(key)));
}

function unescaped(name: string): string {
  return decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
}
