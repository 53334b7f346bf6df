import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';

import { startTestGateway, type Json } from '../fixtures/test-gateway.js';
import { upstreamServer } from '../upstream/upstream-server.js';

describe('a gateway that is told to stop', () => {
  it('finishes what is under way, a slow answer, a stream and a call in the queue, and loses nothing', async () => {
    const open = new Map<string, ServerResponse>();
    const upstream = await upstreamServer((request, response) => {
      open.set(request.url!.split('?')[0]!, response);
      response.setHeader('content-type', 'application/json');
      // A stream has begun; the others have not.
      if (request.url!.startsWith('/latest')) response.write('{"amount":');
    });
    const gateway = await startTestGateway({
      TOLLGATE_UPSTREAM_FRANKFURTER: upstream.origin,
      TOLLGATE_UPSTREAM_NOMINATIM: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'frankfurter,nominatim',
    });
    const { url, running } = gateway;
    const { apiKey, accountId } = await gateway.account('1');
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
    const call = async (endpoint: string, args: Json) => {
      const answer = await fetch(`${url}/v1/call/${endpoint}`, { method: 'POST', headers, body: JSON.stringify(args) });
      return { status: answer.status, body: (await answer.json()) as Json };
    };
    const arrived = async (path: string): Promise<ServerResponse> => {
      while (!open.has(path)) await new Promise(setImmediate);
      const response = open.get(path)!;
      open.delete(path);
      return response;
    };
    const slow = call('frankfurter/list-currencies', {});
    const streamed = call('frankfurter/get-latest-rates', {});
    // One place: the second waits for it.
    const placed = call('nominatim/search', { q: 'Berlin', format: 'json' });
    const placedResponse = await arrived('/search');
    const queued = call('nominatim/search', { q: 'Paris', format: 'json' });
    const slowResponse = await arrived('/currencies');
    const streamedResponse = await arrived('/latest');
    while (!(await (await fetch(`${url}/metrics`)).text()).includes('queue_calls{provider="nominatim"} 1')) continue;

    const closed = running.close();
    const ready = await fetch(`${url}/readyz`).then(
      async (answer) => [answer.status, ((await answer.json()) as Json).problems] as const,
      () => 'refused' as const,
    );
    if (ready !== 'refused') assert.deepEqual(ready, [503, ['the gateway is shutting down']]);
    streamedResponse.end('1}');
    slowResponse.end('{"EUR":"Euro"}');
    placedResponse.end('[{"place_id":1}]');
    (await arrived('/search')).end('[{"place_id":2}]');

    const answers = await Promise.all([slow, streamed, placed, queued]);
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.body]),
      [
        [200, { EUR: 'Euro' }],
        [200, { amount: 1 }],
        [200, [{ place_id: 1 }]],
        [200, [{ place_id: 2 }]],
      ],
    );
    const balance = Number(answers.map(({ body }) => body.balance as string).sort()[0]);
    const charged = answers.reduce((sum, { body }) => sum + Number(body.charged), 0);
    assert.equal((balance + charged).toFixed(6), '1.000000', `all that account ${accountId} had is accounted for`);
    await closed;
    await assert.rejects(fetch(`${url}/healthz`), 'nobody listens any more');
    await upstream.close();
  });
});
