/**
 * Whether a request is sent again by itself, and how long to wait before. It is where that can do nothing twice: the
 * upstream has certainly not seen the request, or the method is safe and there was no answer to pass on, or the answer
 * itself asks for another try soon (429 and 503 with `Retry-After`).
 *
 * The waits are those of exponential backoff with full jitter: callers that failed together do not come back together.
 */

import type { Limits } from '../../generated/contract.js';
import { DEFAULT_LIMITS } from '../upstream/default-limits.js';
import type { UpstreamAnswer } from '../upstream/send.js';
import { UpstreamFailure } from '../upstream/upstream-failure.js';
import { SAFE_METHODS } from './safe-methods.js';

const FIRST_WAIT_MS = 100;
/** An upstream that wants more patience is told of instead, and the caller decides. */
const LONGEST_RETRY_AFTER_MS = 2_000;

interface RetryState {
  readonly method: string;
  readonly retries: number;
  readonly limits: Pick<Limits, 'retries'>;
  readonly nowMs: number;
  readonly random: number;
}

/**
 * Milliseconds to wait before the next attempt; undefined where there is to be none.
 * @param retries how many retries there were before this outcome.
 * @param limits the provider's, which say how many there may be.
 * @param random at least 0 and below 1.
 */
export function retryDelayMs(
  outcome: UpstreamAnswer | UpstreamFailure,
  { method, retries, limits, nowMs, random }: RetryState,
): number | undefined {
  if (retries >= (limits.retries ?? DEFAULT_LIMITS.retries)) return undefined;
  const backoffMs = random * FIRST_WAIT_MS * 2 ** retries;
  if (outcome instanceof UpstreamFailure) return mayRepeat(outcome, method) ? backoffMs : undefined;
  if (!SAFE_METHODS.has(method) || (outcome.status !== 429 && outcome.status !== 503)) return undefined;
  const askedMs = retryAfterMs(outcome.headers['retry-after'], nowMs);
  if (askedMs === undefined || askedMs > LONGEST_RETRY_AFTER_MS) return undefined;
  return askedMs + backoffMs;
}

function mayRepeat({ kind, sent, partial }: UpstreamFailure, method: string): boolean {
  // What came of a stream may have been passed on, and is told.
  if (partial !== undefined) return false;
  if (kind === 'connect') return !sent || SAFE_METHODS.has(method);
  return (kind === 'reset' || kind === 'truncated') && SAFE_METHODS.has(method);
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const dateMs = / GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
