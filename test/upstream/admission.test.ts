import assert from 'node:assert/strict';

import type { GatewayError } from '../../runtime/gateway-error.js';
import { Admission } from '../../runtime/upstream/admission.js';
import { AnswerMemory } from '../../runtime/upstream/answer-memory.js';
import { Breakers } from '../../runtime/upstream/breakers.js';
import { UpstreamFailure } from '../../runtime/upstream/upstream-failure.js';

const LIMITS = { timeoutMs: 1, maxResponseBytes: 1, concurrency: 1, breakerFailures: 1, breakerOpenMs: 60_000 };

describe('admission to a provider', () => {
  let nowMs: number;
  let breakers: Breakers;
  let answers: AnswerMemory;
  let admission: Admission;
  beforeEach(() => {
    nowMs = 1_000_000;
    breakers = new Breakers();
    answers = new AnswerMemory(1_000);
    const clock = { nowMs: () => nowMs, randomBytes: (count: number) => new Uint8Array(count) };
    admission = new Admission({ breakers, answers, clock });
  });

  const refusal = (provider: string, limits: Parameters<Admission['check']>[1]): string | undefined => {
    try {
      admission.check(provider, limits);
    } catch (error) {
      return (error as GatewayError).code;
    }
    return undefined;
  };
  const breakOpen = (provider: string) =>
    breakers
      .run(provider, LIMITS, () => Promise.reject(new UpstreamFailure('connect', 'down', { sent: false })))
      .catch(() => 0);

  it('is refused while the breaker is open', async () => {
    assert.equal(refusal('acme', LIMITS), undefined);
    await breakOpen('acme');
    assert.equal(refusal('acme', LIMITS), 'PROVIDER_UNAVAILABLE');
    assert.equal(refusal('other', LIMITS), undefined);
    assert.match(admission.pause('acme')!, /^the provider fails at the moment; call again after \d+ seconds?$/);
    assert.equal(admission.pause('other'), undefined);
  });

  it('is refused to all while the answers under way take all the memory there is', () => {
    assert.equal(answers.take(1_000), true);
    assert.equal(refusal('acme', LIMITS), 'GATEWAY_BUSY');
    answers.giveBack(1);
    assert.equal(refusal('acme', LIMITS), undefined);
  });

  it('is refused where there is neither a place nor room to wait for one', () => {
    const limits = { ...LIMITS, queue: 0 };
    const leave = admission.tryEnter('acme', limits);
    assert.equal(refusal('acme', limits), 'PROVIDER_BUSY');
    leave!();
    assert.equal(refusal('acme', limits), undefined);
  });

  it('is refused above the provider’s rate, and counts each provider by itself', () => {
    const limits = { ...LIMITS, ratePerSecond: 1 };
    const three = (provider: string) => [1, 2, 3].map(() => refusal(provider, limits));
    assert.deepEqual(three('acme'), [undefined, undefined, 'RATE_LIMITED']);
    assert.deepEqual(three('other'), [undefined, undefined, 'RATE_LIMITED']);
    nowMs += 1_000;
    assert.deepEqual(three('acme'), [undefined, 'RATE_LIMITED', 'RATE_LIMITED']);
  });

  it('does not count a call against the rate that was not made after all', () => {
    const limits = { ...LIMITS, ratePerSecond: 1 };
    for (let call = 0; call < 10; call += 1) {
      assert.equal(refusal('acme', limits), undefined);
      admission.takeBack('acme', limits);
    }
  });

  it('ends the wait of a call for a place at a breaker that has opened meanwhile, and gives its place to the next', async () => {
    const leave = admission.tryEnter('acme', LIMITS);
    const waiting = [admission.enter('acme', LIMITS), admission.enter('acme', LIMITS)];
    await breakOpen('acme');
    leave!();
    for (const one of waiting) await assert.rejects(one, { code: 'PROVIDER_UNAVAILABLE' });
    assert.deepEqual(admission.loads(), new Map());
  });
});
