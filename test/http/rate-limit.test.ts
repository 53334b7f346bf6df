import assert from 'node:assert/strict';

import type { GatewayError } from '../../runtime/gateway-error.js';
import { RateLimit } from '../../runtime/http/rate-limit.js';

describe('the rate limit', () => {
  let nowMs: number;
  const limitOf = (callsPerSecond: number) =>
    new RateLimit(callsPerSecond, { nowMs: () => nowMs, randomBytes: (count) => new Uint8Array(count) });
  beforeEach(() => {
    nowMs = 1_000_000;
  });

  /** How many of these calls are let through at this moment. */
  function taken(limit: RateLimit, key: string, calls: number): number {
    let count = 0;
    for (let call = 0; call < calls; call++) {
      try {
        limit.take(key);
        count += 1;
      } catch (error) {
        assert.equal((error as GatewayError).code, 'RATE_LIMITED');
      }
    }
    return count;
  }

  it('lets a burst of two seconds through, and then so many calls a second', () => {
    const limit = limitOf(5);
    assert.equal(taken(limit, 'key', 100), 10);
    nowMs += 1_000;
    assert.equal(taken(limit, 'key', 100), 5);
    nowMs += 200;
    assert.equal(taken(limit, 'key', 100), 1);
    nowMs += 3_600_000;
    assert.equal(taken(limit, 'key', 100), 10);
  });

  it('counts each key by itself', () => {
    const limit = limitOf(1);
    assert.equal(taken(limit, 'one', 10), 2);
    assert.equal(taken(limit, 'other', 10), 2);
  });

  it('of 0.1 calls a second lets one call in every ten seconds', () => {
    const limit = limitOf(0.1);
    assert.equal(taken(limit, 'key', 10), 1);
    nowMs += 9_999;
    assert.equal(taken(limit, 'key', 10), 0);
    nowMs += 1;
    assert.equal(taken(limit, 'key', 10), 1);
  });

  it('says how long to wait, in whole seconds', () => {
    const limit = limitOf(0.1);
    limit.take('key');
    assert.throws(
      () => limit.take('key'),
      (error: unknown) => {
        const { message, remedy, details, retryable } = error as GatewayError;
        assert.equal(message, 'this API key makes more than 0.1 calls a second');
        assert.equal(remedy, 'wait 10 seconds and call again; nothing was sent or charged');
        assert.equal(details.retry_after_seconds, 10);
        assert.equal(retryable, true);
        return true;
      },
    );
  });

  it('does not lock a key out when the clock is set back', () => {
    const limit = limitOf(5);
    assert.equal(taken(limit, 'key', 5), 5);
    nowMs -= 3_600_000;
    assert.equal(taken(limit, 'key', 100), 5);
    nowMs += 1_000;
    assert.equal(taken(limit, 'key', 100), 5);
  });
});
