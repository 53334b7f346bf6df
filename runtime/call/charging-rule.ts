/** Whether an answered call is charged, and if not, the reason code that the buyer is told. */

import type { ChargingRule } from '../../generated/contract.js';
import { evaluate, isTruthy } from './jmespath.js';

export type Verdict = { readonly charged: true } | { readonly charged: false; readonly reason: string };

/** Decides by the answer's status and its parsed JSON body, or the list of a stream's records (undefined where it is neither). */
export function applyChargingRule(rule: ChargingRule, status: number, body: unknown): Verdict {
  if (!rule.on.some((pattern) => matches(pattern, status)))
    return { charged: false, reason: `upstream_status_${status}` };
  if (rule.voidIf !== undefined && body !== undefined && isTruthy(evaluate(rule.voidIf, body))) {
    return { charged: false, reason: 'voided_by_answer' };
  }
  return { charged: true };
}

/** The rule in words, for agents. */
export function describeChargingRule(rule: ChargingRule): string {
  const unless =
    rule.voidIf === undefined ? '' : `, unless \`${rule.voidIf}\` (JMESPath) finds something in the answer`;
  return `charged when the upstream answers ${rule.on.join(', ')}${unless}; timeouts, failures and refusals cost nothing`;
}

function matches(pattern: string, status: number): boolean {
  return /^[1-5]xx$/i.test(pattern) ? pattern[0] === String(status)[0] : pattern === String(status);
}
