/** Calls through a gateway over its plain-HTTP face, with the types of the endpoints that the generator wrote. */

import type { Endpoint, Price } from '../../generated/contract.js';
import type { Receipt } from '../receipt/receipt.js';
import type { CallOptions, CallParameters, CallResult, Quote } from './call-types.js';
import { createRequester } from './request-json.js';

export interface ClientOptions {
  /** Where the gateway is; `http://127.0.0.1:8402` where nothing is said. */
  readonly url?: string | undefined;
  readonly apiKey: string;
  /** In place of the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface Client {
  /**
   * Calls an endpoint and pays for it. It is sent once, never again by itself.
   * @throws TollgateError, with the reason of the signal for its `cause` where that was aborted
   */
  call<Arguments, Answer>(
    endpoint: Endpoint<Arguments, Answer>,
    ...parameters: CallParameters<Arguments>
  ): Promise<CallResult<Answer>>;
  /**
   * The most that this very call can cost, pinned for ten minutes: `quoteId` is an option of `call`. Free.
   * @throws TollgateError
   */
  quote<Arguments>(endpoint: Endpoint<Arguments>, ...parameters: QuoteParameters<Arguments>): Promise<Quote>;
}

type QuoteParameters<Arguments> =
  Record<never, never> extends Arguments ? [arguments?: Arguments] : [arguments: Arguments];

/** The answer of `POST /v1/call/{provider}/{operation}`. */
interface WireAnswer {
  readonly status: number;
  readonly content_type: string;
  readonly body: unknown;
  readonly body_base64?: string;
  readonly charged: string;
  readonly balance: string;
  readonly request_id: string;
  readonly receipt: Receipt;
  readonly replayed: boolean;
  readonly warnings?: readonly string[];
}

/** The answer of `POST /v1/quotes` to a request with arguments. */
interface WireQuote {
  readonly price: Price;
  readonly quote: { readonly quote_id: string; readonly max_charge: string; readonly expires_at: string };
}

/** @throws TypeError where the URL is none */
export function createClient({
  url = 'http://127.0.0.1:8402',
  apiKey,
  fetch = globalThis.fetch,
}: ClientOptions): Client {
  const post = createRequester({ url, apiKey, fetch });

  async function call(endpoint: Endpoint, args: unknown, options: CallOptions = {}): Promise<CallResult<unknown>> {
    const { maxPrice, quoteId, signal, idempotencyKey = crypto.randomUUID() } = options;
    const query = {
      ...(maxPrice === undefined ? {} : { max_price: maxPrice }),
      ...(quoteId === undefined ? {} : { quote_id: quoteId }),
    };
    const answer = (await post(`v1/call/${endpoint.id}`, {
      query,
      body: args ?? {},
      signal,
      idempotencyKey,
      answerHas: 'receipt',
    })) as WireAnswer;
    const { status, charged, balance, receipt, replayed } = answer;
    return {
      status,
      contentType: answer.content_type,
      body: answer.body_base64 === undefined ? answer.body : bytesOf(answer.body_base64),
      charged,
      balance,
      requestId: answer.request_id,
      idempotencyKey,
      receipt,
      replayed,
      warnings: answer.warnings ?? [],
    };
  }

  async function quote(endpoint: Endpoint, args: unknown): Promise<Quote> {
    const asked = { endpoint: endpoint.id, arguments: args ?? {} };
    const answer = (await post('v1/quotes', { body: asked, answerHas: 'quote' })) as WireQuote;
    const { quote_id: quoteId, max_charge: maxCharge, expires_at: expiresAt } = answer.quote;
    return { quoteId, price: answer.price, maxCharge, expiresAt: new Date(expiresAt) };
  }

  // The types of a call are those of its endpoint, which exist for the compiler alone.
  return { call, quote } as Client;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
