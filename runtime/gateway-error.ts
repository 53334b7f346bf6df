/**
 * Every way in which a request can end other than well, as one table: what HTTP says of it, whether trying again can
 * help, and whether money moved. A row's `charged` is a promise of the call path, checked by its tests:
 *
 * - `never`: the request ended before anything was held, or its hold was released.
 * - `by-rule`: the upstream answered, and the endpoint's charging rule decided; the error says what was charged. So it
 *   is where a bug of ours came after that.
 *
 * Where it is not known what a call cost, its error says so, whatever its row says: then `charged` is null.
 *
 * Expected errors are a `GatewayError` with a code from here. Anything else that is thrown is a bug.
 */

interface ErrorRow {
  readonly status: number;
  readonly retryable: boolean;
  readonly charged: 'never' | 'by-rule';
}

export const ERRORS = {
  INVALID_REQUEST: { status: 400, retryable: false, charged: 'never' },
  INVALID_ARGUMENTS: { status: 400, retryable: false, charged: 'never' },
  INVALID_SELECT: { status: 400, retryable: false, charged: 'never' },
  UNAUTHENTICATED: { status: 401, retryable: false, charged: 'never' },
  INSUFFICIENT_FUNDS: { status: 402, retryable: false, charged: 'never' },
  BUDGET_EXCEEDED: { status: 402, retryable: false, charged: 'never' },
  MAX_PRICE_EXCEEDED: { status: 402, retryable: false, charged: 'never' },
  ACCOUNT_FROZEN: { status: 403, retryable: false, charged: 'never' },
  PROVIDER_NOT_ALLOWED: { status: 403, retryable: false, charged: 'never' },
  ORIGIN_NOT_ALLOWED: { status: 403, retryable: false, charged: 'never' },
  ENDPOINT_NOT_FOUND: { status: 404, retryable: false, charged: 'never' },
  TOOL_NOT_FOUND: { status: 404, retryable: false, charged: 'never' },
  REQUEST_NOT_FOUND: { status: 404, retryable: false, charged: 'never' },
  ROUTE_NOT_FOUND: { status: 404, retryable: false, charged: 'never' },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, charged: 'never' },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, retryable: true, charged: 'never' },
  CALL_IN_PROGRESS: { status: 409, retryable: true, charged: 'never' },
  QUOTE_NOT_VALID: { status: 409, retryable: false, charged: 'never' },
  NOT_RATEABLE: { status: 409, retryable: false, charged: 'never' },
  ANSWER_EXPIRED: { status: 410, retryable: false, charged: 'never' },
  REQUEST_TOO_LARGE: { status: 413, retryable: false, charged: 'never' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, charged: 'never' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, retryable: false, charged: 'never' },
  RATE_LIMITED: { status: 429, retryable: true, charged: 'never' },
  CLIENT_GONE: { status: 499, retryable: true, charged: 'never' },
  INTERNAL: { status: 500, retryable: false, charged: 'by-rule' },
  UPSTREAM_ERROR: { status: 502, retryable: false, charged: 'by-rule' },
  UPSTREAM_VOIDED: { status: 502, retryable: false, charged: 'never' },
  UPSTREAM_UNREACHABLE: { status: 502, retryable: true, charged: 'never' },
  UPSTREAM_ADDRESS_REFUSED: { status: 502, retryable: false, charged: 'never' },
  UPSTREAM_ANSWER_TOO_LARGE: { status: 502, retryable: false, charged: 'never' },
  UPSTREAM_ANSWER_INVALID: { status: 502, retryable: true, charged: 'never' },
  CREDENTIAL_REFUSED: { status: 502, retryable: false, charged: 'never' },
  ENDPOINT_UNAVAILABLE: { status: 503, retryable: false, charged: 'never' },
  PROVIDER_BUSY: { status: 503, retryable: true, charged: 'never' },
  PROVIDER_UNAVAILABLE: { status: 503, retryable: true, charged: 'never' },
  GATEWAY_BUSY: { status: 503, retryable: true, charged: 'never' },
  SHUTTING_DOWN: { status: 503, retryable: true, charged: 'never' },
  STORE_UNAVAILABLE: { status: 503, retryable: true, charged: 'never' },
  UPSTREAM_TIMEOUT: { status: 504, retryable: true, charged: 'never' },
  OUTCOME_UNKNOWN: { status: 504, retryable: false, charged: 'never' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** What a caller is told beside the message, in the snake_case of the wire. */
export interface ErrorDetails {
  readonly request_id?: string;
  readonly endpoint?: string;
  /** The upstream's HTTP status and body, where it answered. */
  readonly status?: number;
  readonly body?: unknown;
  readonly retry_after_seconds?: number;
  /** JSON pointers into the arguments, and what is wrong there. */
  readonly problems?: readonly { readonly pointer: string; readonly message: string }[];
  readonly [key: string]: unknown;
}

/** The structured form of an error on the wire. */
export interface ErrorBody extends ErrorDetails {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly retryable: boolean;
  /** USDC that this request cost; null where that is not known. */
  readonly charged: string | null;
}

export interface GatewayErrorOptions {
  readonly details?: ErrorDetails;
  /** USDC as on the wire; only a `by-rule` row may have it other than zero. Null where it is not known. */
  readonly charged?: string | null;
  /** Where this one case differs from its row. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * An expected error. `message` is in lower case and names the bad value; `remedy` says what to do about it. Neither
 * ever holds a credential.
 */
export class GatewayError extends Error {
  readonly details: ErrorDetails;
  readonly charged: string | null;
  readonly retryable: boolean;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly remedy: string,
    options: GatewayErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.details = options.details ?? {};
    this.charged = options.charged === undefined ? '0.000000' : options.charged;
    this.retryable = options.retryable ?? ERRORS[code].retryable;
  }

  /** The error that was told before, from its stored form. */
  static fromBody(body: ErrorBody): GatewayError {
    const { code, message, remedy, retryable, charged, ...details } = body;
    return new GatewayError(code, message, remedy, { details, charged, retryable });
  }

  /** HTTP status of the plain-HTTP face. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      remedy: this.remedy,
      retryable: this.retryable,
      charged: this.charged,
      ...this.details,
    };
  }
}
