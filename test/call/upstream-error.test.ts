import assert from 'node:assert/strict';

import { answerError, failureError, outcomeUnknown } from '../../runtime/call/upstream-error.js';
import { UpstreamFailure, type UpstreamFailureKind } from '../../runtime/upstream/upstream-failure.js';

const GET = { callId: 'call_1', endpoint: 'a/b', method: 'GET' };
const AT_MS = Date.parse('2026-10-21T07:27:00Z');
const ANSWER = {
  callId: 'call_1',
  endpoint: 'a/b',
  headers: {},
  answeredAtMs: AT_MS,
  body: { why: 1 },
  charged: '0.000000',
  reason: 'r',
};

describe('an upstream that gave no whole answer', () => {
  const CASES: readonly (readonly [kind: UpstreamFailureKind, code: string, retryable: boolean])[] = [
    ['connect', 'UPSTREAM_UNREACHABLE', true],
    ['reset', 'UPSTREAM_UNREACHABLE', true],
    ['aborted', 'UPSTREAM_UNREACHABLE', true],
    ['timeout', 'UPSTREAM_TIMEOUT', true],
    ['truncated', 'UPSTREAM_ANSWER_INVALID', true],
    ['bad-encoding', 'UPSTREAM_ANSWER_INVALID', true],
    ['too-large', 'UPSTREAM_ANSWER_TOO_LARGE', false],
    ['flooding', 'UPSTREAM_ANSWER_TOO_LARGE', false],
    ['address-refused', 'UPSTREAM_ADDRESS_REFUSED', false],
    ['untrusted', 'UPSTREAM_UNREACHABLE', false],
    ['circuit-open', 'PROVIDER_UNAVAILABLE', true],
    ['gateway-full', 'GATEWAY_BUSY', true],
  ];
  for (const [kind, code, retryable] of CASES) {
    it(`is ${code} after ${kind}, and costs nothing`, () => {
      const body = failureError(new UpstreamFailure(kind, 'what happened', { sent: true }), GET).toBody();
      assert.deepEqual(
        [body.code, body.retryable, body.charged, body.message, body.request_id],
        [code, retryable, '0.000000', 'a/b: what happened', 'call_1'],
      );
    });
  }

  for (const method of ['POST', 'PATCH', 'PUT', 'DELETE']) {
    it(`is not to be repeated by itself where a ${method} may have been acted on`, () => {
      const error = failureError(new UpstreamFailure('timeout', 'late', { sent: true }), { ...GET, method });
      assert.equal(error.retryable, false);
      assert.match(error.remedy, /may have acted on it all the same: check before you repeat it/);
    });
  }

  it('names what the operator can do where its certificate is not trusted', () => {
    const { remedy } = failureError(new UpstreamFailure('untrusted', 'no', { sent: false }), GET);
    assert.match(remedy, /^not charged; choose another endpoint\. The operator can name .* NODE_EXTRA_CA_CERTS$/);
  });

  it('says how long to wait where the gateway itself knows', () => {
    const failure = new UpstreamFailure('circuit-open', 'a pause', { sent: false, retryAfterSeconds: 7 });
    assert.equal(failureError(failure, GET).details.retry_after_seconds, 7);
  });

  it('may be repeated where a POST never left', () => {
    const error = failureError(new UpstreamFailure('connect', 'refused', { sent: false }), { ...GET, method: 'POST' });
    assert.equal(error.retryable, true);
  });

  it('did nothing where it refused the client certificate, though a POST had been begun', () => {
    const error = failureError(new UpstreamFailure('certificate-refused', 'no', { sent: true }), {
      ...GET,
      method: 'POST',
    });
    assert.deepEqual([error.code, error.retryable], ['CREDENTIAL_REFUSED', false]);
    assert.match(error.remedy, /^not charged; the arguments are not at fault: choose another endpoint/);
  });

  it('is unknown where nobody can tell, and costs nothing', () => {
    const body = outcomeUnknown('call_1').toBody();
    assert.deepEqual([body.code, body.retryable, body.charged], ['OUTCOME_UNKNOWN', false, '0.000000']);
  });
});

describe('an upstream that answered otherwise than well', () => {
  const CASES: readonly (readonly [status: number, retryable: boolean])[] = [
    [302, false],
    [400, false],
    [401, false],
    [404, false],
    [429, true],
    [500, true],
    [503, true],
  ];
  for (const [status, retryable] of CASES) {
    it(`passes on ${status} with its body, ${retryable ? 'to be tried again' : 'not to be tried again as it is'}`, () => {
      const body = answerError({ ...ANSWER, status }).toBody();
      assert.deepEqual(
        [body.code, body.status, body.body, body.retryable, body.message],
        ['UPSTREAM_ERROR', status, { why: 1 }, retryable, `a/b answered ${status}`],
      );
      assert.match(body.remedy, /^not charged; /);
    });
  }

  it('does not tell the buyer to correct the arguments where the credential of the gateway is refused', () => {
    const refused = answerError({ ...ANSWER, status: 401, hadCredential: true }).toBody();
    assert.deepEqual(
      [refused.code, refused.charged, refused.retryable, refused.status, refused.body],
      ['CREDENTIAL_REFUSED', '0.000000', false, 401, { why: 1 }],
    );
    assert.equal(refused.message, "a/b refused this gateway's own credential (401)");
    assert.match(
      refused.remedy,
      /^not charged; the arguments are not at fault: .* The operator can check the credential$/,
    );

    const forbidden = answerError({ ...ANSWER, status: 403, hadCredential: true }).toBody();
    assert.equal(forbidden.code, 'UPSTREAM_ERROR');
    assert.match(forbidden.remedy, /^not charged; the upstream does not allow that to this gateway's credential: /);
    assert.doesNotMatch(refused.remedy + forbidden.remedy, /correct the arguments/);
  });

  const WAITS: readonly (readonly [header: string, want: number | undefined])[] = [
    ['7', 7],
    ['0', 0],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 60],
    ['Wed, 21 Oct 2026 07:26:00 GMT', 0],
    ['Wed, 21 Oct 2026', undefined],
    ['-1', undefined],
    ['9999999999', undefined],
  ];
  for (const [header, want] of WAITS) {
    it(`reads Retry-After "${header}" as ${String(want)} seconds`, () => {
      const error = answerError({ ...ANSWER, status: 429, headers: { 'retry-after': header } });
      assert.equal(error.details.retry_after_seconds, want);
    });
  }

  it('is to be tried again as soon as the upstream asks for', () => {
    const remedyAfter = (header: string) =>
      answerError({ ...ANSWER, status: 503, headers: { 'retry-after': header } }).remedy;
    assert.equal(remedyAfter('1'), 'not charged; try again after 1 second with a new idempotency key');
    assert.equal(remedyAfter('2'), 'not charged; try again after 2 seconds with a new idempotency key');
  });

  it('says what was charged, with the receipt, where the rule charges for errors', () => {
    const receipt = { digest: '0x1' } as never;
    const body = answerError({ ...ANSWER, status: 404, charged: '0.001000', receipt }).toBody();
    assert.equal(body.charged, '0.001000');
    assert.deepEqual(body.receipt, { digest: '0x1' });
    assert.match(body.remedy, /^charged 0\.001000 USDC by this endpoint's rule; /);
  });

  it('is void where the body says that it failed', () => {
    const body = answerError({ ...ANSWER, status: 200, reason: 'voided_by_answer' }).toBody();
    assert.deepEqual([body.code, body.charged, body.body], ['UPSTREAM_VOIDED', '0.000000', { why: 1 }]);
  });
});
