/**
 * Releases a call even if the connection to the database breaks during the commit. A call is released at most once, so
 * asking for the same release again tells whether it was.
 */

import { askForCertain, type Pause } from './ask-for-certain.js';
import type { Ledger, ReleaseResult } from './ledger.js';

/**
 * @param reason why it is released, for which nobody else releases this call.
 * @throws GatewayError as `release` does.
 */
export function releaseForCertain(
  reason: string,
  release: () => Promise<ReleaseResult>,
  balance: Ledger['balance'],
  pause: Pause,
): Promise<ReleaseResult> {
  return askForCertain(release, async () => released(reason, await release(), balance), pause);
}

/** An earlier attempt was committed and its answer was lost: this is that answer. */
async function released(reason: string, result: ReleaseResult, balance: Ledger['balance']): Promise<ReleaseResult> {
  if (result.outcome === 'released') return result;
  const { call } = result;
  if (call.state !== 'released' || call.reason !== reason) return result;
  const { availableMicroUsdc } = await balance(call.accountId);
  return { outcome: 'released', availableMicroUsdc };
}
