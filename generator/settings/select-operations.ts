/** Leaves out the operations that a provider's settings, or an operation itself, exclude. */

import type { NormalizedOperation } from '../normalize/normalized-document.js';
import type { Findings } from '../report/findings.js';
import { operationMatcher } from './operation-match.js';
import type { LocatedSettings } from './read-settings.js';
import type { OperationMatch, OperationSettings } from './settings.js';

/**
 * The operations that become endpoints: with `operations.include` those that one of its matches fits, less those that a
 * match of `operations.exclude` fits or whose own `x-tollgate` says `exclude: true`. What a maintainer excludes on
 * purpose is no loss. A match that fits no operation is a warning. `own` is keyed by JSON pointer.
 */
export function selectOperations(
  operations: readonly NormalizedOperation[],
  own: ReadonlyMap<string, OperationSettings>,
  located: LocatedSettings,
  provider: string,
  findings: Findings,
): readonly NormalizedOperation[] {
  const matched = (list: 'include' | 'exclude', matches: readonly OperationMatch[]): Set<NormalizedOperation> => {
    const found = new Set<NormalizedOperation>();
    for (const [index, match] of matches.entries()) {
      const fitting = operations.filter(operationMatcher(match));
      for (const operation of fitting) found.add(operation);
      if (fitting.length === 0) {
        findings.warnings.push({
          ...located.locate(['operations', list, index]),
          provider,
          rule: 'match-unused',
          message: `operations.${list}: ${JSON.stringify(match)} matches no operation`,
          remedy: 'correct it, or delete it',
        });
      }
    }
    return found;
  };
  const { include, exclude } = located.settings.operations ?? {};
  const included = include === undefined ? undefined : matched('include', include);
  const excluded = matched('exclude', exclude ?? []);
  return operations.filter(
    (operation) =>
      (included?.has(operation) ?? true) && !excluded.has(operation) && own.get(operation.pointer)?.exclude !== true,
  );
}
