import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { SearchIndex } from '../../runtime/discovery/search-index.js';
import { boundClients } from '../../runtime/http/bound-clients.js';
import { startTestGateway, type Json } from '../fixtures/test-gateway.js';

/** Hostile input 22: floods are bounded, and what anybody may send without end is not kept. */
describe('a batch', () => {
  it('counts against the rate limit message by message', async () => {
    const gateway = await startTestGateway({ TOLLGATE_RATE_LIMIT: '1' });
    try {
      const { apiKey } = await gateway.account('0');
      const message = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'check_balance', arguments: {} } };
      const answer = await fetch(`${gateway.url}/mcp`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${apiKey}`,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify(Array.from({ length: 5 }, (_, id) => ({ ...message, id }))),
      });
      const replies = (await answer.json()) as readonly { result: { structuredContent: Json } }[];
      const codes = replies.map(({ result }) => result.structuredContent.code ?? 'ok').sort();
      assert.deepEqual(codes, ['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED', 'ok', 'ok']);
    } finally {
      await gateway.close();
    }
  });
});

describe('a flood of queries', () => {
  it('leaves nothing in memory, however many words they make up', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const index = await SearchIndex.build({ entries: [], providers: new Map(), sections: new Map() });
    // A character that unfolds into eighteen makes a short query long; the one word keeps hold of the text around it.
    const query = (index: number) => `${'\uFDFA'.repeat(470)} zzzzzzzzzzzzzzz${index.toString(36)}`;
    index.search(query(0));
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let count = 1; count <= 1_000; count += 1) index.search(query(count));
    collect();
    const grownBytes = process.memoryUsage().heapUsed - before;
    assert.ok(grownBytes < 5_000_000, `1,000 queries left ${grownBytes} bytes`);
  });
});

describe('a client that does not read its answer', () => {
  it('loses its connection, and one that reads keeps it for the next request', async () => {
    const server = createServer((_, res) => void res.end(Buffer.alloc(20_000_000)));
    boundClients(server, { maxConnections: 100, stalledMs: 1_000 });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
    try {
      const closed = once(server, 'connection').then(([socket]) => once(socket as NodeJS.EventEmitter, 'close'));
      const stalled = connect(port, '127.0.0.1').pause();
      stalled.on('error', () => undefined); // It may see the end as a reset.
      stalled.write(request);
      await closed;
      stalled.destroy();

      let received = 0;
      const reading = connect(port, '127.0.0.1').on('data', (chunk: Buffer) => (received += chunk.byteLength));
      for (const wanted of [20_000_000, 40_000_000]) {
        reading.write(request);
        while (received < wanted) await once(reading, 'data');
      }
      reading.destroy();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
