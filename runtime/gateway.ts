/**
 * The operations of the gateway, each once. The MCP tools and the plain-HTTP face are two ways to say the same things;
 * neither holds logic of its own. What an operation answers is ready for the wire: amounts are decimal strings, times
 * ISO 8601, names snake_case.
 */

import type { Caller } from './account/authenticate.js';
import type { Ratings, SellerRating } from './account/ratings.js';
import { BugInCall } from './call/bug-in-call.js';
import { canonicalArguments } from './call/canonical-arguments.js';
import { executeCall, type CallDependencies, type CallRequest } from './call/execute-call.js';
import type { Delivery } from './call/delivery.js';
import type { WaitingClient } from './call/waiting-client.js';
import { findEndpoint } from './call/find-endpoint.js';
import { fittingArguments } from './call/fitting-arguments.js';
import { maxCharge } from './call/price.js';
import { checkSelect } from './call/refusal.js';
import { presentAnswer, type PartOfBody, type PresentedAnswer, type Shown } from './call/present-answer.js';
import type { Cut } from './call/preview.js';
import { storedResult, type CallResult } from './call/stored-result.js';
import type { Catalogue } from './catalogue/catalogue.js';
import { isDay } from './clock.js';
import { browse, isAboutPrices, isSearch, type BrowsePage, type BrowseRequest } from './discovery/browse.js';
import { describe, type EndpointDescription } from './discovery/describe.js';
import { MaxCharges } from './discovery/max-charges.js';
import type { Reputations } from './discovery/reputations.js';
import { SearchIndex } from './discovery/search-index.js';
import { wirePrice, type WirePrice } from './discovery/wire-price.js';
import { GatewayError } from './gateway-error.js';
import { inSlices } from './in-slices.js';
import { idsOf, isCallId } from './ledger/call-ids.js';
import { isOpen } from './ledger/is-open.js';
import type { CallId, CallRecord, UsageRow, UsageTotal } from './ledger/ledger.js';
import { formatUsdc } from './ledger/micro-usdc.js';
import type { Receipt } from './receipt/receipt.js';
import { digestOfCanonical } from './receipt/request-digest.js';

const USAGE_PAGE = 50;

export interface Pricing {
  readonly endpoint: string;
  readonly price: WirePrice;
  readonly quote?: { readonly quote_id: string; readonly max_charge: string; readonly expires_at: string };
}

export interface BalanceAnswer {
  readonly available: string;
  readonly held: string;
  readonly currency: 'USDC';
  readonly budget?: {
    readonly daily_limit?: string;
    readonly left_today?: string;
    readonly max_price?: string;
    readonly providers?: readonly string[];
  };
  readonly how_to_deposit: string;
}

export interface CallAnswer {
  readonly status: number;
  readonly content_type: string;
  /** The JSON value or the text; null where the answer is bytes or empty. */
  readonly body: unknown;
  /** True where the body is larger than what is shown of it. */
  readonly body_preview?: true;
  /** Of the whole body, where a part is shown; JSON and text count in UTF-8. */
  readonly body_bytes?: number;
  /** What a preview leaves out, the first places of it. */
  readonly body_cut?: readonly Cut[];
  readonly body_range?: string;
  readonly next_range?: string;
  readonly charged: string;
  readonly currency: 'USDC';
  readonly balance: string;
  readonly request_id: string;
  readonly receipt: Receipt;
  readonly replayed: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly warnings?: readonly string[];
}

export interface DryRunAnswer {
  readonly dry_run: true;
  readonly method: string;
  readonly url: string;
  readonly max_charge: string;
  readonly currency: 'USDC';
}

/** A call's answer, and apart from it the bytes that the face carries in its own way. */
export interface CallOutcome {
  readonly answer: CallAnswer | DryRunAnswer;
  readonly bytes?: PresentedAnswer['bytes'];
}

export interface UsageRequest {
  /** ISO 8601 date or date-time. */
  readonly since?: string;
  readonly until?: string;
  readonly groupBy?: 'endpoint' | 'provider' | 'day';
  readonly cursor?: string;
}

export interface UsageAnswer {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Of all pages; with the first of them alone. */
  readonly total?: { readonly calls: number; readonly failures: number; readonly charged: string };
  readonly currency: 'USDC';
  readonly next_cursor?: string;
}

export interface RatingAnswer {
  readonly seller: string;
  readonly rating: SellerRating;
}

export interface GatewayDependencies extends Omit<CallDependencies, 'catalogue' | 'inFlight'> {
  readonly ratings: Ratings;
  readonly reputations: Reputations;
  /** In words, for check_balance. */
  readonly howToDeposit: (accountId: string) => string;
}

/** A catalogue and what finds things in it, which belong together. */
class Served {
  #charges: Promise<MaxCharges> | undefined;

  constructor(
    readonly catalogue: Catalogue,
    readonly index: Promise<SearchIndex>,
  ) {
    // Where the catalogue cannot be indexed, that is for whoever searches to be told, and brings nothing else down.
    index.catch(() => undefined);
  }

  /** Made when somebody first asks about prices. */
  charges(): Promise<MaxCharges> {
    return (this.#charges ??= inSlices(MaxCharges.of(this.catalogue.entries)));
  }
}

export class Gateway {
  readonly #calls: CallDependencies;
  readonly #running = new Set<Promise<unknown>>();
  #served: Served;

  /**
   * It takes calls at once; only searches wait until the catalogue is indexed.
   * @param index of the catalogue; made here where it is left out.
   */
  constructor(
    private readonly deps: GatewayDependencies,
    catalogue: Catalogue,
    index?: Promise<SearchIndex>,
  ) {
    this.#served = new Served(catalogue, index ?? SearchIndex.build(catalogue));
    this.#calls = { ...deps, catalogue: () => this.#served.catalogue, inFlight: new Map() };
  }

  get catalogue(): Catalogue {
    return this.#served.catalogue;
  }

  /**
   * Serves another catalogue, as soon as it is indexed; until then the one before, whole. What is under way keeps the one
   * that it began with.
   */
  async use(catalogue: Catalogue): Promise<void> {
    const earlier = await this.#served.index.catch(() => undefined);
    const index = await SearchIndex.build(catalogue, { earlier });
    this.#served = new Served(catalogue, Promise.resolve(index));
  }

  /** Resolves when no call is under way, whoever waits for it: each that was held is settled. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async browse(request: BrowseRequest): Promise<BrowsePage> {
    const served = this.#served;
    const reputation = await this.deps.reputations.current();
    return browse(
      served.catalogue,
      {
        index: isSearch(request) ? await served.index : undefined,
        charges: isAboutPrices(request) ? await served.charges() : undefined,
      },
      reputation,
      request,
      ({ id, access }, need) => (access === undefined ? undefined : this.deps.vault.accessRemedy(id, access, need)),
    );
  }

  /** @throws GatewayError ENDPOINT_NOT_FOUND */
  async describe(endpointId: string): Promise<EndpointDescription> {
    const endpoint = await findEndpoint(this.#served.catalogue, endpointId);
    const reputation = await this.deps.reputations.current();
    const availability = this.deps.vault.availability(endpoint.provider, endpoint.descriptor);
    return describe(endpoint, {
      observed: await this.deps.reputations.observed(endpoint.descriptor.id),
      rating: reputation.rating(endpoint.provider.seller.id),
      unavailable: availability.available ? this.deps.admission.pause(endpoint.provider.id) : availability.remedy,
    });
  }

  /** The price; with arguments a quote that pins it for ten minutes. */
  async pricing(endpointId: string, args?: Readonly<Record<string, unknown>>): Promise<Pricing> {
    const { catalogue } = this.#served;
    const endpoint = await findEndpoint(catalogue, endpointId);
    const { id, price } = endpoint.descriptor;
    if (args === undefined) return { endpoint: id, price: wirePrice(price) };

    const canonical = canonicalArguments(args);
    fittingArguments(this.deps.validator, endpoint, canonical);
    const quote = await this.deps.quotes.create({
      endpoint: id,
      requestDigest: digestOfCanonical(id, canonical.text),
      price,
      maxChargeMicroUsdc: maxCharge(price),
      catalogueDigest: catalogue.digest,
    });
    return {
      endpoint: id,
      price: wirePrice(price),
      quote: {
        quote_id: quote.quoteId,
        max_charge: formatUsdc(quote.maxChargeMicroUsdc),
        expires_at: new Date(quote.expiresAtMs).toISOString(),
      },
    };
  }

  async balance(caller: Caller): Promise<BalanceAnswer> {
    const { availableMicroUsdc, heldMicroUsdc } = await this.deps.ledger.balance(caller.accountId);
    const budget = {
      ...(caller.dailyLimitMicroUsdc === undefined ? {} : await this.#dailyBudget(caller, caller.dailyLimitMicroUsdc)),
      ...(caller.maxPriceMicroUsdc === undefined ? {} : { max_price: formatUsdc(caller.maxPriceMicroUsdc) }),
      ...(caller.providers === undefined ? {} : { providers: caller.providers }),
    };
    return {
      available: formatUsdc(availableMicroUsdc),
      held: formatUsdc(heldMicroUsdc),
      currency: 'USDC',
      ...(Object.keys(budget).length === 0 ? {} : { budget }),
      how_to_deposit: this.deps.howToDeposit(caller.accountId),
    };
  }

  /** What is left is nothing, and not less, where the limit was lowered below what was spent. */
  async #dailyBudget({ keyId }: Caller, limit: bigint): Promise<{ daily_limit: string; left_today: string }> {
    const left = limit - (await this.deps.ledger.spentToday(keyId));
    return { daily_limit: formatUsdc(limit), left_today: formatUsdc(left > 0n ? left : 0n) };
  }

  /**
   * @throws GatewayError for every expected way to fail; `charged` says what the call cost. BugInCall for a bug after the
   *   hold.
   */
  async call(caller: Caller, request: CallRequest, client: WaitingClient, delivery: Delivery): Promise<CallOutcome> {
    const running = executeCall(this.#calls, caller, request, client, delivery);
    this.#running.add(running);
    let result;
    try {
      result = await running;
    } finally {
      this.#running.delete(running);
    }
    if (result.kind === 'dry-run') {
      const { method, url, maxChargeMicroUsdc } = result;
      const max_charge = formatUsdc(maxChargeMicroUsdc);
      return { answer: { dry_run: true, method, url, max_charge, currency: 'USDC' } };
    }
    try {
      return this.#outcome(result, request);
    } catch (error) {
      throw new BugInCall(result.requestId, result.replayed ? 0n : result.chargedMicroUsdc, error);
    }
  }

  /** The answer of this call did not reach its client. */
  undelivered(callId: CallId): Promise<void> {
    return this.deps.ledger.markUndelivered(callId);
  }

  /**
   * A settled call's answer and receipt again, free, for as long as the answer is kept.
   * @throws GatewayError REQUEST_NOT_FOUND for an id that is absent or another account's; the call's own error where
   *   it failed; CALL_IN_PROGRESS while it runs
   */
  async storedCall(caller: Caller, requestId: string, shown: Shown): Promise<CallOutcome> {
    if (shown.select !== undefined) checkSelect(shown.select);
    const call = await this.deps.ledger.findCall(caller.accountId, requestId);
    if (call === undefined) {
      throw new GatewayError(
        'REQUEST_NOT_FOUND',
        `there is no request "${requestId.slice(0, 80)}" of this account`,
        'take request_id from a call_api answer, or list calls with get_usage',
      );
    }
    if (isOpen(call)) {
      throw new GatewayError('CALL_IN_PROGRESS', `request ${call.callId} is still running`, 'ask again in a second', {
        details: { request_id: call.callId, retry_after_seconds: 1 },
      });
    }
    await this.deps.ledger.markDelivered(call.callId);
    return this.#outcome(await storedResult(this.deps.ledger, call), shown);
  }

  async usage(caller: Caller, request: UsageRequest): Promise<UsageAnswer> {
    const { rows, total, nextCursor } = await this.deps.ledger.usage({
      accountId: caller.accountId,
      sinceMs: readTime('since', request.since),
      untilMs: readTime('until', request.until),
      groupBy: request.groupBy,
      limit: USAGE_PAGE,
      cursor: request.cursor,
    });
    return {
      rows: rows.map((row) => usageRow(row, request.groupBy)),
      ...(total === undefined ? {} : { total: usageSums(total) }),
      currency: 'USDC',
      ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
    };
  }

  /** @throws GatewayError REQUEST_NOT_FOUND, NOT_RATEABLE */
  async rate(caller: Caller, requestId: string, stars: number, comment?: string): Promise<RatingAnswer> {
    const { accountId } = caller;
    const rating = await this.deps.ratings.rate({ accountId, callId: requestId, stars, comment });
    this.deps.reputations.forget();
    const call = await this.deps.ledger.findCall(accountId, requestId);
    return { seller: call!.sellerId, rating };
  }

  /**
   * @param id the receipt's, or the request id of its call.
   * @throws GatewayError REQUEST_NOT_FOUND for a receipt that is absent or another account's
   */
  async receipt(caller: Caller, id: string): Promise<Receipt> {
    const receipt = await this.deps.ledger.findReceipt(caller.accountId, isCallId(id) ? idsOf(id).receiptId : id);
    if (receipt !== undefined) return receipt;
    throw new GatewayError(
      'REQUEST_NOT_FOUND',
      `there is no receipt "${id.slice(0, 80)}" of this account`,
      'take the receiptId of a receipt, or the request_id of a call that was charged',
    );
  }

  #outcome(result: CallResult, shown: Shown): CallOutcome {
    const { answer, receipt } = result;
    const presented = presentAnswer(answer, shown);
    const warnings = [...answer.warnings, ...presented.warnings];
    return {
      answer: {
        status: answer.status,
        content_type: answer.contentType,
        body: presented.body,
        ...wirePart(presented.part),
        charged: formatUsdc(result.chargedMicroUsdc),
        currency: 'USDC',
        balance: formatUsdc(result.availableMicroUsdc),
        request_id: result.requestId,
        receipt,
        replayed: result.replayed,
        // What is undefined is not written.
        headers: Object.keys(answer.headers).length === 0 ? undefined : answer.headers,
        warnings: warnings.length === 0 ? undefined : warnings,
      },
      bytes: presented.bytes,
    };
  }
}

function wirePart(part: PartOfBody | undefined): Partial<CallAnswer> {
  if (part === undefined) return {};
  const { isPreview, bytes, cuts, range, nextRange } = part;
  return {
    ...(isPreview ? { body_preview: true } : {}),
    body_bytes: bytes,
    ...(cuts === undefined ? {} : { body_cut: cuts }),
    ...(range === undefined ? {} : { body_range: range }),
    ...(nextRange === undefined ? {} : { next_range: nextRange }),
  };
}

function usageSums({ calls, failures, chargedMicroUsdc }: UsageTotal) {
  return { calls, failures, charged: formatUsdc(chargedMicroUsdc) };
}

function usageRow(row: UsageRow, groupBy: UsageRequest['groupBy']): Readonly<Record<string, unknown>> {
  const sums = usageSums(row);
  if (row.call === undefined) return { [groupBy ?? 'group']: row.group, ...sums };
  return { ...callRow(row.call), ...sums };
}

function callRow(call: CallRecord): Readonly<Record<string, unknown>> {
  return {
    request_id: call.callId,
    endpoint: call.endpoint,
    state: call.state,
    ...(call.reason === undefined ? {} : { reason: call.reason }),
    ...(call.upstreamStatus === undefined ? {} : { status: call.upstreamStatus }),
    at: new Date(call.createdAtMs).toISOString(),
  };
}

function readTime(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms) && isDay(text)) return ms;
  throw new GatewayError(
    'INVALID_REQUEST',
    `${name} "${text.slice(0, 40)}" is neither a date nor a date-time with a zone`,
    `write it like "2026-01-31" or "2026-01-31T12:00:00Z"`,
  );
}
