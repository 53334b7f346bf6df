/**
 * Promise 8: the connection is cut at 20 points of the exchange, from the first byte of the request to the last of the
 * answer, and whoever asks again with the same key gets the original: one call upstream, one charge.
 */

import assert from 'node:assert/strict';

import { startGateway, type RunningGateway } from '../../runtime/main.js';
import { STORES } from '../store/stores.js';
import { requestOf, type Buyer } from './buyer.js';
import { figure } from './figures.js';
import { ORDER_MICRO_USDC, Trial } from './trial.js';
import { until } from './until.js';
import { Wire } from './wire.js';

const POINTS = 20;
const TIMES = figure({ full: 100, short: 3 });

for (const kind of STORES) {
  describe(`an answer that is lost, on ${kind.name}`, function () {
    this.timeout(3_600_000);
    let trial: Trial;
    let gateway: RunningGateway;
    let wire: Wire;
    let buyer: Buyer;

    before(async () => {
      trial = await Trial.open(kind, { buyers: 1, fundsMicroUsdc: 1_000_000_000n });
      gateway = await startGateway(trial.config);
      wire = await Wire.to(gateway.url);
      buyer = trial.buyers[0]!;
    });
    after(async () => {
      await wire.close();
      await gateway.close();
      await trial.judge();
      await trial.close();
    });

    it(`costs nothing: cut at ${POINTS} points, ${TIMES} times each`, async () => {
      await buyer.place(wire.url, buyer.newOrder());
      const { sent, received } = wire.carried();
      let lost = 0;
      for (let time = 0; time < TIMES; time += 1) {
        for (let point = 0; point < POINTS; point += 1) {
          // From nothing at all to all but the last byte of the answer.
          const bytes = Math.floor((point * (sent + received - 1)) / (POINTS - 1));
          wire.cutAfter(bytes < sent ? { sent: bytes } : { received: bytes - sent });
          const order = buyer.newOrder();
          if ((await buyer.place(wire.url, order)) === 'lost') lost += 1;
          wire.mend();
          await until(async () => (await buyer.place(wire.url, order)) === 'answered');
          assert.equal(trial.upstream.seen(order.tag), 1);
        }
      }
      assert.equal(lost, POINTS * TIMES);
      const { availableMicroUsdc, heldMicroUsdc } = await gateway.books.ledger.balance(buyer.accountId);
      const charged = BigInt(POINTS * TIMES + 1) * ORDER_MICRO_USDC;
      assert.deepEqual([availableMicroUsdc, heldMicroUsdc], [trial.fundsMicroUsdc - charged, 0n]);
    });

    it('is not found by the id of its JSON-RPC message: two orders with one id are two orders', async () => {
      const answers = await Promise.all(
        [buyer.newOrder(), buyer.newOrder()].map(async ({ tag }) => {
          const call = { endpoint: 'sandbox/create-order', arguments: requestOf(tag), idempotency_key: tag };
          const response = await fetch(`${gateway.url}/mcp`, {
            method: 'POST',
            headers: {
              Authorization: `Bearer ${buyer.apiKey}`,
              'Content-Type': 'application/json',
              Accept: 'application/json, text/event-stream',
            },
            body: JSON.stringify({
              jsonrpc: '2.0',
              id: 7,
              method: 'tools/call',
              params: { name: 'call_api', arguments: call },
            }),
          });
          const { result } = JSON.parse((await response.text()).replace(/^[^{]*/, '')) as {
            readonly result: { readonly structuredContent: { readonly body: { readonly tag: string } } };
          };
          assert.equal(result.structuredContent.body.tag, tag);
          return trial.upstream.seen(tag);
        }),
      );
      assert.deepEqual(answers, [1, 1]);
    });
  });
}
