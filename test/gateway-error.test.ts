import assert from 'node:assert/strict';

import { ERRORS, GatewayError } from '../runtime/gateway-error.js';

/** Agents and clients branch on these: a change here is a change of the public surface. */
const PINNED: readonly (readonly [code: string, status: number, retryable: boolean, charged: string])[] = [
  ['INVALID_REQUEST', 400, false, 'never'],
  ['INVALID_ARGUMENTS', 400, false, 'never'],
  ['INVALID_SELECT', 400, false, 'never'],
  ['UNAUTHENTICATED', 401, false, 'never'],
  ['INSUFFICIENT_FUNDS', 402, false, 'never'],
  ['BUDGET_EXCEEDED', 402, false, 'never'],
  ['MAX_PRICE_EXCEEDED', 402, false, 'never'],
  ['ACCOUNT_FROZEN', 403, false, 'never'],
  ['PROVIDER_NOT_ALLOWED', 403, false, 'never'],
  ['ORIGIN_NOT_ALLOWED', 403, false, 'never'],
  ['ENDPOINT_NOT_FOUND', 404, false, 'never'],
  ['TOOL_NOT_FOUND', 404, false, 'never'],
  ['REQUEST_NOT_FOUND', 404, false, 'never'],
  ['ROUTE_NOT_FOUND', 404, false, 'never'],
  ['METHOD_NOT_ALLOWED', 405, false, 'never'],
  ['IDEMPOTENCY_KEY_IN_USE', 409, true, 'never'],
  ['CALL_IN_PROGRESS', 409, true, 'never'],
  ['QUOTE_NOT_VALID', 409, false, 'never'],
  ['NOT_RATEABLE', 409, false, 'never'],
  ['ANSWER_EXPIRED', 410, false, 'never'],
  ['REQUEST_TOO_LARGE', 413, false, 'never'],
  ['UNSUPPORTED_MEDIA_TYPE', 415, false, 'never'],
  ['IDEMPOTENCY_KEY_REUSED', 422, false, 'never'],
  ['RATE_LIMITED', 429, true, 'never'],
  ['CLIENT_GONE', 499, true, 'never'],
  ['INTERNAL', 500, false, 'by-rule'],
  ['UPSTREAM_ERROR', 502, false, 'by-rule'],
  ['UPSTREAM_VOIDED', 502, false, 'never'],
  ['UPSTREAM_UNREACHABLE', 502, true, 'never'],
  ['UPSTREAM_ADDRESS_REFUSED', 502, false, 'never'],
  ['UPSTREAM_ANSWER_TOO_LARGE', 502, false, 'never'],
  ['UPSTREAM_ANSWER_INVALID', 502, true, 'never'],
  ['CREDENTIAL_REFUSED', 502, false, 'never'],
  ['ENDPOINT_UNAVAILABLE', 503, false, 'never'],
  ['PROVIDER_BUSY', 503, true, 'never'],
  ['PROVIDER_UNAVAILABLE', 503, true, 'never'],
  ['GATEWAY_BUSY', 503, true, 'never'],
  ['SHUTTING_DOWN', 503, true, 'never'],
  ['STORE_UNAVAILABLE', 503, true, 'never'],
  ['UPSTREAM_TIMEOUT', 504, true, 'never'],
  ['OUTCOME_UNKNOWN', 504, false, 'never'],
];

describe('the error table', () => {
  it('is pinned: codes, HTTP statuses, whether to retry, whether money moved', () => {
    const table = Object.entries(ERRORS).map(([code, row]) => [code, row.status, row.retryable, row.charged]);
    assert.deepEqual(table, PINNED);
  });

  it('charges for two rows alone: the error that an upstream answered with, and a bug of ours after a charge', () => {
    const charging = Object.entries(ERRORS).filter(([, row]) => row.charged !== 'never');
    assert.deepEqual(
      charging.map(([code]) => code),
      ['INTERNAL', 'UPSTREAM_ERROR'],
    );
  });
});

describe('a gateway error', () => {
  it('says on the wire its code, message, remedy, whether to retry, what it cost, and its details', () => {
    const error = new GatewayError('RATE_LIMITED', 'too fast', 'wait', { details: { retry_after_seconds: 2 } });
    assert.deepEqual(error.toBody(), {
      code: 'RATE_LIMITED',
      message: 'too fast',
      remedy: 'wait',
      retryable: true,
      charged: '0.000000',
      retry_after_seconds: 2,
    });
    assert.equal(error.status, 429);
  });

  it('differs from its row where the one case does', () => {
    const options = { retryable: true, charged: '0.001000', details: { status: 503 } };
    const error = new GatewayError('UPSTREAM_ERROR', 'answered 503', 'later', options);
    assert.equal(error.toBody().retryable, true);
    assert.equal(error.toBody().charged, '0.001000');
  });

  it('says that it is not known what it cost, with null', () => {
    const error = new GatewayError('STORE_UNAVAILABLE', 'lost', 'later', { charged: null });
    assert.equal(JSON.stringify(error.toBody()).includes('"charged":null'), true);
    assert.equal(GatewayError.fromBody(error.toBody()).charged, null);
  });

  it('is the same again from its stored form, byte for byte', () => {
    const options = { retryable: true, charged: '0.001000', details: { request_id: 'call_1', body: { a: [1] } } };
    const body = new GatewayError('UPSTREAM_ERROR', 'answered 503', 'later', options).toBody();
    const stored = JSON.stringify(body);
    const again = GatewayError.fromBody(JSON.parse(stored) as typeof body);
    assert.equal(JSON.stringify(again.toBody()), stored);
    assert.equal(again.status, 502);
  });

  it('keeps its cause for the log and out of what the caller reads', () => {
    const error = new GatewayError('INTERNAL', 'failed', 'tell the operator', { cause: new Error('canary') });
    assert.equal((error.cause as Error).message, 'canary');
    assert.equal(JSON.stringify(error.toBody()).includes('canary'), false);
  });
});
