/**
 * Cuts a document down to the operations that are going to be called, for Prism to mock: what judges a request (paths,
 * parameters, bodies, security) stays as the vendor wrote it.
 *
 * Prism copies what a schema reaches for every place that reaches it: of Stripe's five first operations alone it was
 * not done after minutes. So an answer whose schema reaches very many others is mocked without its schema; no request
 * is judged by that.
 */

import {
  isObject,
  pointedAt,
  reachedReferences,
  resolved,
  type JsonObject,
  type OpenApiDocument,
  type OperationAddress,
} from './openapi-document.js';

/** How many schemas an answer may reach and still be mocked from its schema. */
const MOST_REACHED = 40;

/** The document with these operations alone, and the components that they reach. */
export function mockDocument(document: OpenApiDocument, operations: readonly OperationAddress[]): OpenApiDocument {
  const paths: Record<string, JsonObject> = {};
  for (const { method, path } of operations) {
    const item = resolved(document, document.paths[path]) ?? {};
    const operation = resolved(document, item[method.toLowerCase()]);
    if (operation === undefined) throw new Error(`the document has no operation ${method} ${path}`);
    paths[path] = {
      ...(paths[path] ?? withoutOperations(item)),
      [method.toLowerCase()]: { ...operation, responses: lighterAnswers(document, operation.responses) },
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

function lighterAnswers(document: OpenApiDocument, responses: unknown): unknown {
  if (!isObject(responses)) return responses;
  return mapValues(responses, (response) => {
    const answer = resolved(document, response);
    if (answer === undefined || !isObject(answer.content)) return answer ?? response;
    return {
      ...answer,
      content: mapValues(answer.content, (media) => {
        const heavy = isObject(media) && reachedReferences(document, media.schema).size > MOST_REACHED;
        return heavy ? { example: {} } : media;
      }),
    };
  });
}

function mapValues(object: JsonObject, change: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function unescaped(name: string): string {
  return decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
}
