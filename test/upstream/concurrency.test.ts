import assert from 'node:assert/strict';
import { GatewayError } from '../../runtime/gateway-error.js';
import { Concurrency } from '../../runtime/upstream/concurrency.js';

function isBusy(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'PROVIDER_BUSY';
}

describe('concurrency by provider', () => {
  it('admits as many calls as the limit, and the others in the order in which they came', async () => {
    const concurrency = new Concurrency();
    const order: string[] = [];
    const first = await concurrency.acquire('acme', 2);
    const second = await concurrency.acquire('acme', 2);
    const later = ['c', 'd', 'e'].map(async (name) => {
      const release = await concurrency.acquire('acme', 2);
      order.push(name);
      return release;
    });
    await Promise.resolve();
    assert.deepEqual(concurrency.load('acme'), { running: 2, waiting: 3 });

    first();
    (await later[0])?.();
    second();
    await Promise.all(later);
    assert.deepEqual(order, ['c', 'd', 'e']);
  });

  it('gives a place at once only where one is free and nobody waits', async () => {
    const concurrency = new Concurrency();
    const first = concurrency.tryAcquire('acme', 1);
    assert.ok(first);
    assert.equal(concurrency.tryAcquire('acme', 1), undefined);
    const waiting = concurrency.acquire('acme', 1);
    assert.equal(concurrency.tryAcquire('acme', 2), undefined);
    first();
    assert.equal(concurrency.tryAcquire('acme', 1), undefined);
    (await waiting)();
    assert.deepEqual(concurrency.load('acme'), { running: 0, waiting: 0 });
    assert.ok(concurrency.tryAcquire('acme', 1));
  });

  it('lets nobody overtake the one that a place has been handed to', async () => {
    const concurrency = new Concurrency({ maxQueue: 5 });
    const order: string[] = [];
    const first = await concurrency.acquire('acme', 1);
    const waiting = concurrency.acquire('acme', 1).then((release) => (order.push('waiting'), release));
    first();
    const newcomer = concurrency.acquire('acme', 1).then((release) => (order.push('newcomer'), release));
    (await waiting)();
    await newcomer;
    assert.deepEqual(order, ['waiting', 'newcomer']);
  });

  it('refuses at once where the queue is full', async () => {
    const concurrency = new Concurrency({ maxQueue: 1 });
    const release = await concurrency.acquire('acme', 1);
    const waiting = concurrency.acquire('acme', 1);
    await assert.rejects(concurrency.acquire('acme', 1), isBusy);
    release();
    (await waiting)();
  });

  it('refuses one that has waited for too long, and serves those behind it', async () => {
    const concurrency = new Concurrency({ maxWaitMs: 20 });
    const release = await concurrency.acquire('acme', 1);
    await assert.rejects(concurrency.acquire('acme', 1), isBusy);
    const behind = concurrency.acquire('acme', 1);
    release();
    (await behind)();
    assert.deepEqual(concurrency.load('acme'), { running: 0, waiting: 0 });
  });

  it('keeps the providers apart', async () => {
    const concurrency = new Concurrency({ maxQueue: 0 });
    await concurrency.acquire('stuck', 1);
    await assert.rejects(concurrency.acquire('stuck', 1), isBusy);
    await concurrency.acquire('fine', 1);
  });

  it('gives a place back once, however often it is released', async () => {
    const concurrency = new Concurrency({ maxQueue: 0 });
    const first = await concurrency.acquire('acme', 2);
    await concurrency.acquire('acme', 2);
    first();
    first();
    await concurrency.acquire('acme', 2);
    await assert.rejects(concurrency.acquire('acme', 2), isBusy);
  });

  it('leaves the queue with the signal', async () => {
    const concurrency = new Concurrency();
    const release = await concurrency.acquire('acme', 1);
    const controller = new AbortController();
    const waiting = concurrency.acquire('acme', 1, controller.signal);
    controller.abort(new Error('the client has gone'));
    await assert.rejects(waiting, /the client has gone/);
    assert.deepEqual(concurrency.load('acme'), { running: 1, waiting: 0 });
    release();
  });
});
