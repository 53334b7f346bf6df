/** The one error that the client throws. */

import type { Usdc } from '../../generated/contract.js';
import type { ErrorCode, ErrorDetails } from '../gateway-error.js';

/**
 * What a gateway tells, and three that are the client's own: there was no whole answer, there was one that is not a
 * gateway's, or the signal of the call was aborted.
 */
export type TollgateErrorCode = ErrorCode | 'GATEWAY_UNREACHABLE' | 'GATEWAY_ANSWER_INVALID' | 'ABORTED';

export interface TollgateErrorFields {
  readonly code: TollgateErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly charged: Usdc | undefined;
  readonly details?: ErrorDetails | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly cause?: unknown;
}

export class TollgateError extends Error {
  /**
   * `TollgateError`. Of an aborted call `AbortError`, or `TimeoutError` where that is its signal's reason: what is written
   * for `fetch` goes by these names.
   */
  override readonly name: string;
  readonly code: TollgateErrorCode;
  /** What to do about it. */
  readonly remedy: string;
  /**
   * Whether the same call again can go well. Mostly with the same idempotency key; but how the upstream failed is stored
   * under it and told again, so that `remedy` then asks for a new one.
   */
  readonly retryable: boolean;
  /** What the request cost; undefined where that is not known yet: no answer arrived, or the gateway's database was lost. */
  readonly charged: Usdc | undefined;
  /** What the gateway says beside: `request_id`, the upstream's `status` and `body`, `problems` with the arguments. */
  readonly details: ErrorDetails;
  /** Of the call that failed: call with it again, and it is charged at most once. */
  readonly idempotencyKey: string | undefined;

  constructor({ code, message, remedy, retryable, charged, details, idempotencyKey, cause }: TollgateErrorFields) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = code === 'ABORTED' ? nameOfAbort(cause) : 'TollgateError';
    this.code = code;
    this.remedy = remedy;
    this.retryable = retryable;
    this.charged = charged;
    this.details = details ?? {};
    this.idempotencyKey = idempotencyKey;
  }
}

function nameOfAbort(reason: unknown): string {
  return reason instanceof Error && reason.name === 'TimeoutError' ? 'TimeoutError' : 'AbortError';
}
