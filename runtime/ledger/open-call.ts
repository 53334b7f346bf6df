/**
 * Opens a call: claims its idempotency key and holds the most that it can cost, or does neither. A call without a key
 * gets the undelivered answer to an earlier call like it, if there is one. If the caller is ready to send at once, the
 * same command dispatches the call: both steps are durable before its first byte goes out.
 */

import { answeredFor } from './answered-for.js';
import { dayOf, idsOf, sellerAccountId } from './call-ids.js';
import type { Decision, OpenCommand, Outcomes } from './command.js';
import type { OpenCall } from './ledger.js';
import { availableOf, claimKey, dayKey, type Call, type LedgerState } from './ledger-state.js';

/** @throws RangeError where no buyer has the account. */
export function openCall(state: LedgerState, command: OpenCommand): Decision<Outcomes['open']> {
  const { open, nowMs } = command;
  const { accountId, callId, maxChargeMicroUsdc: held } = open;
  const claimant =
    open.idempotencyDigest === undefined ? undefined : state.claims.get(claimKey(accountId, open.idempotencyDigest));
  if (claimant !== undefined) return { outcome: { outcome: 'claimed', callId: claimant } };
  const { found, delivered } = answeredFor(state, open, nowMs);
  if (found !== undefined) return { outcome: found, ...(delivered.length === 0 ? {} : { changes: { delivered } }) };

  const account = state.accounts.get(accountId);
  if (account?.kind !== 'buyer') throw new RangeError(`no buyer has the account ${accountId}`);
  const day = dayOf(nowMs);
  const availableMicroUsdc = availableOf(account);
  if (account.frozen) return { outcome: { outcome: 'frozen' } };
  if (availableMicroUsdc < held) return { outcome: { outcome: 'insufficient-funds', availableMicroUsdc } };
  const left = leftOfDay(state, open, day);
  if (left !== undefined && left < held) {
    return { outcome: { outcome: 'over-daily-limit', leftMicroUsdc: left > 0n ? left : 0n } };
  }

  const sellerAccount = sellerAccountId(open.sellerId);
  return {
    outcome: { outcome: 'opened', availableMicroUsdc: availableMicroUsdc - held },
    changes: {
      seller: state.accounts.has(sellerAccount) ? undefined : { sellerId: open.sellerId, createdAtMs: nowMs },
      transfers: [
        {
          id: idsOf(callId).holdId,
          kind: 'pending',
          debitAccount: accountId,
          creditAccount: sellerAccount,
          amountMicroUsdc: held,
          callId,
          createdAtMs: nowMs,
        },
      ],
      call: newCall(command, day),
      reserved: { keyId: open.keyId, day, changeMicroUsdc: held },
      receipt: undefined,
      answer: undefined,
      undelivered: undefined,
      delivered,
    },
  };
}

/** What costs nothing needs no room in the day's budget, even where the budget was lowered below what is spent. */
function leftOfDay(state: LedgerState, open: OpenCall, day: string): bigint | undefined {
  if (open.dailyLimitMicroUsdc === undefined || open.maxChargeMicroUsdc === 0n) return undefined;
  return open.dailyLimitMicroUsdc - (state.reserved.get(dayKey(open.keyId, day)) ?? 0n);
}

function newCall({ open, feeBps, nowMs }: OpenCommand, day: string): Call {
  const { callId, accountId, keyId, endpoint, provider, sellerId, idempotencyDigest, requestDigest } = open;
  const { dispatchDeadlineMs } = open;
  return {
    callId,
    accountId,
    keyId,
    endpoint,
    provider,
    sellerId,
    idempotencyDigest,
    requestDigest,
    state: dispatchDeadlineMs === undefined ? 'held' : 'dispatched',
    heldMicroUsdc: open.maxChargeMicroUsdc,
    chargeMicroUsdc: 0n,
    feeBps,
    reason: undefined,
    upstreamStatus: undefined,
    day,
    deadlineMs: dispatchDeadlineMs ?? open.deadlineMs,
    createdAtMs: nowMs,
    dispatchedAtMs: dispatchDeadlineMs === undefined ? undefined : nowMs,
    finishedAtMs: undefined,
  };
}
