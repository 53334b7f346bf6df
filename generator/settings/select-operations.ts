/** Leaves out the operations that a provider's settings, or an operation itself, exclude. */

import type { NormalizedOperation } from '../normalize/normalized-document.js';
import type { Findings } from '../report/findings.js';
import { operationMatcher } from './operation-match.js';
import type { LocatedSettings } from './read-settings.js';
import type { OperationMatch, OperationSettings } from './settings.js';
import { unmatchedNames } from './unmatched-names.js';

/**
 * The operations that become endpoints: with `operations.include` those that one of its matches fits, less those that a
 * match of `operations.exclude` fits or whose own `x-tollgate` says `exclude: true`. What a maintainer excludes on
 * purpose is no loss. A match that fits no operation is a warning, and so is each name in one that no operation has;
 * and it is one where none is left, unless `include` is an empty list.
 * @param own the operations' own settings, by JSON pointer.
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
      const place = located.locate(['operations', list, index]);
      const absent = unmatchedNames(match, operations);
      for (const fault of absent) {
        findings.warnings.push({ ...place, provider, rule: 'match-unused', ...fault });
      }
      if (fitting.length === 0 && absent.length === 0) {
        findings.warnings.push({
          ...place,
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
  const selected = operations.filter(
    (operation) =>
      (included?.has(operation) ?? true) && !excluded.has(operation) && own.get(operation.pointer)?.exclude !== true,
  );
  // An empty list of what to include says so on purpose.
  if (selected.length === 0 && operations.length > 0 && include?.length !== 0) {
    findings.warnings.push({
      ...located.locate(['operations']),
      provider,
      rule: 'nothing-selected',
      message: `all ${operations.length} operations are left out, so that nothing of ${provider} can be called`,
      remedy: 'correct operations.include and operations.exclude, or remove the provider',
    });
  }
  return selected;
}
