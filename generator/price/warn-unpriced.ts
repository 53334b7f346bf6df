/** Tells of operations that nobody priced: they are sold at a price that their seller did not choose. */

import type { NormalizedOperation } from '../normalize/normalized-document.js';
import type { Findings, Place } from '../report/findings.js';
import type { OperationSettings, Settings } from '../settings/settings.js';

/** One warning a provider, at `place`, where neither `pricing` nor an operation's own `x-tollgate` names a price. */
export function warnUnpriced(
  operations: readonly NormalizedOperation[],
  own: ReadonlyMap<string, OperationSettings>,
  settings: Settings,
  place: Place,
  provider: string,
  findings: Findings,
): void {
  if (settings.pricing !== undefined) return;
  const unpriced = operations.filter(({ pointer }) => own.get(pointer)?.price === undefined).length;
  if (unpriced === 0) return;
  findings.warnings.push({
    ...place,
    provider,
    rule: 'unpriced',
    message: `no price is set for ${String(unpriced)} of ${String(operations.length)} operations, each call costs the fallback of 0.001 USDC`,
    remedy:
      'set pricing.default in provider.yaml: { model: per_call, amount: "0.001" } keeps it, { model: free } gives it away',
  });
}
