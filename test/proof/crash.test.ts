/**
 * Promises 5, 6 and 9: gateways are killed while 64 calls run at once, and started again on the same database. Whatever
 * a buyer was told is in the books, whatever is in the books is sound, and nothing was sent or charged twice.
 */

import assert from 'node:assert/strict';

import { randomFrom } from '../corpus/random.js';
import { STORES } from '../store/stores.js';
import type { Buyer, Order } from './buyer.js';
import { figure } from './figures.js';
import { Trial } from './trial.js';
import { until } from './until.js';

const KILLS = figure({ full: 200, short: 3 });
const WORKERS = 64;
/** A gateway is killed when it has answered as many at most. */
const ANSWERS_A_LIFE = 100;
/** How many of the answered orders are asked for again at the end. */
const ASKED_AGAIN = figure({ full: 1_000, short: 64 });

for (const kind of STORES) {
  describe(`gateways that are killed, on ${kind.name}`, function () {
    this.timeout(7_200_000);
    let trial: Trial;

    before(async () => {
      trial = await Trial.open(kind, {
        buyers: 4,
        fundsMicroUsdc: 1_000_000_000n,
        // From 0 to 9 ms, and one in ten fails.
        delayMs: (tag) => Number(tag.at(-1)),
        fails: (tag) => tag.endsWith('7'),
      });
    });
    after(() => trial.close());

    it(`lose and repeat nothing in ${KILLS} kills during ${WORKERS} concurrent calls`, async () => {
      const random = randomFrom(5);
      const errands: Errands = { lost: [], running: [] };
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const gateway = await trial.startGateway();
        const life = new Life(gateway.url, trial.buyers, errands);
        const workers = Promise.all(Array.from({ length: WORKERS }, () => life.work()));
        const enough = Math.ceil(random() * ANSWERS_A_LIFE);
        await Promise.race([workers, until(() => life.answers >= enough)]);
        await gateway.kill();
        life.over = true;
        await workers;
      }
      await trial.judge();
      await trial.sweepLater();

      const answered = trial.buyers.flatMap((buyer) =>
        buyer.orders.filter(({ answer }) => answer !== undefined).map((order) => ({ buyer, order })),
      );
      assert.ok(answered.length >= KILLS);
      const gateway = await trial.startGateway();
      // Those whose answer was lost learn how they ended, and those that were answered are told the same again.
      for (const { buyer, order } of [...errands.lost, ...errands.running, ...answered.slice(-ASKED_AGAIN)]) {
        const outcome = await buyer.place(gateway.url, order);
        assert.ok(outcome === 'answered' || outcome === 'failed', `${order.tag} is ${outcome}`);
      }
      await gateway.stop();
      await trial.judge();
      assert.equal(await trial.sweepLater(), 0);
    });
  });
}

interface Errand {
  readonly buyer: Buyer;
  readonly order: Order;
}

interface Errands {
  /** Orders without an answer; taken up again before new ones are made. */
  readonly lost: Errand[];
  /** Orders that a killed gateway has left open: their keys are in use until the sweeper has ended them. */
  readonly running: Errand[];
}

/** A gateway from its start to its death, and the workers who call it. */
class Life {
  answers = 0;
  over = false;
  #turn = 0;

  constructor(
    private readonly url: string,
    private readonly buyers: readonly Buyer[],
    private readonly errands: Errands,
  ) {}

  async work(): Promise<void> {
    while (!this.over) {
      const errand = this.errands.lost.pop() ?? this.#newErrand();
      const outcome = await errand.buyer.place(this.url, errand.order);
      assert.notEqual(outcome, 'refused');
      if (outcome === 'lost') this.errands.lost.push(errand);
      else if (outcome === 'running') this.errands.running.push(errand);
      else this.answers += 1;
    }
  }

  #newErrand(): Errand {
    const buyer = this.buyers[this.#turn++ % this.buyers.length]!;
    return { buyer, order: buyer.newOrder() };
  }
}
