/**
 * Promise 10: gateways that are processes of their own on one PostgreSQL keep the promises of one gateway, while the
 * database undoes their transactions and while one of them dies.
 */

import assert from 'node:assert/strict';

import pg from 'pg';

import { STORES } from '../store/stores.js';
import type { Buyer, Order, Outcome } from './buyer.js';
import { figure } from './figures.js';
import type { GatewayProcess } from './gateway-process.js';
import { ORDER_MICRO_USDC, Trial } from './trial.js';
import { until } from './until.js';

const WORKERS = 64;
const ORDERS = figure({ full: 2_000, short: 200 });
const POSTGRES = STORES.find(({ name }) => name === 'PostgreSQL')!;

/** What PostgreSQL does to a transaction that cannot be serialized, for one transaction in three. */
const UNDO_EVERY_THIRD = `
  CREATE FUNCTION undo_every_third() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF pg_current_xact_id()::text::bigint % 3 = 0 THEN
        RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
      END IF;
      RETURN NULL;
    END $$;
  CREATE TRIGGER undo_every_third BEFORE INSERT ON transfers FOR EACH STATEMENT EXECUTE FUNCTION undo_every_third()`;

describe('two gateway processes on one PostgreSQL', function () {
  this.timeout(3_600_000);
  let trial: Trial;
  let gateways: readonly [GatewayProcess, GatewayProcess];

  const open = async (fundsMicroUsdc: bigint) => {
    trial = await Trial.open(POSTGRES, { buyers: 1, fundsMicroUsdc });
    gateways = await Promise.all([trial.startGateway(), trial.startGateway()]);
  };
  afterEach(async () => {
    await Promise.all(gateways.map((gateway) => gateway.kill()));
    await trial.close();
  });

  it('capture exactly 100 of 1,000 calls on funds for exactly 100, and refuse 900', async () => {
    await open(100n * ORDER_MICRO_USDC);
    const buyer = trial.buyers[0]!;
    const outcomes = await work(buyer, 1_000, (index) => gateways[index % 2]!.url);
    assert.deepEqual(tally(outcomes), { answered: 100, refused: 900 });
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await trial.judge();
    assert.equal(buyer.orders.filter(({ tag }) => trial.upstream.seen(tag) === 1).length, 100);
  });

  it(`finish ${ORDERS} calls, while every third transaction is undone and one of the two is killed`, async () => {
    await open(1_000_000_000n);
    await query(trial.database.url, UNDO_EVERY_THIRD);
    const buyer = trial.buyers[0]!;
    let alive = gateways;
    const killing = until(() => buyer.orders.length >= ORDERS / 2).then(async () => {
      await gateways[0].kill();
      alive = [gateways[1], gateways[1]];
    });
    const outcomes = await work(buyer, ORDERS, (index) => alive[index % 2]!.url);
    await killing;
    // What the killed gateway had dispatched is running for all that anybody knows, until the sweeper ends it.
    const { answered = 0, running = 0, ...others } = tally(outcomes);
    assert.deepEqual(others, {});
    assert.equal(answered + running, ORDERS);
    assert.ok(running <= WORKERS, `${running} of ${ORDERS} were left open`);
    await gateways[1].stop();
    await trial.judge();
    await trial.sweepLater();
    await trial.judge();
  });
});

/** Places as many orders, 64 at a time, each until its outcome is known or it is found to be running. */
async function work(buyer: Buyer, orders: number, url: (index: number) => string): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let left = orders;
  await Promise.all(
    Array.from({ length: WORKERS }, async (_, index) => {
      while (left > 0) {
        left -= 1;
        outcomes.push(await finish(buyer, buyer.newOrder(), () => url(index)));
      }
    }),
  );
  return outcomes;
}

async function finish(buyer: Buyer, order: Order, url: () => string): Promise<Outcome> {
  let outcome: Outcome = 'lost';
  await until(async () => (outcome = await buyer.place(url(), order)) !== 'lost');
  return outcome;
}

function tally(outcomes: readonly Outcome[]): Readonly<Partial<Record<Outcome, number>>> {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

async function query(url: string, statements: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statements);
  await client.end();
}
