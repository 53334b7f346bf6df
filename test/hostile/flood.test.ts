import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { SearchIndex } from '../../runtime/discovery/search-index.js';
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
  it('leaves nothing in memory, however many words they make up', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const index = new SearchIndex([], new Map());
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
