/** The types of a call: what it takes is said by its endpoint, and so is what its answer holds. */

import type { Endpoint, Price, Usdc } from '../../generated/contract.js';
import type { Receipt } from '../receipt/receipt.js';

/** The arguments of an endpoint, such as `ArgumentsOf<typeof openMeteo.getForecast>`. */
export type ArgumentsOf<E extends Endpoint> = E extends Endpoint<infer Arguments, unknown> ? Arguments : never;

/** The body of an endpoint's successful answers. */
export type AnswerOf<E extends Endpoint> = E extends Endpoint<unknown, infer Answer> ? Answer : never;

export interface CallOptions {
  /** Refuse the call where it can cost more than this. */
  readonly maxPrice?: Usdc | undefined;
  /**
   * Names this call: the same key again answers what was answered before and is never charged twice. One is made for each
   * call that comes without; it stands in the result and in an error.
   */
  readonly idempotencyKey?: string | undefined;
  /** From `quote` with the same arguments: the call is made at that price. */
  readonly quoteId?: string | undefined;
  /**
   * Aborting leaves a call that was sent on its way: it is finished, charged and stored under its idempotency key, which
   * the error has.
   */
  readonly signal?: AbortSignal | undefined;
}

/** What follows the endpoint in `call`: arguments may be left out where none is required. */
export type CallParameters<Arguments> =
  Record<never, never> extends Arguments
    ? [arguments?: Arguments, options?: CallOptions]
    : [arguments: Arguments, options?: CallOptions];

export interface CallResult<Answer> {
  /** The HTTP status of the API that was called. */
  readonly status: number;
  readonly contentType: string;
  /**
   * JSON as a value, text as a string, anything else as bytes, null where the answer is empty. Its type is what the API's
   * document promises, which nobody has checked.
   */
  readonly body: Answer;
  /** What this call cost. */
  readonly charged: Usdc;
  /** What is available after this call. */
  readonly balance: Usdc;
  readonly requestId: string;
  readonly idempotencyKey: string;
  readonly receipt: Receipt;
  /** Whether this is an earlier answer again, not charged again. */
  readonly replayed: boolean;
  readonly warnings: readonly string[];
}

export interface Quote {
  readonly quoteId: string;
  readonly price: Price;
  /** The most that the quoted call can cost. */
  readonly maxCharge: Usdc;
  readonly expiresAt: Date;
}
