/**
 * A caller without an idempotency key whose connection breaks asks again and gets the answer that was lost, from
 * whichever gateway it asks; a caller who has got its answer and calls again gets another. Over sockets that are really
 * cut, on both faces.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

import { startGateway, type RunningGateway } from '../../runtime/main.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { STORES } from '../store/stores.js';
import { requestOf, type Buyer } from './buyer.js';
import { ORDER_MICRO_USDC, Trial } from './trial.js';
import { until } from './until.js';

type Json = Readonly<Record<string, unknown>>;

interface Options {
  readonly fresh?: boolean;
}

/** A way to order without a key. */
interface Face {
  readonly name: string;
  send(url: string, apiKey: string, tag: string, options?: Options): ClientRequest;
  /** What the tool has answered. */
  read(body: Json): Json;
}

const plainHttp: Face = {
  name: 'plain HTTP',
  send: (url, apiKey, tag, { fresh } = {}) =>
    post(`${url}/v1/call/sandbox/create-order${fresh === true ? '?fresh=true' : ''}`, apiKey, requestOf(tag)),
  read: (body) => body,
};

const mcp: Face = {
  name: 'MCP',
  send: (url, apiKey, tag, options) =>
    post(`${url}/mcp`, apiKey, {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name: 'call_api',
        arguments: { endpoint: 'sandbox/create-order', arguments: requestOf(tag), ...options },
      },
    }),
  read: ({ result }) => (result as { readonly structuredContent: Json }).structuredContent,
};

/** Posts on a connection of its own; whoever cuts it need not listen for its error. */
function post(url: string, apiKey: string, body: unknown): ClientRequest {
  const sent = request(url, {
    method: 'POST',
    agent: false,
    headers: {
      Authorization: `Bearer ${apiKey}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    },
  });
  sent.on('error', () => undefined);
  sent.end(JSON.stringify(body));
  return sent;
}

for (const kind of STORES) {
  for (const face of [plainHttp, mcp]) {
    describe(`an answer that is lost without a key, over ${face.name} on ${kind.name}`, function () {
      this.timeout(120_000);
      let trial: Trial;
      let gateway: RunningGateway;
      let buyer: Buyer;
      let stranger: Buyer;
      /** What the upstream waits for before it answers an order. */
      const gates = new Map<string, Promise<void>>();
      const bulky = new Set<string>();
      let orders = 0;
      let charged = 0;

      before(async () => {
        trial = await Trial.open(kind, {
          buyers: 2,
          fundsMicroUsdc: 1_000_000_000n,
          until: (tag) => gates.get(tag) ?? Promise.resolve(),
          bulky: (tag) => bulky.has(tag),
        });
        [buyer, stranger] = trial.buyers as [Buyer, Buyer];
        gateway = await startGateway(trial.config);
      });
      afterEach(async () => {
        const { availableMicroUsdc, heldMicroUsdc } = await gateway.books.ledger.balance(buyer.accountId);
        assert.deepEqual(
          [availableMicroUsdc, heldMicroUsdc],
          [trial.fundsMicroUsdc - BigInt(charged) * ORDER_MICRO_USDC, 0n],
        );
      });
      after(async () => {
        await gateway.close();
        await trial.close();
      });

      const newTag = () => `order-${(orders += 1)}`;
      const send = (tag: string, options?: Options) => face.send(gateway.url, buyer.apiKey, tag, options);
      const count = async (statement: string) =>
        Number((await gateway.books.store.read.rows(`SELECT COUNT(*) AS count FROM ${statement}`))[0]!['count']);
      const captured = () => count("calls WHERE state = 'captured'");
      const noted = () => count('undelivered');

      async function ask(
        tag: string,
        options: Options = {},
        { url, apiKey } = { url: gateway.url, apiKey: buyer.apiKey },
      ) {
        const [response] = (await once(face.send(url, apiKey, tag, options), 'response')) as [IncomingMessage];
        return face.read((await json(response)) as Json);
      }

      /** Orders, and goes away while the upstream works. What lets the upstream answer. */
      async function loseEarly(tag: string): Promise<() => void> {
        let open!: () => void;
        gates.set(tag, new Promise((resolve) => (open = resolve)));
        const seen = trial.upstream.seen(tag);
        const sent = send(tag);
        await until(() => trial.upstream.seen(tag) > seen);
        sent.destroy();
        await until(async () => (await noted()) > 0);
        return open;
      }

      /** The same, and the upstream has answered. */
      async function lose(tag: string): Promise<void> {
        const before = await captured();
        (await loseEarly(tag))();
        charged += 1;
        await until(async () => (await captured()) > before);
      }

      it('comes to whoever asks again: one call, one charge', async () => {
        const tag = newTag();
        await lose(tag);
        const again = await ask(tag);
        assert.deepEqual(
          [again['replayed'], again['charged'], (again['body'] as Json)['tag']],
          [true, '0.005000', tag],
        );
        assert.equal(trial.upstream.seen(tag), 1);
      });

      it('comes once: whoever has it and calls again makes a call', async () => {
        const tag = newTag();
        await lose(tag);
        const replies = [await ask(tag), await ask(tag), await ask(tag)];
        charged += 2;
        assert.deepEqual(
          replies.map(({ replayed }) => replayed),
          [true, false, false],
        );
        assert.equal(new Set(replies.map((reply) => reply['request_id'])).size, 3);
        assert.equal(trial.upstream.seen(tag), 3);
      });

      it('comes to one of two who ask at once, and the other makes a call', async () => {
        const tag = newTag();
        await lose(tag);
        const replies = await Promise.all([ask(tag), ask(tag)]);
        charged += 1;
        assert.deepEqual(replies.map(({ replayed }) => replayed).sort(), [false, true]);
        assert.equal(trial.upstream.seen(tag), 2);
      });

      it('that is still to come is waited for, or called anew by whoever says so', async () => {
        const tag = newTag();
        const answer = await loseEarly(tag);
        const early = await ask(tag);
        assert.deepEqual(
          [early['code'], early['retryable'], early['retry_after_seconds']],
          ['CALL_IN_PROGRESS', true, 1],
        );
        assert.equal(trial.upstream.seen(tag), 1);
        const before = await captured();
        const fresh = ask(tag, { fresh: true });
        await until(() => trial.upstream.seen(tag) === 2);
        answer();
        assert.equal((await fresh)['replayed'], false);
        charged += 2;
        await until(async () => (await captured()) === before + 2);
        const again = await ask(tag);
        assert.deepEqual([again['replayed'], again['request_id']], [true, early['request_id']]);
      });

      // Over MCP a large answer is a preview, which a connection takes whole before anybody can break it.
      if (face === plainHttp) {
        it('that was on its way when the connection broke comes whole', async () => {
          const tag = newTag();
          bulky.add(tag);
          const sent = send(tag);
          // The head arrives, and nobody reads the rest.
          await once(sent, 'response');
          charged += 1;
          assert.equal(await noted(), 0);
          sent.destroy();
          await until(async () => (await noted()) === 1);
          const again = await ask(tag);
          assert.deepEqual([again['replayed'], (again['body'] as string).length], [true, 1_900_000]);
          assert.equal(trial.upstream.seen(tag), 1);
        });

        it('whose replay breaks as well comes at the next time', async () => {
          const tag = newTag();
          bulky.add(tag);
          for (let cut = 0; cut < 2; cut += 1) {
            const sent = send(tag);
            await once(sent, 'response');
            sent.destroy();
            await until(async () => (await noted()) === 1);
          }
          charged += 1;
          assert.equal((await ask(tag))['replayed'], true);
          assert.equal(trial.upstream.seen(tag), 1);
        });
      }

      // An SDK that has waited long enough says so in another POST, and leaves the connection open.
      if (face === mcp) {
        const cancel = (apiKey: string) =>
          once(
            post(`${gateway.url}/mcp`, apiKey, {
              jsonrpc: '2.0',
              method: 'notifications/cancelled',
              params: { requestId: 1, reason: 'Request timed out' },
            }),
            'response',
          );

        /** Orders, and has the upstream wait. */
        async function order(): Promise<{ readonly tag: string; readonly answer: () => Promise<Json> }> {
          const tag = newTag();
          let open!: () => void;
          gates.set(tag, new Promise((resolve) => (open = resolve)));
          const reply = ask(tag);
          await until(() => trial.upstream.seen(tag) === 1);
          const answer = () => {
            open();
            return reply;
          };
          return { tag, answer };
        }

        it('because its client cancelled it and hears no more comes to whoever asks again', async () => {
          const { tag, answer } = await order();
          await cancel(buyer.apiKey);
          await until(async () => (await noted()) === 1);
          const unheard = await answer();
          charged += 1;
          const again = await ask(tag);
          assert.deepEqual([unheard['replayed'], again['replayed']], [false, true]);
          assert.equal(again['request_id'], unheard['request_id']);
          assert.equal(trial.upstream.seen(tag), 1);
        });

        it('is none where another account cancels, or what is cancelled may be one of two', async () => {
          const one = await order();
          await cancel(stranger.apiKey);
          const other = await order();
          await cancel(buyer.apiKey);
          const answers = [await one.answer(), await other.answer()];
          // Nothing that was still to be noted comes after what is noted now.
          const lost = newTag();
          await lose(lost);
          assert.equal(await noted(), 1);
          assert.equal((await ask(lost))['replayed'], true);
          const again = [await ask(one.tag), await ask(other.tag)];
          charged += 4;
          assert.deepEqual(
            [...answers, ...again].map(({ replayed }) => replayed),
            [false, false, false, false],
          );
        });

        it('is none where the answer was there before its client cancelled', async () => {
          const { tag, answer } = await order();
          await answer();
          await cancel(buyer.apiKey);
          assert.equal((await ask(tag))['replayed'], false);
          charged += 2;
        });
      }

      it('comes to another key of the account, and never to another account', async () => {
        const tag = newTag();
        await lose(tag);
        const { url } = gateway;
        assert.equal((await ask(tag, {}, { url, apiKey: stranger.apiKey }))['replayed'], false);
        assert.equal((await ask(tag, {}, { url, apiKey: await trial.anotherKey(buyer) }))['replayed'], true);
        assert.equal(trial.upstream.seen(tag), 2);
      });

      it('comes from another gateway on the same database', async () => {
        const tag = newTag();
        await lose(tag);
        const other = await startGateway(trial.config);
        const again = await ask(tag, {}, { url: other.url, apiKey: buyer.apiKey });
        await other.close();
        assert.deepEqual([again['replayed'], (again['body'] as Json)['tag']], [true, tag]);
        assert.equal(trial.upstream.seen(tag), 1);
      });

      it('is none where the account has asked for it by its request id', async () => {
        const tag = newTag();
        await lose(tag);
        const [row] = await gateway.books.store.read.rows('SELECT call_id FROM undelivered');
        const usage = `${gateway.url}/v1/usage?request_id=${String(row!['call_id'])}`;
        assert.equal((await askPlainHttp(usage, buyer.apiKey)).body.replayed, true);
        assert.equal((await ask(tag))['replayed'], false);
        charged += 1;
      });

      it('is none where the connection broke before the request was whole', async () => {
        const tag = newTag();
        const broken = request(`${gateway.url}/v1/call/sandbox/create-order`, {
          method: 'POST',
          agent: false,
          headers: {
            Authorization: `Bearer ${buyer.apiKey}`,
            'Content-Type': 'application/json',
            'Content-Length': 500,
          },
        });
        broken.on('error', () => undefined);
        broken.write(JSON.stringify(requestOf(tag)), () => broken.destroy());
        await new Promise<void>((resolve) => broken.once('close', resolve));
        const answered = await ask(tag);
        charged += 1;
        assert.deepEqual([answered['replayed'], trial.upstream.seen(tag)], [false, 1]);
      });
    });
  }
}
