import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';

import type { Ratings } from '../../runtime/account/ratings.js';
import { Reputations } from '../../runtime/discovery/reputations.js';
import type { Ledger } from '../../runtime/ledger/ledger.js';

describe('reputations', () => {
  let nowMs: number;
  let called: Map<string, number>;
  /** How often the ratings were read, and of which endpoints the calls were. */
  let readings: number;
  let read: string[];
  let failing: boolean;
  /** What a reading of an endpoint waits for. */
  let held: Promise<void> | undefined;
  let reputations: Reputations;
  beforeEach(() => {
    nowMs = 1_000_000;
    called = new Map([['a/b', 500]]);
    readings = 0;
    read = [];
    failing = false;
    held = undefined;
    const ledger: Pick<Ledger, 'lastCalled' | 'observed'> = {
      lastCalled: () =>
        failing ? Promise.reject(new Error('the database is away')) : Promise.resolve(new Map(called)),
      observed: async (endpoint) => {
        const calls = read.push(endpoint);
        await held;
        if (failing) throw new Error('the database is away');
        return { calls, successRate: 1, p50Ms: 2, p95Ms: 3 };
      },
    };
    const ratings: Pick<Ratings, 'ratingsOfSellers'> = {
      ratingsOfSellers: () => Promise.resolve(new Map([['a', { average: 4, count: (readings += 1) }]])),
    };
    const clock = { nowMs: () => nowMs, randomBytes: (count: number) => new Uint8Array(count) };
    reputations = new Reputations(ledger, ratings, clock);
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

  it('are read again where the clock is set back', async () => {
    await reputations.current();
    assert.equal((await reputations.observed('a/b')).calls, 2);
    nowMs -= 1;
    await reputations.current();
    assert.equal(readings, 2);
    assert.equal((await reputations.observed('a/b')).calls, 3);
  });

  it('are read again of the endpoints alone that were called since', async () => {
    called.set('a/c', 600);
    await reputations.current();
    assert.deepEqual(read, ['a/c', 'a/b']);
    called.set('a/b', 700);
    nowMs += 5_001;
    assert.equal((await reputations.current()).observed('a/b')!.calls, 3);
    assert.deepEqual(read, ['a/c', 'a/b', 'a/b']);
  });

  it('forget an endpoint that was not called for long', async () => {
    await reputations.current();
    called.clear();
    nowMs += 5_001;
    assert.equal((await reputations.current()).observed('a/b'), undefined);
  });

  it('are read of 200 endpoints at a time, those called last first, and of the others at the next readings', async () => {
    called = new Map(Array.from({ length: 450 }, (_, index) => [`p/${index}`, index]));
    const sizes: number[] = [];
    for (let reading = 0; reading < 4; reading += 1) {
      await reputations.current();
      sizes.push(read.length);
      nowMs += 5_001;
    }
    assert.deepEqual(sizes, [200, 400, 450, 450]);
    assert.deepEqual([read[0], read[199], read[449]], ['p/449', 'p/250', 'p/0']);
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

  /** A reading that is late, and fails when it is let go. */
  function lateFailure(begin: () => Promise<unknown>): () => Promise<void> {
    let letGo!: () => void;
    held = new Promise((resolve) => (letGo = resolve));
    const reading = begin();
    return async () => {
      failing = true;
      letGo();
      await assert.rejects(reading, /the database is away/);
    };
  }

  it('are not read again for a reading that failed after it was too old', async () => {
    const fail = lateFailure(() => reputations.current());
    await setImmediate();
    held = undefined;
    nowMs += 5_001;
    await reputations.current();
    await fail();
    await reputations.current();
    assert.equal(readings, 2);
  });

  describe('of one endpoint', () => {
    it('are read once for any number of readers within five seconds, each endpoint by itself', async () => {
      await Promise.all(Array.from({ length: 50 }, () => reputations.observed('a/b')));
      await reputations.observed('a/c');
      nowMs += 5_000;
      assert.equal((await reputations.observed('a/b')).calls, 1);
      assert.deepEqual(read, ['a/b', 'a/c']);
      nowMs += 1;
      assert.equal((await reputations.observed('a/b')).calls, 3);
    });

    it('are read again after a reading that failed', async () => {
      failing = true;
      await assert.rejects(reputations.observed('a/b'), /the database is away/);
      failing = false;
      assert.equal((await reputations.observed('a/b')).calls, 2);
    });

    it('are not read again for a reading that failed after it was too old', async () => {
      const fail = lateFailure(() => reputations.observed('a/b'));
      held = undefined;
      nowMs += 5_001;
      await reputations.observed('a/b');
      await fail();
      assert.equal((await reputations.observed('a/b')).calls, 2);
    });

    it('are remembered of 2,000 endpoints at most', async () => {
      for (let index = 0; index <= 2_000; index += 1) await reputations.observed(`p/${index}`);
      await reputations.observed('p/2000');
      assert.equal(read.length, 2_001);
      await reputations.observed('p/0');
      assert.equal(read.length, 2_002);
    });
  });
});
