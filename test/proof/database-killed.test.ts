/**
 * Promise 10 where the database itself dies: PostgreSQL is killed with kill -9 under load and started again beneath a
 * gateway that runs on.
 */

import { startPostgres } from '../store/postgres-server.js';
import { database, type StoreKind } from '../store/stores.js';
import { figure } from './figures.js';
import type { GatewayProcess } from './gateway-process.js';
import { Trial } from './trial.js';
import { until } from './until.js';

const WORKERS = 64;

describe('a gateway whose PostgreSQL is killed', function () {
  this.timeout(3_600_000);
  let trial: Trial;
  let gateway: GatewayProcess;
  afterEach(async () => {
    await gateway.kill();
    await trial.close();
  });

  it('takes calls again when the database is back, without a start of its own, and has lost nothing', async () => {
    const server = await startPostgres();
    const kind: StoreKind = {
      name: 'PostgreSQL',
      create: () => Promise.resolve(database(server.url, () => server.stop())),
    };
    trial = await Trial.open(kind, { buyers: 1, fundsMicroUsdc: 1_000_000_000n });
    gateway = await trial.startGateway();
    const buyer = trial.buyers[0]!;

    for (let kill = figure({ full: 10, short: 1 }); kill > 0; kill -= 1) {
      const known = buyer.orders.length;
      const working = Promise.all(
        Array.from({ length: WORKERS }, async () => {
          let order = buyer.newOrder();
          while ((await buyer.place(gateway.url, order)) === 'answered') order = buyer.newOrder();
        }),
      );
      await until(() => buyer.orders.length > known + 2 * WORKERS);
      server.kill();
      await working;
      await server.restart();
      const order = buyer.newOrder();
      await until(async () => (await buyer.place(gateway.url, order)) === 'answered');
    }
    await gateway.stop();
    await trial.judge();
    await trial.sweepLater();
    await trial.judge();
  });
});
