/** Why a call is refused before its hold, so that it costs nothing. Each message names the value and the way forward. */

import { accountFrozen } from '../account/account-frozen.js';
import type { Caller } from '../account/authenticate.js';
import type { Problem } from '../catalogue/schema-problem.js';
import type { Credential } from '../credential/credential.js';
import { GatewayError } from '../gateway-error.js';
import type { OpenCallResult } from '../ledger/ledger.js';
import { formatUsdc, parseUsdc, type MicroUsdc } from '../ledger/micro-usdc.js';
import { parseExpression } from './jmespath.js';

/** @throws GatewayError INVALID_SELECT */
export function checkSelect(select: string): void {
  try {
    parseExpression(select);
  } catch (error) {
    // The parser throws on nothing but a wrong expression.
    const message = `select "${select.slice(0, 200)}" is not JMESPath (${(error as Error).message})`;
    throw new GatewayError('INVALID_SELECT', message, 'write a JMESPath expression, such as "items[].name"');
  }
}

/**
 * All lone surrogates are alike when a text is hashed: two different keys that have some would count as one.
 * @throws GatewayError INVALID_REQUEST
 */
export function checkIdempotencyKey(key: string): void {
  if (key.isWellFormed()) return;
  const message = 'the idempotency key holds a lone surrogate, which is no Unicode text';
  throw new GatewayError('INVALID_REQUEST', message, 'send a well-formed Unicode string; nothing was sent or charged');
}

/** @throws GatewayError PROVIDER_NOT_ALLOWED where the key is bound to other providers */
export function checkProvider(caller: Caller, provider: string): void {
  if (caller.providers === undefined || caller.providers.includes(provider)) return;
  throw new GatewayError(
    'PROVIDER_NOT_ALLOWED',
    `this API key may not call "${provider}", only ${caller.providers.join(', ')}`,
    'call one of the allowed providers, or ask the operator for another key',
  );
}

/** @throws GatewayError INVALID_ARGUMENTS with every problem's JSON pointer */
export function checkProblems(endpoint: string, problems: readonly Problem[]): void {
  const first = problems[0];
  if (first === undefined) return;
  throw new GatewayError(
    'INVALID_ARGUMENTS',
    `the arguments do not fit ${endpoint}: ${first.pointer || 'the value'} ${first.message}`,
    `correct them by describe_endpoint of "${endpoint}"; nothing was sent or charged`,
    { details: { endpoint, problems } },
  );
}

/** @throws GatewayError MAX_PRICE_EXCEEDED, or BUDGET_EXCEEDED for the key's own limit */
export function checkMaxPrice(cost: MicroUsdc, maxPrice: string | undefined, keyLimit: MicroUsdc | undefined): void {
  const details = { max_charge: formatUsdc(cost) };
  if (maxPrice !== undefined && cost > parseMaxPrice(maxPrice)) {
    throw new GatewayError(
      'MAX_PRICE_EXCEEDED',
      `this call can cost up to ${formatUsdc(cost)} USDC, above your max_price of ${maxPrice}`,
      `raise max_price to at least ${formatUsdc(cost)}, or choose a cheaper endpoint with browse_apis`,
      { details },
    );
  }
  if (keyLimit !== undefined && cost > keyLimit) {
    throw new GatewayError(
      'BUDGET_EXCEEDED',
      `this call can cost up to ${formatUsdc(cost)} USDC, above this API key's limit of ${formatUsdc(keyLimit)} a call`,
      'choose a cheaper endpoint, or ask the operator for a key with a higher limit',
      { details },
    );
  }
}

/**
 * A client certificate can be shown only over TLS. If an endpoint has one server, the plan of its credential ensures
 * that; which of several is called is known only with the arguments.
 * @throws GatewayError INVALID_ARGUMENTS
 */
export function checkConnection(endpoint: string, url: URL, credential: Credential | 'none-needed'): void {
  if (credential === 'none-needed' || credential.certificate === undefined || url.protocol === 'https:') return;
  throw new GatewayError(
    'INVALID_ARGUMENTS',
    `${endpoint} needs a client certificate, and the arguments lead to ${url.origin}, which is not https`,
    'choose an https server with the arguments, or another endpoint; nothing was sent or charged',
  );
}

/**
 * Reads a caller's `max_price`.
 * @throws GatewayError INVALID_REQUEST
 */
export function parseMaxPrice(text: string): MicroUsdc {
  try {
    return parseUsdc(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new GatewayError('INVALID_REQUEST', `max_price: ${error.message}`, 'send max_price as a string like "0.01"');
  }
}

/** What to tell a caller without an idempotency key while a call like its own runs on, whose client has gone. */
export function callInProgress(callId: string): GatewayError {
  return new GatewayError(
    'CALL_IN_PROGRESS',
    `the same call was made before (request ${callId}): its client has gone, and it is still running`,
    'call again after retry_after_seconds: you get its answer and pay no second time; with fresh: true a second call is made now',
    { details: { request_id: callId, retry_after_seconds: 1 } },
  );
}

/** What to tell of a call that the sweeper took for lost while it waited for its place. */
export function givenUp(providerId: string, callId: string): GatewayError {
  return new GatewayError(
    'PROVIDER_BUSY',
    `the provider ${providerId} is busy: request ${callId} waited too long for its turn and was not sent`,
    'not charged; call again',
    { details: { request_id: callId, retry_after_seconds: 1 } },
  );
}

/** A hold that the ledger refuses, and not because of another call. */
export type RefusedHold = Exclude<OpenCallResult, { outcome: 'opened' } | { call: unknown }>;

export function isRefused(opened: OpenCallResult): opened is RefusedHold {
  return opened.outcome !== 'opened' && !('call' in opened);
}

/** What to tell a caller whose hold the ledger refused. */
export function refusedHold(refused: RefusedHold, maxChargeMicroUsdc: MicroUsdc, { accountId }: Caller): GatewayError {
  const cost = formatUsdc(maxChargeMicroUsdc);
  switch (refused.outcome) {
    case 'insufficient-funds': {
      const available = formatUsdc(refused.availableMicroUsdc);
      return new GatewayError(
        'INSUFFICIENT_FUNDS',
        `this call can cost up to ${cost} USDC and ${available} are available`,
        'top up the account (check_balance says how), wait for open calls to settle, or choose a cheaper endpoint',
        { details: { max_charge: cost, available } },
      );
    }
    case 'over-daily-limit': {
      const left = formatUsdc(refused.leftMicroUsdc);
      return new GatewayError(
        'BUDGET_EXCEEDED',
        `this call can cost up to ${cost} USDC and this API key may spend ${left} more today (UTC)`,
        'wait for the next day, choose a cheaper endpoint, or ask the operator for a key with a higher daily limit',
        { details: { max_charge: cost, left_today: left } },
      );
    }
    case 'frozen':
      return accountFrozen(accountId);
  }
}
