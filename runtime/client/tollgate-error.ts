/** The one error that the client throws, but for the reason of a signal that was aborted. */

import type { Usdc } from '../../generated/contract.js';
import type { ErrorCode, ErrorDetails } from '../gateway-error.js';

export type TollgateErrorCode = ErrorCode | 'GATEWAY_UNREACHABLE' | 'GATEWAY_ANSWER_INVALID';

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
  readonly code: TollgateErrorCode;
  /** What to do about it. */
  readonly remedy: string;
  /** Whether the same call again, with the same idempotency key, can go well. */
  readonly retryable: boolean;
  /** What the request cost; undefined where the gateway's answer did not arrive and so nobody knows yet. */
  readonly charged: Usdc | undefined;
  /** What the gateway says beside: `request_id`, the upstream's `status` and `body`, `problems` with the arguments. */
  readonly details: ErrorDetails;
  /** Of the call that failed: call with it again, and it is charged at most once. */
  readonly idempotencyKey: string | undefined;

  constructor({ code, message, remedy, retryable, charged, details, idempotencyKey, cause }: TollgateErrorFields) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TollgateError';
    this.code = code;
    this.remedy = remedy;
    this.retryable = retryable;
    this.charged = charged;
    this.details = details ?? {};
    this.idempotencyKey = idempotencyKey;
  }
}
