/**
 * The answer to a call whose idempotency key is claimed: that of the call which claimed it, or, while that one still
 * runs, the request to try again later.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import type { Caller } from '../account/authenticate.js';
import { GatewayError } from '../gateway-error.js';
import { isOpen } from '../ledger/is-open.js';
import type { CallRecord, Ledger } from '../ledger/ledger.js';
import { storedResult, type CallResult } from './stored-result.js';

export interface KnownDependencies {
  readonly ledger: Ledger;
  /** Calls of this process between their hold and their settlement, by account and idempotency key, or by call id. */
  readonly inFlight: Map<string, Promise<unknown>>;
}

/** A call that is asked for with a key, or without one. */
export interface KeyedCall {
  readonly caller: Caller;
  /** Of the endpoint and the arguments. */
  readonly digest: string;
  readonly idempotencyDigest: string | undefined;
}

/** How long a duplicate waits for the original before it is told to come back. */
const DUPLICATE_WAIT_MS = 1_000;

/** The answer to a key that is claimed; undefined where it is not, or there is none. */
export async function knownAnswer(deps: KnownDependencies, asked: KeyedCall): Promise<CallResult | undefined> {
  if (asked.idempotencyDigest === undefined) return undefined;
  const claimed = await deps.ledger.findClaim(asked.caller.accountId, asked.idempotencyDigest);
  return claimed === undefined ? undefined : replay(deps, asked, claimed);
}

/**
 * Answers a call whose idempotency key was claimed before: with the stored answer, or by asking for patience. Undefined
 * where the original ends meanwhile without having been sent: then the key is free, and this call is the one to be made.
 */
export async function replay(
  deps: KnownDependencies,
  { caller, digest, idempotencyDigest }: KeyedCall,
  claimed: CallRecord,
): Promise<CallResult | undefined> {
  if (idempotencyDigest === undefined) throw new Error(`${claimed.callId} was claimed by a call without a key`);
  if (claimed.requestDigest !== digest) {
    throw new GatewayError(
      'IDEMPOTENCY_KEY_REUSED',
      `this idempotency key was used for another request (${claimed.endpoint}, request ${claimed.callId})`,
      'reuse a key only to repeat the same endpoint with the same arguments; take a new key for a new call',
      { details: { request_id: claimed.callId } },
    );
  }
  if (claimed.told !== undefined || claimed.receipt !== undefined) return storedResult(deps.ledger, claimed);

  const original = deps.inFlight.get(flightOf(caller, idempotencyDigest));
  if (original !== undefined && isOpen(claimed)) {
    // However the original ends, its outcome is read from the ledger.
    const ended = original.catch(() => undefined);
    await Promise.race([ended, sleep(DUPLICATE_WAIT_MS, undefined, { ref: false })]);
  }
  const call = await deps.ledger.findClaim(caller.accountId, idempotencyDigest);
  if (call === undefined) return undefined;
  if (call.callId === claimed.callId && !isOpen(call)) return storedResult(deps.ledger, call);
  throw new GatewayError(
    'IDEMPOTENCY_KEY_IN_USE',
    `the call with this idempotency key (request ${call.callId}) is still running`,
    'ask again with the same key after retry_after_seconds; you are charged at most once',
    { details: { request_id: call.callId, retry_after_seconds: 1 } },
  );
}

/** What a call with a key goes by while it is in flight. */
export function flightOf(caller: Caller, idempotencyDigest: string): string {
  return `${caller.accountId} ${idempotencyDigest}`;
}
