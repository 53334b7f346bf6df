/** Finds the operationIds and tags of a match that no operation has: in a list with others they would go unnoticed. */

import type { NormalizedOperation } from '../normalize/normalized-document.js';
import { nearestName } from './nearest-name.js';
import type { OperationMatch } from './settings.js';

export interface UnmatchedName {
  readonly message: string;
  readonly remedy: string;
}

/** One for each name, in the match's order. */
export function unmatchedNames(
  match: OperationMatch,
  operations: readonly NormalizedOperation[],
): readonly UnmatchedName[] {
  const ids = new Set(operations.map((operation) => operation.operationId ?? operation.operation));
  const tags = new Set(operations.flatMap((operation) => operation.tags));
  return [...absent('operationId', match.operationId, ids), ...absent('tag', match.tag, tags)];
}

function absent(
  key: string,
  wanted: string | readonly string[] | undefined,
  known: ReadonlySet<string>,
): readonly UnmatchedName[] {
  return [wanted ?? []].flat().flatMap((name) => {
    if (known.has(name)) return [];
    const meant = nearestName(name, known);
    return {
      message: `no operation has the ${key} ${JSON.stringify(name)}`,
      remedy: meant === undefined ? 'correct it, or delete it' : `did you mean ${JSON.stringify(meant)}?`,
    };
  });
}
