/**
 * Cuts a document down to the operations that are going to be called, for Prism to mock: what judges a request (paths,
 * parameters, bodies, security) stays as the vendor wrote it.
 *
 * Each operation is mocked below a prefix of its own, and its template ends where a URL's path does: documents tell
 * operations of one path apart by a fragment or a query in the template, and Prism finds an operation by its path alone.
 *
 * Every operation answers alike: no request is judged by its answers, and Prism fails over many that documents have. It
 * cannot write an object as text, nor follow a faulty reference, and copies what a schema reaches for every place that
 * reaches it: of Stripe's five first operations alone it was not done after minutes.
 */

import {
  pointedAt,
  reachedReferences,
  resolved,
  type JsonObject,
  type OpenApiDocument,
  type OperationAddress,
} from './openapi-document.js';

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
    const [template = ''] = path.split(/[?#]/, 1);
    paths[`${mockPrefix(index)}${template.startsWith('/') ? '' : '/'}${template}`] = {
      ...withoutOperations(item),
      [method.toLowerCase()]: { ...operation, responses: ANY_ANSWER },
    };
  }
  const { securitySchemes } = document.components ?? {};
  const components: Record<string, Record<string, unknown>> = securitySchemes === undefined ? {} : { securitySchemes };
  const rest = { ...document, paths, components, webhooks: undefined };
  for (const reference of reachedReferences(document, rest)) {
    const [, section, kind, name] = reference.split('/');
    if (section !== 'components' || kind === undefined || name === undefined) continue;
    const component = pointedAt(document, `#/components/${kind}/${name}`);
    if (component !== undefined) (components[kind] ??= {})[unescaped(name)] = component;
  }
  return rest;
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

function withoutOperations(item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([key]) => !METHODS.has(key)));
}

function unescaped(name: string): string {
  return decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
}
