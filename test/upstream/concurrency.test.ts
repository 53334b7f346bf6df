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
    const first = await concurrency.acquire('acme', { concurrency: 2 });
    const second = await concurrency.acquire('acme', { concurrency: 2 });
    const later = ['c', 'd', 'e'].map(async (name) => {
      const release = await concurrency.acquire('acme', { concurrency: 2 });
      order.push(name);
      return release;
    });
    await Promise.resolve();
    assert.deepEqual(concurrency.loads().get('acme'), { running: 2, waiting: 3 });

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
    const waiting = concurrency.acquire('acme', { concurrency: 1 });
    assert.equal(concurrency.tryAcquire('acme', 2), undefined);
    first();
    assert.equal(concurrency.tryAcquire('acme', 1), undefined);
    (await waiting)();
    assert.deepEqual(concurrency.loads().get('acme'), undefined);
    assert.ok(concurrency.tryAcquire('acme', 1));
  });

  it('goes by the limit of the latest call: a higher one lets in who waits, a lower one nobody until it is kept', async () => {
    const concurrency = new Concurrency();
    const acquire = (limit: number) => concurrency.acquire('acme', { concurrency: limit });
    const first = await acquire(1);
    const waiting = [acquire(1), acquire(1)];
    const newcomer = await acquire(4);
    assert.deepEqual(concurrency.loads().get('acme'), { running: 4, waiting: 0 });
    const last = acquire(2);
    first();
    const [second, third] = await Promise.all(waiting);
    second!();
    assert.deepEqual(concurrency.loads().get('acme'), { running: 2, waiting: 1 });
    third!();
    (await last)();
    newcomer();
    assert.equal(concurrency.loads().get('acme'), undefined);
  });

  it('lets nobody overtake the one that a place has been handed to', async () => {
    const concurrency = new Concurrency();
    const order: string[] = [];
    const first = await concurrency.acquire('acme', { concurrency: 1 });
    const waiting = concurrency.acquire('acme', { concurrency: 1 }).then((release) => (order.push('waiting'), release));
    first();
    const newcomer = concurrency
      .acquire('acme', { concurrency: 1 })
      .then((release) => (order.push('newcomer'), release));
    (await waiting)();
    await newcomer;
    assert.deepEqual(order, ['waiting', 'newcomer']);
  });

  it('refuses at once where the queue is full', async () => {
    const concurrency = new Concurrency();
    const release = await concurrency.acquire('acme', { concurrency: 1, queue: 1 });
    const waiting = concurrency.acquire('acme', { concurrency: 1, queue: 1 });
    await assert.rejects(concurrency.acquire('acme', { concurrency: 1, queue: 1 }), isBusy);
    release();
    (await waiting)();
  });

  it('refuses one that has waited for too long, and serves those behind it', async () => {
    const concurrency = new Concurrency();
    const release = await concurrency.acquire('acme', { concurrency: 1, queueTimeoutMs: 20 });
    await assert.rejects(concurrency.acquire('acme', { concurrency: 1, queueTimeoutMs: 20 }), isBusy);
    const behind = concurrency.acquire('acme', { concurrency: 1, queueTimeoutMs: 20 });
    release();
    (await behind)();
    assert.deepEqual(concurrency.loads().get('acme'), undefined);
  });

  it('keeps the providers apart', async () => {
    const concurrency = new Concurrency();
    await concurrency.acquire('stuck', { concurrency: 1, queue: 0 });
    await assert.rejects(concurrency.acquire('stuck', { concurrency: 1, queue: 0 }), isBusy);
    await concurrency.acquire('fine', { concurrency: 1, queue: 0 });
  });

  it('gives a place back once, however often it is released', async () => {
    const concurrency = new Concurrency();
    const first = await concurrency.acquire('acme', { concurrency: 2, queue: 0 });
    await concurrency.acquire('acme', { concurrency: 2, queue: 0 });
    first();
    first();
    await concurrency.acquire('acme', { concurrency: 2, queue: 0 });
    await assert.rejects(concurrency.acquire('acme', { concurrency: 2, queue: 0 }), isBusy);
  });

  it('tells beforehand, without a place, who would find neither a place nor room to wait', async () => {
    const concurrency = new Concurrency();
    const limits = { concurrency: 1, queue: 1 };
    const check = () => concurrency.check('acme', limits);
    check();
    const release = await concurrency.acquire('acme', limits);
    check();
    const waiting = concurrency.acquire('acme', limits);
    assert.throws(check, isBusy);
    concurrency.check('other', limits);
    release();
    (await waiting)();
    assert.deepEqual(concurrency.loads(), new Map());
  });

  it('says to come back when those who wait now have been served or have given up', async () => {
    const concurrency = new Concurrency();
    const limits = { concurrency: 1, queue: 0, queueTimeoutMs: 2_500 };
    await concurrency.acquire('acme', limits);
    await assert.rejects(concurrency.acquire('acme', limits), { details: { retry_after_seconds: 3 } });
    assert.deepEqual(concurrency.loads(), new Map([['acme', { running: 1, waiting: 0 }]]));
  });

  it('leaves the queue with the signal', async () => {
    const concurrency = new Concurrency();
    const release = await concurrency.acquire('acme', { concurrency: 1 });
    const controller = new AbortController();
    const waiting = concurrency.acquire('acme', { concurrency: 1 }, controller.signal);
    controller.abort(new Error('the client has gone'));
    await assert.rejects(waiting, /the client has gone/);
    assert.deepEqual(concurrency.loads().get('acme'), { running: 1, waiting: 0 });
    release();
  });
});
