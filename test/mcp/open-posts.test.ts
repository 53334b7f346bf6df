import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';

import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

import { OpenPosts } from '../../runtime/mcp/open-posts.js';

describe('a POST that waits for an answer', () => {
  const agent = { headers: { authorization: 'Bearer a' } } as IncomingMessage;
  const request: JSONRPCMessage = { jsonrpc: '2.0', id: 1, method: 'tools/call' };
  const cancelled: JSONRPCMessage = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };

  for (const [from, messages, want] of [
    ['another POST', [cancelled], 1],
    ['a batch that has a request of that id itself', [request, cancelled], 0],
  ] as const) {
    it(`is ${want === 1 ? 'cancelled' : 'not cancelled'} by ${from}`, () => {
      const posts = new OpenPosts();
      let times = 0;
      posts.open(agent, [request], () => (times += 1));
      posts.heed(agent, messages);
      assert.equal(times, want);
    });
  }
});
