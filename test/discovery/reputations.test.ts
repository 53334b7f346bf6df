import assert from 'node:assert/strict';

import type { Ratings } from '../../runtime/account/ratings.js';
import { Reputations } from '../../runtime/discovery/reputations.js';
import type { Ledger } from '../../runtime/ledger/ledger.js';

describe('reputations', () => {
  let nowMs: number;
  let readings: number;
  let failing: boolean;
  let reputations: Reputations;
  beforeEach(() => {
    nowMs = 1_000_000;
    readings = 0;
    failing = false;
    const observed = { calls: 1, successRate: 1, p50Ms: 2, p95Ms: 3 };
    const ledger: Pick<Ledger, 'observedAll'> = {
      observedAll: () => {
        readings += 1;
        if (failing) return Promise.reject(new Error('the database is away'));
        return Promise.resolve(new Map([['a/b', observed]]));
      },
    };
    const ratings: Pick<Ratings, 'ratingsOfSellers'> = {
      ratingsOfSellers: () => Promise.resolve(new Map([['a', { average: 4, count: readings }]])),
    };
    const clock = { nowMs: () => nowMs, randomBytes: (count: number) => new Uint8Array(count) };
    reputations = new Reputations(ledger as Ledger, ratings as Ratings, clock);
  });

  it('know endpoints and sellers', async () => {
    const known = await reputations.current();
    assert.equal(known.observed('a/b')!.p50Ms, 2);
    assert.equal(known.observed('a/c'), undefined);
    assert.equal(known.rating('a')!.average, 4);
    assert.equal(known.rating('b'), undefined);
  });

  it('are read once for any number of readers within five seconds', async () => {
    await Promise.all(Array.from({ length: 50 }, () => reputations.current()));
    nowMs += 5_000;
    await reputations.current();
    assert.equal(readings, 1);
    nowMs += 1;
    await reputations.current();
    assert.equal(readings, 2);
  });

  it('are read again at once after a change', async () => {
    await reputations.current();
    reputations.forget();
    await reputations.current();
    assert.equal(readings, 2);
  });

  it('are read again after a reading that failed', async () => {
    failing = true;
    await assert.rejects(reputations.current(), /the database is away/);
    failing = false;
    assert.equal((await reputations.current()).rating('a')!.average, 4);
  });
});
