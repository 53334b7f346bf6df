import assert from 'node:assert/strict';

import type { GatewayError } from '../../runtime/gateway-error.js';
import { Breakers } from '../../runtime/upstream/breakers.js';
import { UpstreamFailure, type UpstreamFailureKind } from '../../runtime/upstream/upstream-failure.js';

const LIMITS = { timeoutMs: 1, maxResponseBytes: 1, concurrency: 1, breakerFailures: 3, breakerOpenMs: 5_000 };

describe('the breaker of a provider', () => {
  const systemNow = Date.now;
  let nowMs: number;
  let breakers: Breakers;
  let sent: number;
  beforeEach(() => {
    nowMs = 1_000_000;
    // The library asks the system for the time.
    Date.now = () => nowMs;
    breakers = new Breakers();
    sent = 0;
  });
  afterEach(() => {
    Date.now = systemNow;
  });

  const answers = (status: number) => () => ((sent += 1), Promise.resolve({ status }));
  const fails = (kind: UpstreamFailureKind) => () => {
    sent += 1;
    return Promise.reject(new UpstreamFailure(kind, 'failed', { sent: true }));
  };
  const run = (send: () => Promise<{ status: number }>, provider = 'acme', limits = LIMITS) =>
    breakers.run(provider, limits, send).catch((error: unknown) => error);
  const refusal = (provider = 'acme', limits = LIMITS): GatewayError | undefined => {
    try {
      breakers.check(provider, limits);
    } catch (error) {
      return error as GatewayError;
    }
    return undefined;
  };
  const open = async () => {
    for (let call = 0; call < LIMITS.breakerFailures; call += 1) await run(fails('timeout'));
  };

  for (const [name, send] of [
    ['no connection', fails('connect')],
    ['no answer in time', fails('timeout')],
    ['a connection that is reset', fails('reset')],
    ['an answer that is cut off', fails('truncated')],
    ['an answer that goes on beyond its limit', fails('flooding')],
    ['a status of 500', answers(500)],
    ['a status of 503', answers(503)],
  ] as const) {
    it(`opens after so many calls in a row with ${name}, and not before`, async () => {
      await run(send);
      await run(send);
      assert.equal(refusal(), undefined);
      await run(send);
      assert.equal(refusal()!.code, 'PROVIDER_UNAVAILABLE');
      assert.deepEqual(breakers.states(), new Map([['acme', 'open']]));
    });
  }

  for (const [name, send] of [
    ['a 4xx, which is the buyer’s doing', answers(404)],
    ['a 429', answers(429)],
    ['an answer that says of itself that it is over its limit', fails('too-large')],
    ['an answer that cannot be unpacked', fails('bad-encoding')],
    ['an address that is refused', fails('address-refused')],
    ['a request that is not sent again', fails('aborted')],
    ['memory that is used up', fails('gateway-full')],
  ] as const) {
    it(`stays closed, however often there is ${name}`, async () => {
      for (let call = 0; call < 10; call += 1) await run(send);
      assert.equal(refusal(), undefined);
    });
  }

  it('stays closed where an answer stands between the failures', async () => {
    for (let round = 0; round < 5; round += 1) {
      await run(fails('timeout'));
      await run(answers(500));
      await run(answers(400));
    }
    assert.equal(refusal(), undefined);
  });

  it('says how long to wait, that nothing was charged, and that it is worth trying again', async () => {
    await open();
    nowMs += 1_500;
    const { status, retryable, charged, details, message } = refusal()!;
    assert.deepEqual([status, retryable, charged, details.retry_after_seconds], [503, true, '0.000000', 4]);
    assert.equal(message, 'the provider acme has failed 3 times in a row and is given a pause');
  });

  it('sends nothing while it is open, also for a call that was let in before', async () => {
    await open();
    const before = sent;
    const failure = (await run(answers(200))) as UpstreamFailure;
    assert.deepEqual([failure.kind, failure.sent, failure.retryAfterSeconds], ['circuit-open', false, 5]);
    assert.equal(sent, before);
  });

  it('lets one call through as a probe when its time is over, and no other beside it', async () => {
    await open();
    nowMs += 5_000;
    assert.equal(refusal(), undefined);
    let answer: (value: { status: number }) => void = () => undefined;
    const probe = run(() => new Promise((resolve) => (answer = resolve)));
    assert.equal(refusal()!.details.retry_after_seconds, 1);
    assert.deepEqual(breakers.states(), new Map([['acme', 'half-open']]));
    const beside = (await run(answers(200))) as UpstreamFailure;
    assert.equal(beside.kind, 'circuit-open');
    answer({ status: 200 });
    assert.deepEqual(await probe, { status: 200 });
    assert.equal(refusal(), undefined);
    assert.deepEqual(breakers.states(), new Map([['acme', 'closed']]));
  });

  it('opens again for the same time where the probe fails', async () => {
    await open();
    nowMs += 5_000;
    await run(answers(502));
    assert.equal(refusal()!.details.retry_after_seconds, 5);
  });

  it('is its own: no other provider is held up', async () => {
    await open();
    assert.equal(refusal('other'), undefined);
    assert.deepEqual(await run(answers(200), 'other'), { status: 200 });
  });

  it('is not there where the settings want none', async () => {
    const limits = { ...LIMITS, breakerFailures: 0 };
    for (let call = 0; call < 50; call += 1) await run(fails('timeout'), 'acme', limits);
    assert.equal(refusal('acme', limits), undefined);
    assert.deepEqual(await run(answers(200), 'acme', limits), { status: 200 });
  });

  it('begins anew where the clock is set back, and sends the next call', async () => {
    await open();
    nowMs -= 1;
    assert.equal(refusal(), undefined);
    assert.deepEqual(await run(answers(200)), { status: 200 });
    assert.deepEqual(breakers.states(), new Map([['acme', 'closed']]));
    await open();
    assert.equal(refusal()!.details.retry_after_seconds, 5);
  });

  it('begins anew where its settings change', async () => {
    await open();
    const limits = { ...LIMITS, breakerFailures: 4 };
    nowMs += 5_000;
    await run(answers(500), 'acme', limits);
    assert.equal(refusal('acme', limits), undefined);
  });
});
