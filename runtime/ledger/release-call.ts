/**
 * Releases a call: the whole hold goes back to the buyer, and what the caller was told is kept. Where nothing was sent
 * upstream there is nothing to replay, and the idempotency key can be used again.
 */

import type { Sql } from '../store/sql.js';
import { selectCall } from './call-record.js';
import type { ReleaseCall, ReleaseResult } from './ledger.js';
import { resolveCall } from './resolve-call.js';
import { storeAnswer } from './store-answer.js';

export async function releaseCall(
  sql: Sql,
  release: ReleaseCall,
  { nowMs, answerTtlMs }: { readonly nowMs: number; readonly answerTtlMs: number },
): Promise<ReleaseResult> {
  const resolved = await resolveCall(sql, release.callId, {
    state: 'released',
    chargeMicroUsdc: 0n,
    reason: release.reason,
    ...(release.upstreamStatus === undefined ? {} : { upstreamStatus: release.upstreamStatus }),
    freesKey: release.told === undefined,
    finishedAtMs: nowMs,
  });
  if (resolved === undefined) {
    const call = await selectCall(sql, release.callId, nowMs);
    if (call === undefined) throw new RangeError(`there is no call ${release.callId} to release`);
    return { outcome: 'resolved-before', call };
  }
  if (release.told !== undefined) await storeAnswer(sql, release.callId, release.told, nowMs + answerTtlMs);
  return { outcome: 'released', availableMicroUsdc: resolved.availableMicroUsdc };
}
