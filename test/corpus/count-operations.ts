/**
 * How many operations a document has, counted without the generator, so that none can disappear between the two: the
 * Operation Objects of its paths, of those that several paths refer to as well. Callbacks and webhooks are no endpoints.
 */

import { isObject, resolved, type JsonObject } from './openapi-document.js';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

export function countOperations(document: JsonObject): number {
  const paths = isObject(document.paths) ? document.paths : {};
  let count = 0;
  for (const [path, given] of Object.entries(paths)) {
    if (path.startsWith('x-')) continue;
    const item = resolved(document, given) ?? {};
    const additional = isObject(item.additionalOperations) ? Object.keys(item.additionalOperations).length : 0;
    count += METHODS.filter((method) => Object.hasOwn(item, method)).length + additional;
  }
  return count;
}
