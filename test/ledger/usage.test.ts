import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import type { UsagePage, UsageQuery } from '../../runtime/ledger/ledger.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, MINUTE_MS, releaseOf } from './bank.js';

const DAY_MS = 24 * 60 * MINUTE_MS;

for (const kind of STORES) {
  describe(`usage on ${kind.name}`, () => {
    let bank: Bank;

    before(async () => {
      bank = await Bank.open(kind, 1_000n);
      await bank.captured(3n, { endpoint: 'b/one', provider: 'b' });
      await bank.captured(4n, { endpoint: 'a/one', provider: 'a' });
      bank.clock.advance(24 * 60 * MINUTE_MS);
      await bank.captured(5n, { endpoint: 'a/two', provider: 'a' });
      const failed = await bank.opened({ endpoint: 'a/two', provider: 'a' });
      await bank.ledger.release(releaseOf(failed));
    });
    after(() => bank.close());

    const pages = async (query: Omit<UsageQuery, 'accountId'>): Promise<readonly UsagePage[]> => {
      const page = await bank.ledger.usage({ accountId: bank.accountId, ...query });
      return page.nextCursor === undefined ? [page] : [page, ...(await pages({ ...query, cursor: page.nextCursor }))];
    };

    const GROUPS = [
      [
        'endpoint',
        [
          ['a/one', 1, 0, 4n],
          ['a/two', 2, 1, 5n],
          ['b/one', 1, 0, 3n],
        ],
      ],
      [
        'provider',
        [
          ['a', 3, 1, 9n],
          ['b', 1, 0, 3n],
        ],
      ],
      [
        'day',
        [
          ['2026-03-10', 2, 1, 5n],
          ['2026-03-09', 2, 0, 7n],
        ],
      ],
    ] as const;
    for (const [groupBy, want] of GROUPS) {
      for (const limit of [1, 10]) {
        it(`adds up by ${groupBy}, in pages of ${limit}`, async () => {
          const found = await pages({ groupBy, limit });
          assert.equal(found.length, limit === 1 ? want.length : 1);
          assert.deepEqual(
            found.flatMap(({ rows }) => rows.map((row) => [row.group, row.calls, row.failures, row.chargedMicroUsdc])),
            want,
          );
        });
      }
    }

    for (const groupBy of [undefined, 'endpoint', 'provider', 'day'] as const) {
      it(`adds up all pages ${groupBy === undefined ? 'of calls' : `by ${groupBy}`} with the first of them`, async () => {
        const [first, ...others] = await pages({ groupBy, limit: 1 });
        assert.deepEqual(first?.total, { calls: 4, failures: 1, chargedMicroUsdc: 12n });
        assert.ok(others.length > 0);
        for (const page of others) assert.ok(!('total' in page));
      });
    }

    it('lists each call once, the latest first, whatever the size of a page', async () => {
      const all = (await pages({ limit: 10 })).flatMap(({ rows }) => rows.map(({ group }) => group));
      assert.equal(new Set(all).size, 4);
      for (const limit of [1, 2, 3, 4]) {
        assert.deepEqual(
          (await pages({ limit })).flatMap(({ rows }) => rows.map(({ group }) => group)),
          all,
        );
      }
      const [page] = await pages({ limit: 10 });
      assert.deepEqual(page?.rows.map(({ call }) => call?.endpoint.slice(0, 1)).slice(0, 2), ['a', 'a']);
      assert.ok(page.rows[0]!.call!.createdAtMs > page.rows[3]!.call!.createdAtMs);
    });

    it('counts only what is within the time asked for', async () => {
      const sinceMs = bank.clock.nowMs();
      const later = await bank.ledger.usage({ accountId: bank.accountId, sinceMs, limit: 10 });
      const earlier = await bank.ledger.usage({ accountId: bank.accountId, untilMs: sinceMs, limit: 10 });
      assert.deepEqual([later.rows.length, later.total], [2, { calls: 2, failures: 1, chargedMicroUsdc: 5n }]);
      assert.deepEqual([earlier.rows.length, earlier.total], [2, { calls: 2, failures: 0, chargedMicroUsdc: 7n }]);
    });

    for (const cursor of [
      '',
      'x',
      'bnVsbA',
      Buffer.from('["a"]').toString('base64url'),
      Buffer.from('[1,2]').toString('base64url'),
      Buffer.from('[1,"a","b"]').toString('base64url'),
      Buffer.from('[1.5,"a"]').toString('base64url'),
      Buffer.from('[1e400,"a"]').toString('base64url'),
      Buffer.from('[1,"a\\u0000"]').toString('base64url'),
    ]) {
      it(`refuses the cursor "${cursor}"`, () =>
        assert.rejects(
          bank.ledger.usage({ accountId: bank.accountId, limit: 10, cursor }),
          (error) => error instanceof GatewayError && error.code === 'INVALID_REQUEST',
        ));
    }
  });

  describe(`what was observed of an endpoint on ${kind.name}`, () => {
    let bank: Bank;

    beforeEach(async () => {
      bank = await Bank.open(kind, 1_000n);
    });
    afterEach(() => bank.close());

    const observe = async (latencyMs: number, status: number) => {
      const callId = await bank.opened();
      await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS);
      bank.clock.advance(latencyMs);
      if (status < 300) await bank.ledger.capture(captureOf(callId, 1n));
      else await bank.ledger.release(releaseOf(callId, { upstreamStatus: status }));
    };

    it('is nothing before the first call has ended', async () => {
      await bank.opened({ dispatchDeadlineMs: bank.clock.nowMs() + MINUTE_MS });
      assert.deepEqual(await bank.ledger.observed('weather/forecast'), {
        calls: 0,
        successRate: null,
        p50Ms: 0,
        p95Ms: 0,
      });
      assert.deepEqual(await bank.ledger.lastCalled(), new Map());
    });

    it('is its success rate and its percentiles by nearest rank', async () => {
      for (let latencyMs = 1; latencyMs <= 20; latencyMs += 1) await observe(latencyMs, latencyMs <= 5 ? 500 : 200);
      await bank.opened();
      const want = { calls: 20, successRate: 0.75, p50Ms: 10, p95Ms: 19 };
      assert.deepEqual(await bank.ledger.observed('weather/forecast'), want);
    });

    it("leaves the buyers' own mistakes out of the success rate", async () => {
      for (const status of [400, 404, 422, 499]) await observe(10, status);
      assert.equal((await bank.ledger.observed('weather/forecast')).successRate, null);
      for (const status of [200, 300, 401, 403, 407, 408, 421, 425, 429, 500]) await observe(10, status);
      const want = { calls: 14, successRate: 0.1, p50Ms: 10, p95Ms: 10 };
      assert.deepEqual(await bank.ledger.observed('weather/forecast'), want);
    });

    it('is told of the endpoints that were called in the last 30 days, with the end of the last call', async () => {
      const call = async (endpoint: string) => {
        const callId = await bank.opened({ endpoint });
        await bank.ledger.markDispatched(callId, bank.clock.nowMs() + MINUTE_MS);
        await bank.ledger.release(releaseOf(callId, { upstreamStatus: 500 }));
        return bank.clock.nowMs();
      };
      await call('old/one');
      bank.clock.advance(10 * DAY_MS);
      await call('maps/route');
      bank.clock.advance(DAY_MS);
      const weather = await call('weather/forecast');
      bank.clock.advance(DAY_MS);
      const route = await call('maps/route');
      await bank.opened({ endpoint: 'never/sent' });
      bank.clock.advance(20 * DAY_MS);
      const want: [string, number][] = [
        ['maps/route', route],
        ['weather/forecast', weather],
      ];
      assert.deepEqual([...(await bank.ledger.lastCalled())].sort(), want);
    });

    it('takes no change of the clock while a call ran for its latency', async () => {
      for (const latencyMs of [60 * MINUTE_MS, -60 * MINUTE_MS]) await observe(latencyMs, 200);
      const unknown = { calls: 2, successRate: 1, p50Ms: 0, p95Ms: 0 };
      assert.deepEqual(await bank.ledger.observed('weather/forecast'), unknown);
      await observe(11 * MINUTE_MS, 200);
      const known = { calls: 3, successRate: 1, p50Ms: 660_000, p95Ms: 660_000 };
      assert.deepEqual(await bank.ledger.observed('weather/forecast'), known);
    });

    it('counts a call whose outcome is unknown as a call without success, and without latency', async () => {
      await observe(10, 200);
      const callId = await bank.opened();
      await bank.ledger.markDispatched(callId, bank.clock.nowMs());
      bank.clock.advance(MINUTE_MS);
      await bank.ledger.sweep();
      assert.deepEqual(await bank.ledger.observed('weather/forecast'), {
        calls: 2,
        successRate: 0.5,
        p50Ms: 10,
        p95Ms: 10,
      });
    });
  });
}
