/**
 * Gives every operation its price and its charging rule. Amounts are decided here and nowhere else in the generator;
 * their text has been checked before (`price-faults.ts` and the settings' schema).
 */

import type { ChargingRule, Price } from '../contract.js';
import type { NormalizedOperation } from '../normalize/normalized-document.js';
import type { Findings } from '../report/findings.js';
import { operationMatcher } from '../settings/operation-match.js';
import { chargingRule } from '../settings/provider-descriptor.js';
import type { LocatedSettings } from '../settings/read-settings.js';
import type { OperationSettings } from '../settings/settings.js';
import { unmatchedNames } from '../settings/unmatched-names.js';

export interface PricedOperation extends NormalizedOperation {
  readonly price: Price;
  readonly charge: ChargingRule;
}

/** The price, in USDC, of an operation that nobody priced. */
const FALLBACK_PRICE: Price = { model: 'per_call', amount: '0.001' };

/**
 * Prices operations: the first rule of `pricing.rules` that matches wins, then the operation's own `x-tollgate`, then
 * `pricing.default`; what none of them prices costs 0.001 USDC a call. A rule that matches no operation is a warning,
 * and so are one whose operations were all priced by rules before it, and a name in one that no operation has.
 *
 * `own` is keyed by JSON pointer of the operation, which survives the stages before this one.
 */
export function priceOperations(
  operations: readonly NormalizedOperation[],
  own: ReadonlyMap<string, OperationSettings>,
  located: LocatedSettings,
  provider: string,
  findings: Findings,
): readonly PricedOperation[] {
  const { pricing, charge } = located.settings;
  const rules = (pricing?.rules ?? []).map(({ match, price }) => ({
    match,
    price,
    matches: operationMatcher(match),
    matched: 0,
    won: 0,
  }));
  const priced = operations.map((operation): PricedOperation => {
    const fitting = rules.filter((rule) => rule.matches(operation));
    for (const rule of fitting) rule.matched++;
    const [first] = fitting;
    if (first !== undefined) first.won++;
    const said = own.get(operation.pointer);
    return {
      ...operation,
      price: first?.price ?? said?.price ?? pricing?.default ?? FALLBACK_PRICE,
      charge: chargingRule(said?.charge ?? charge),
    };
  });
  for (const [index, rule] of rules.entries()) {
    const place = located.locate(['pricing', 'rules', index]);
    const absent = unmatchedNames(rule.match, operations);
    for (const fault of absent) {
      findings.warnings.push({ ...place, provider, rule: 'pricing-rule-unused', ...fault });
    }
    if (rule.won > 0 || absent.length > 0) continue;
    findings.warnings.push({
      ...place,
      provider,
      rule: 'pricing-rule-unused',
      message:
        rule.matched === 0
          ? `the pricing rule ${JSON.stringify(rule.match)} matches no operation`
          : `the pricing rule ${JSON.stringify(rule.match)} never applies: earlier rules match all of its operations`,
      remedy: rule.matched === 0 ? 'correct it, or delete it' : 'move it up, or delete it',
    });
  }
  return priced;
}
