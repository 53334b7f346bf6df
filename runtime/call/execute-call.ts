/**
 * The call path, top to bottom; `settle-call.ts` has what follows the dispatch. The caller is authenticated already;
 * then: resolve endpoint → validate arguments → quote → build request → credential → hold, which claims the idempotency
 * key, and mark dispatched (later, where the provider has no place for it yet) → send with the credential → read answer
 * → capture or release → answer. Where it is refused before the hold, the credential may keep it waiting, or the hold
 * finds its key claimed: known idempotency key, or undelivered answer? → the answer that there is.
 *
 * Invariants:
 * - Whatever can be refused is refused before the hold: by then the request is built and the credential at hand.
 * - Nothing is sent before the hold, and then the mark `dispatched`, are durable.
 * - After the hold every way out captures or releases it; a crash leaves it to the sweeper.
 * - Once dispatched, a call is finished, settled and stored even when the client has gone.
 *
 * It knows nothing of MCP or HTTP, of SQL, or of how a request is written to the wire.
 */

import { hash } from 'node:crypto';

import type { Price } from '../../generated/contract.js';
import type { Caller } from '../account/authenticate.js';
import type { ArgumentValidator } from '../catalogue/argument-validator.js';
import type { Catalogue, LoadedEndpoint } from '../catalogue/catalogue.js';
import { GatewayError } from '../gateway-error.js';
import { newCallId } from '../ledger/call-ids.js';
import type { OpenCallResult, UndeliveredCall } from '../ledger/ledger.js';
import type { MicroUsdc } from '../ledger/micro-usdc.js';
import type { Quotes } from '../ledger/quotes.js';
import { digestOfCanonical } from '../receipt/request-digest.js';
import type { Admission } from '../upstream/admission.js';
import { buildRequest } from '../upstream/build-request.js';
import { DEFAULT_LIMITS } from '../upstream/default-limits.js';
import type { RefusedHost } from '../upstream/refused-host.js';
import { canonicalArguments, type CanonicalArguments } from './canonical-arguments.js';
import type { Delivery } from './delivery.js';
import { findEndpoint } from './find-endpoint.js';
import { fittingArguments } from './fitting-arguments.js';
import { flightOf, knownAnswer, replay, type KeyedCall, type KnownDependencies } from './known-answer.js';
import { maxCharge } from './price.js';
import {
  callInProgress,
  checkConnection,
  checkIdempotencyKey,
  checkMaxPrice,
  checkProvider,
  checkSelect,
  givenUp,
  isRefused,
  refusedHold,
} from './refusal.js';
import type { SendableCall, SendDependencies } from './send-call.js';
import { sendAndSettle, type HeldCall } from './settle-call.js';
import { storedResult, type CallResult } from './stored-result.js';
import { addressRefused } from './upstream-error.js';
import type { WaitingClient } from './waiting-client.js';

export interface CallRequest {
  readonly endpoint: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** USDC. */
  readonly maxPrice?: string;
  readonly idempotencyKey?: string;
  readonly quoteId?: string;
  /** JMESPath over a JSON answer; what is stored and charged is the whole answer. */
  readonly select?: string;
  /** The answer whole, however large it is. */
  readonly whole?: boolean;
  readonly dryRun?: boolean;
  /** Called with each record of a streamed answer while it arrives; the answer itself comes whole, at its end. */
  readonly onRecord?: ((record: string) => void) | undefined;
  /** A call of its own, also where the answer to one like it is undelivered. */
  readonly fresh?: boolean;
}

/** What a call would do and cost. Nothing was sent, held or stored. */
export interface DryRun {
  readonly kind: 'dry-run';
  readonly method: string;
  /** Without credentials. */
  readonly url: string;
  readonly maxChargeMicroUsdc: MicroUsdc;
}

export interface CallDependencies extends SendDependencies, KnownDependencies {
  /** The catalogue now; a call keeps the one that it began with. */
  readonly catalogue: () => Catalogue;
  readonly validator: ArgumentValidator;
  readonly admission: Admission;
  readonly quotes: Quotes;
  readonly upstreamFor: (provider: string) => string | undefined;
  readonly refusedHost: RefusedHost;
}

/** A held call counts as lost when this has passed beyond the time that it may wait for a place. */
const DISPATCH_GRACE_MS = 60_000;
/** A dispatched call counts as lost when this has passed beyond its upstream's timeout. */
const SETTLE_GRACE_MS = 60_000;

/**
 * Runs one metered call.
 * @param client when it goes before the dispatch, the call is not made; after it the call goes on.
 * @param delivery is told which call's answer the client waits for, unless that has an idempotency key.
 * @throws GatewayError for every expected way to fail; its `charged` says what the call cost.
 */
export async function executeCall(
  deps: CallDependencies,
  caller: Caller,
  request: CallRequest,
  client: WaitingClient,
  delivery: Delivery,
): Promise<CallResult | DryRun> {
  if (request.select !== undefined) checkSelect(request.select);
  if (request.idempotencyKey !== undefined) checkIdempotencyKey(request.idempotencyKey);
  const args = canonicalArguments(request.arguments);
  const asked: AskedCall = {
    caller,
    request,
    args,
    digest: digestOfCanonical(request.endpoint, args.text),
    idempotencyDigest: request.idempotencyKey === undefined ? undefined : hash('sha256', request.idempotencyKey),
  };
  if (request.dryRun === true) return (await knownAnswer(deps, asked)) ?? dryRun(deps, asked);

  let opening: Opening | CallResult;
  try {
    opening = await openCall(deps, asked, client);
  } catch (refusal) {
    // A known key is answered even if a new call would be refused: a replay must work on an empty balance, and after
    // the catalogue or the price has changed. Only here it is looked up whether the key is known: nearly every key is
    // new, and the hold reports those that are not.
    if (!(refusal instanceof GatewayError)) throw refusal;
    const known = await knownAnswer(deps, asked);
    if (known !== undefined) return known;
    // So is a call without a key that repeats one whose answer is undelivered, but not where the API key may not make it:
    // then the answer is another key's.
    const owed = refusal.code === 'PROVIDER_NOT_ALLOWED' ? undefined : await undeliveredAnswer(deps, asked, delivery);
    if (owed === undefined) throw refusal;
    return owed;
  }
  if (!('opened' in opening)) return opening;
  const { opened } = opening;
  // Its key and an undelivered answer were looked for before that.
  if (isRefused(opened)) throw refusedHold(opened, maxCharge(opening.call.price), caller);
  if (opened.outcome === 'claimed') {
    // Where there is none, the call that had the key ended without having been sent, and the key is free: each time that
    // this begins anew, another call has ended.
    const replayed = await replay(deps, asked, opened.call);
    return replayed ?? executeCall(deps, caller, request, client, delivery);
  }
  if (opened.outcome !== 'opened') return deliverAgain(deps, opened, delivery);

  const { call, leave } = opening;
  if (asked.idempotencyDigest === undefined) delivery.expect(call.callId);
  const settling = leave === undefined ? whenPlaced(deps, call, client) : inPlace(deps, call, leave);
  const flight = asked.idempotencyDigest === undefined ? call.callId : flightOf(caller, asked.idempotencyDigest);
  deps.inFlight.set(flight, settling);
  try {
    return await settling;
  } finally {
    // Where it was never sent, another call may have its key by now.
    if (deps.inFlight.get(flight) === settling) deps.inFlight.delete(flight);
  }
}

/** The answer to a call without a key that was refused, where that to an earlier one like it is undelivered. */
async function undeliveredAnswer(
  deps: CallDependencies,
  { caller, request, digest, idempotencyDigest }: AskedCall,
  delivery: Delivery,
): Promise<CallResult | undefined> {
  if (idempotencyDigest !== undefined || request.fresh === true) return undefined;
  const owed = await deps.ledger.collectUndelivered(caller.accountId, digest);
  return owed === undefined ? undefined : deliverAgain(deps, owed, delivery);
}

/** @throws GatewayError CALL_IN_PROGRESS, or as the earlier call did */
function deliverAgain(
  deps: CallDependencies,
  { outcome, call }: UndeliveredCall,
  delivery: Delivery,
): Promise<CallResult> {
  if (outcome === 'undelivered-running') throw callInProgress(call.callId);
  delivery.expect(call.callId);
  return storedResult(deps.ledger, call);
}

/** A call as it is asked for. */
interface AskedCall extends KeyedCall {
  readonly request: CallRequest;
  readonly args: CanonicalArguments;
}

/** A call that lacks nothing but its hold. */
interface PreparedCall extends Pick<SendableCall, 'endpoint' | 'unsigned'> {
  readonly price: Price;
  readonly maxChargeMicroUsdc: MicroUsdc;
  readonly catalogueDigest: string;
}

/** @throws GatewayError for whatever the call is refused for before anything is held. */
async function prepareCall(
  deps: CallDependencies,
  { caller, request, args, digest }: AskedCall,
): Promise<PreparedCall> {
  const catalogue = deps.catalogue();
  const endpoint = await findEndpoint(catalogue, request.endpoint);
  const { descriptor, provider } = endpoint;
  checkProvider(caller, provider.id);
  const fitting = fittingArguments(deps.validator, endpoint, args);

  const { price } =
    request.quoteId === undefined ? descriptor : await deps.quotes.findValid(request.quoteId, descriptor.id, digest);
  const maxChargeMicroUsdc = maxCharge(price);
  checkMaxPrice(maxChargeMicroUsdc, request.maxPrice, caller.maxPriceMicroUsdc);

  const unsigned = buildRequest(descriptor, fitting, deps.upstreamFor(provider.id));
  const looking = deps.refusedHost(provider.id, unsigned.url);
  const refused = looking === undefined ? undefined : await looking;
  if (refused !== undefined) throw addressRefused(descriptor.id, refused);
  return { endpoint, unsigned, price, maxChargeMicroUsdc, catalogueDigest: catalogue.digest };
}

async function dryRun(deps: CallDependencies, asked: AskedCall): Promise<DryRun> {
  const { endpoint, unsigned, maxChargeMicroUsdc } = await prepareCall(deps, asked);
  await refuseWhatCannotRun(deps, asked.caller, endpoint, maxChargeMicroUsdc);
  return { kind: 'dry-run', method: unsigned.method, url: unsigned.url.href, maxChargeMicroUsdc };
}

/** What came of opening a call. */
interface Opening {
  readonly opened: OpenCallResult;
  /** As it is where it was opened. */
  readonly call: HeldCall;
  /** Gives back the place among the provider's calls, where the call has one and is dispatched. */
  readonly leave: (() => void) | undefined;
}

/**
 * Holds the most that the call can cost. Where the provider has a place now, the call is dispatched with its hold: one
 * commit, and not two.
 * @returns the known answer where that is looked up first.
 * @throws GatewayError where the call is refused before its hold; then nothing is held.
 */
async function openCall(
  deps: CallDependencies,
  asked: AskedCall,
  client: WaitingClient,
): Promise<Opening | CallResult> {
  const { caller, request, digest, idempotencyDigest } = asked;
  const { endpoint, unsigned, price, maxChargeMicroUsdc, catalogueDigest } = await prepareCall(deps, asked);
  const { descriptor, provider } = endpoint;
  // A call that only repeats another needs no token, so none is asked for or waited for.
  const known = deps.vault.mayWait(provider, descriptor) ? await knownAnswer(deps, asked) : undefined;
  if (known !== undefined) return known;
  const credential = await deps.vault.resolve(provider, descriptor);
  checkConnection(descriptor.id, unsigned.url, credential);
  const callId = newCallId(deps.clock);
  deps.admission.check(provider.id, provider.limits);
  // A client that has gone already gets no place: nothing is sent for it.
  const leave = client.hasGone ? undefined : deps.admission.tryEnter(provider.id, provider.limits);
  const stayOut = (): void => {
    leave?.();
    deps.admission.takeBack(provider.id, provider.limits);
  };
  let opened: OpenCallResult;
  try {
    opened = await deps.ledger.openCall({
      callId,
      accountId: caller.accountId,
      keyId: caller.keyId,
      dailyLimitMicroUsdc: caller.dailyLimitMicroUsdc,
      endpoint: descriptor.id,
      provider: provider.id,
      sellerId: provider.seller.id,
      idempotencyDigest,
      requestDigest: digest,
      fresh: request.fresh,
      maxChargeMicroUsdc,
      deadlineMs: heldDeadlineMs(deps, provider),
      ...(leave === undefined ? {} : { dispatchDeadlineMs: dispatchDeadlineMs(deps, provider) }),
    });
  } catch (error) {
    stayOut();
    throw error;
  }
  if (opened.outcome !== 'opened') stayOut();
  const { onRecord } = request;
  const call = { callId, endpoint, unsigned, credential, price, catalogueDigest, onRecord };
  return { opened, call, leave };
}

/** When a call that is held now counts as lost, unless it is dispatched before. */
function heldDeadlineMs(deps: CallDependencies, { limits }: LoadedEndpoint['provider']): number {
  const { queueTimeoutMs = DEFAULT_LIMITS.queueTimeoutMs } = limits;
  return deps.clock.nowMs() + queueTimeoutMs + DISPATCH_GRACE_MS;
}

/** When a call that is sent now counts as lost. */
function dispatchDeadlineMs(deps: CallDependencies, { limits }: LoadedEndpoint['provider']): number {
  return deps.clock.nowMs() + limits.timeoutMs + SETTLE_GRACE_MS;
}

/** Refuses what would be refused after the request is built, as far as can be told without a hold. */
async function refuseWhatCannotRun(
  deps: CallDependencies,
  caller: Caller,
  { provider, descriptor }: LoadedEndpoint,
  maxChargeMicroUsdc: MicroUsdc,
): Promise<void> {
  // If the endpoint is unavailable, `resolve` throws that, and asks no token server.
  if (!deps.vault.availability(provider, descriptor).available) await deps.vault.resolve(provider, descriptor);
  deps.admission.check(provider.id, provider.limits);
  deps.admission.takeBack(provider.id, provider.limits);
  const { availableMicroUsdc } = await deps.ledger.balance(caller.accountId);
  if (availableMicroUsdc < maxChargeMicroUsdc) {
    throw refusedHold({ outcome: 'insufficient-funds', availableMicroUsdc }, maxChargeMicroUsdc, caller);
  }
}

/** Waits for a place among the provider's calls; a call that gets none, or whose client goes, was never made. */
async function whenPlaced(deps: CallDependencies, call: HeldCall, client: WaitingClient): Promise<CallResult> {
  const { provider } = call.endpoint;
  let leave: () => void;
  try {
    leave = await deps.admission.enter(provider.id, provider.limits, client.gone);
  } catch (error) {
    deps.admission.takeBack(provider.id, provider.limits);
    if (!client.hasGone && !(error instanceof GatewayError)) throw error;
    const reason = client.hasGone ? 'client_gone' : (error as GatewayError).code.toLowerCase();
    await deps.ledger.release({ callId: call.callId, reason });
    if (!client.hasGone) throw error;
    throw new GatewayError('CLIENT_GONE', 'the client went away before the call was sent', 'call again');
  }
  return inPlace(deps, call, leave, async () => {
    const marked = await markDispatched(deps, call);
    if (!marked) throw givenUp(provider.id, call.callId);
  });
}

/** Where that cannot be stored, nothing is sent, and the call is released. */
async function markDispatched(deps: CallDependencies, { callId, endpoint }: HeldCall): Promise<boolean> {
  try {
    return await deps.ledger.markDispatched(callId, dispatchDeadlineMs(deps, endpoint.provider));
  } catch (error) {
    // A call that cannot be released now is the sweeper's.
    await deps.ledger.release({ callId, reason: 'not_dispatched' }).catch(() => undefined);
    throw error;
  }
}

/** @param dispatch makes the call's state `dispatched`, where it is not. */
async function inPlace(
  deps: CallDependencies,
  call: HeldCall,
  leave: () => void,
  dispatch?: () => Promise<void>,
): Promise<CallResult> {
  try {
    if (dispatch !== undefined) await dispatch();
    return await sendAndSettle(deps, call);
  } finally {
    leave();
  }
}
