import assert from 'node:assert/strict';

import { retryDelayMs } from '../../runtime/call/retry-delay.js';
import type { UpstreamAnswer } from '../../runtime/upstream/send.js';
import { UpstreamFailure, type UpstreamFailureKind } from '../../runtime/upstream/upstream-failure.js';

const NOW_MS = Date.parse('2026-01-31T12:00:00Z');

const failure = (kind: UpstreamFailureKind, sent: boolean) => new UpstreamFailure(kind, 'failed', { sent });
const answer = (status: number, retryAfter?: string): UpstreamAnswer => ({
  status,
  headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  contentType: '',
  body: new Uint8Array(),
});

describe('a request is sent again', () => {
  /** Half of the backoff, which is drawn between nothing and 100 ms, then 200 ms. */
  const CASES: readonly (readonly [
    name: string,
    outcome: Parameters<typeof retryDelayMs>[0],
    method: string,
    retries: number,
    want: number | undefined,
  ])[] = [
    ['after a connection that did not stand', failure('connect', false), 'GET', 0, 50],
    ['the second time after twice as long', failure('connect', false), 'GET', 1, 100],
    ['twice at most', failure('connect', false), 'GET', 2, undefined],
    ['whatever its method where it was never written', failure('connect', false), 'POST', 0, 50],
    ['not a POST that was written', failure('reset', true), 'POST', 0, undefined],
    ['not a DELETE that was written', failure('reset', true), 'DELETE', 0, undefined],
    ['a GET whose connection was lost', failure('reset', true), 'GET', 0, 50],
    ['a HEAD whose connection was lost', failure('reset', true), 'HEAD', 0, 50],
    ['a GET whose answer was cut off', failure('truncated', true), 'GET', 0, 50],
    ['not a GET that took too long', failure('timeout', true), 'GET', 0, undefined],
    ['not a GET whose answer is too large', failure('too-large', true), 'GET', 0, undefined],
    ['not to a server that is not trusted', failure('untrusted', false), 'GET', 0, undefined],
    ['not to an address that is refused', failure('address-refused', false), 'GET', 0, undefined],
    ['after 503, as soon as it asks for', answer(503, '1'), 'GET', 0, 1_050],
    ['after 429, as soon as it asks for', answer(429, '0'), 'GET', 1, 100],
    ['after 503 with a date', answer(503, 'Sat, 31 Jan 2026 12:00:02 GMT'), 'GET', 0, 2_050],
    ['after 503 with a date that has passed', answer(503, 'Sat, 31 Jan 2026 11:00:00 GMT'), 'GET', 0, 50],
    ['not after 503 that asks for patience', answer(503, '3'), 'GET', 0, undefined],
    ['not after 503 that asks for nothing', answer(503), 'GET', 0, undefined],
    ['not after 503 with nonsense', answer(503, 'soon'), 'GET', 0, undefined],
    ['not after 500', answer(500, '0'), 'GET', 0, undefined],
    ['not a POST after 429', answer(429, '0'), 'POST', 0, undefined],
  ];
  for (const [name, outcome, method, retries, want] of CASES) {
    it(name, () => {
      assert.equal(retryDelayMs(outcome, { method, retries, limits: {}, nowMs: NOW_MS, random: 0.5 }), want);
    });
  }
});
