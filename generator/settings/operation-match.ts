/** The one matcher of operations, for pricing rules and for `operations.include` and `operations.exclude` alike. */

import type { NormalizedOperation } from '../normalize/normalized-document.js';
import { pathGlob } from './path-glob.js';
import type { OperationMatch } from './settings.js';

/**
 * Compiles a match. All of its conditions must hold; a condition with a list holds where one of the list does.
 * `operationId` is compared with the document's own and, for an operation without one, with the derived name.
 */
export function operationMatcher(match: OperationMatch): (operation: NormalizedOperation) => boolean {
  const methods = listOf(match.method)?.map((method) => method.toUpperCase());
  const paths = listOf(match.path)?.map(pathGlob);
  const ids = listOf(match.operationId);
  const tags = listOf(match.tag);
  return (operation) =>
    (ids === undefined || ids.includes(operation.operationId ?? operation.operation)) &&
    (tags === undefined || tags.some((tag) => operation.tags.includes(tag))) &&
    (methods === undefined || methods.includes(operation.method.toUpperCase())) &&
    (paths === undefined || paths.some((matches) => matches(operation.path)));
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}
