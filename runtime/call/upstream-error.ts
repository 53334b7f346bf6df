/**
 * What a caller is told when the upstream failed, or answered otherwise than well. An error that is told again on a
 * replay is built from the stored answer by the same function, so that both are the same but for `replayed`.
 */

import { GatewayError, type ErrorCode } from '../gateway-error.js';
import { inSeconds } from '../in-seconds.js';
import type { Receipt } from '../receipt/receipt.js';
import type { UpstreamFailure, UpstreamFailureKind } from '../upstream/upstream-failure.js';
import { retryAfterMs } from './retry-delay.js';
import { SAFE_METHODS } from './safe-methods.js';

const CODES: Readonly<Record<UpstreamFailureKind, ErrorCode>> = {
  connect: 'UPSTREAM_UNREACHABLE',
  reset: 'UPSTREAM_UNREACHABLE',
  aborted: 'UPSTREAM_UNREACHABLE',
  timeout: 'UPSTREAM_TIMEOUT',
  truncated: 'UPSTREAM_ANSWER_INVALID',
  'bad-encoding': 'UPSTREAM_ANSWER_INVALID',
  'too-large': 'UPSTREAM_ANSWER_TOO_LARGE',
  flooding: 'UPSTREAM_ANSWER_TOO_LARGE',
  'address-refused': 'UPSTREAM_ADDRESS_REFUSED',
  'certificate-refused': 'CREDENTIAL_REFUSED',
  untrusted: 'UPSTREAM_UNREACHABLE',
  'circuit-open': 'PROVIDER_UNAVAILABLE',
  'gateway-full': 'GATEWAY_BUSY',
};

const TRY_AGAIN = 'not charged; try again (with a new idempotency key, if you sent one), or choose another endpoint';

const ASK_FOR_LESS = 'not charged; ask for less with the arguments, such as a smaller page, or choose another endpoint';

const REMEDIES: Readonly<Record<UpstreamFailureKind, string>> = {
  connect: TRY_AGAIN,
  reset: TRY_AGAIN,
  aborted: TRY_AGAIN,
  timeout: TRY_AGAIN,
  truncated: TRY_AGAIN,
  'bad-encoding': TRY_AGAIN,
  'too-large': ASK_FOR_LESS,
  flooding: ASK_FOR_LESS,
  'address-refused':
    'not charged; choose another endpoint. The operator can allow this provider with TOLLGATE_ALLOW_PRIVATE_UPSTREAMS',
  'certificate-refused':
    'not charged; the arguments are not at fault: choose another endpoint. The operator can check the client certificate',
  untrusted:
    'not charged; choose another endpoint. The operator can name an authority that vouches for it with NODE_EXTRA_CA_CERTS',
  'circuit-open': TRY_AGAIN,
  'gateway-full': TRY_AGAIN,
};

const CHECK_FIRST =
  'not charged; the upstream may have acted on it: check before you repeat it with a new idempotency key';

/** There was no whole answer: never charged. What came of a stream is passed on. */
export function failureError(
  failure: UpstreamFailure,
  call: {
    readonly callId: string;
    readonly endpoint: string;
    readonly method: string;
    readonly received?: Readonly<Record<string, unknown>> | undefined;
  },
): GatewayError {
  const mayHaveActed = failure.sent && failure.kind !== 'certificate-refused' && !SAFE_METHODS.has(call.method);
  const remedy = mayHaveActed
    ? 'not charged; the upstream may have acted on it all the same: check before you repeat it with a new idempotency key'
    : REMEDIES[failure.kind];
  return new GatewayError(CODES[failure.kind], `${call.endpoint}: ${failure.message}`, remedy, {
    details: {
      request_id: call.callId,
      ...call.received,
      reason: failureReason(failure),
      ...(failure.retryAfterSeconds === undefined ? {} : { retry_after_seconds: failure.retryAfterSeconds }),
    },
    retryable: mayHaveActed || failure.kind === 'untrusted' ? false : undefined,
    cause: failure,
  });
}

/** The refusal of an address before the hold, in the same words as when a connection finds it out. */
export function addressRefused(endpoint: string, message: string): GatewayError {
  return new GatewayError(CODES['address-refused'], `${endpoint}: ${message}`, REMEDIES['address-refused']);
}

/** The reason code of the call's record, and of what the caller is told, such as `upstream_timeout`. */
export function failureReason({ kind }: UpstreamFailure): string {
  // How the excess was found out means nothing to a buyer.
  return kind === 'flooding' ? 'upstream_too_large' : `upstream_${kind.replaceAll('-', '_')}`;
}

/**
 * An answer with an error status, or one that the charging rule voids: its status, body and Retry-After are passed on.
 */
export function answerError(call: {
  readonly callId: string;
  readonly endpoint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** From when a Retry-After that is a date is counted. */
  readonly answeredAtMs: number;
  readonly body: unknown;
  /** Where the body is a preview. */
  readonly body_preview?: true;
  readonly body_bytes?: number;
  /** USDC as on the wire. */
  readonly charged: string;
  readonly reason: string;
  /** How often the request was sent. */
  readonly attempts?: number;
  /** Whether the request carried a credential of the gateway's. */
  readonly hadCredential?: boolean;
  /** Only where it was charged. */
  readonly receipt?: Receipt;
  /** Where it is told again, and not charged again. */
  readonly replayed?: true;
}): GatewayError {
  const { receipt, charged, status } = call;
  const waitMs = retryAfterMs(call.headers['retry-after'], call.answeredAtMs);
  const wait = waitMs === undefined ? undefined : Math.ceil(waitMs / 1000);
  const details = {
    request_id: call.callId,
    status,
    body: call.body,
    ...(call.body_preview === undefined ? {} : { body_preview: true, body_bytes: call.body_bytes }),
    reason: call.reason,
    ...(wait === undefined ? {} : { retry_after_seconds: wait }),
    ...(call.attempts === undefined || call.attempts === 1 ? {} : { attempts: call.attempts }),
    ...(receipt === undefined ? {} : { receipt }),
    ...(call.replayed === undefined ? {} : { replayed: true }),
  };
  if (call.reason === 'voided_by_answer') {
    const message = `${call.endpoint} answered ${status} with an error inside the body`;
    return new GatewayError('UPSTREAM_VOIDED', message, 'not charged; see body for what the upstream says', {
      details,
    });
  }
  const money = receipt === undefined ? 'not charged' : `charged ${charged} USDC by this endpoint's rule`;
  if (status === 401 && call.hadCredential === true) {
    const message = `${call.endpoint} refused this gateway's own credential (401)`;
    const remedy = `${money}; the arguments are not at fault: choose another endpoint. The operator can check the credential`;
    return new GatewayError('CREDENTIAL_REFUSED', message, remedy, { details });
  }
  const temporary = status === 429 || status >= 500;
  const remedy = temporary
    ? `${money}; try again ${wait === undefined ? 'later' : `after ${inSeconds(wait)}`} with a new idempotency key`
    : status === 403 && call.hadCredential === true
      ? `${money}; the upstream does not allow that to this gateway's credential: ask for something else, or choose another endpoint. The operator can check what the credential may do`
      : `${money}; see body for what the upstream says, correct the arguments and use a new idempotency key`;
  const message = `${call.endpoint} answered ${status}`;
  return new GatewayError('UPSTREAM_ERROR', message, remedy, { details, charged, retryable: temporary });
}

/** The reason code of a good status over a body that is not the JSON that it claims to be. */
export const ANSWER_INVALID = 'answer_invalid';

/** A good status over a body that is not the JSON that it claims to be: never charged. What was sent may have been done. */
export function invalidAnswer(
  problem: string,
  call: {
    readonly callId: string;
    readonly endpoint: string;
    readonly method: string;
    readonly status: number;
    readonly received: Readonly<Record<string, unknown>>;
  },
): GatewayError {
  const mayRepeat = SAFE_METHODS.has(call.method);
  return new GatewayError(
    'UPSTREAM_ANSWER_INVALID',
    `${call.endpoint} answered ${call.status} with a body that is not the JSON it claims to be (${problem})`,
    mayRepeat ? 'not charged; try again later with a new idempotency key' : CHECK_FIRST,
    {
      details: { request_id: call.callId, status: call.status, ...call.received, reason: ANSWER_INVALID },
      retryable: mayRepeat,
    },
  );
}

/** The call was sent, and whether it was done nobody knows. Never charged. */
export function outcomeUnknown(callId: string): GatewayError {
  return new GatewayError(
    'OUTCOME_UNKNOWN',
    `the outcome of request ${callId} is not known: it was sent, and no answer was stored`,
    CHECK_FIRST,
    { details: { request_id: callId } },
  );
}

/**
 * The call was sent, and what came of it could not be stored: its outcome will count as unknown. Never charged.
 * @param failure the ledger's.
 * @param mayRepeat whether the same request, sent again, does nothing twice.
 */
export function notStored(failure: GatewayError, callId: string, mayRepeat: boolean): GatewayError {
  const { code, message, remedy, details, cause } = failure;
  if (mayRepeat) return new GatewayError(code, message, remedy, { details: { ...details, request_id: callId }, cause });
  return new GatewayError(code, message, CHECK_FIRST, { details: { request_id: callId }, retryable: false, cause });
}
