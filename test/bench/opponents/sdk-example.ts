/**
 * One tool by the MCP SDK's own stateless example (`examples/server/simpleStatelessStreamableHttp`), as a process: its
 * Express application, a new `McpServer` and a new transport for each request, and an event stream of one message as the
 * answer. Unmetered. In the SDK's favour it has that one tool alone and prints nothing. Argument: the upstream's URL.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { Pool } from 'undici';
import { z } from 'zod';

const upstream = new Pool(process.argv[2]!);

const app = createMcpExpressApp();
app.post('/mcp', (req, res) => void handle(req, res, req.body));
const http = app.listen(0, '127.0.0.1', () => {
  console.log(`listening: http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
http.keepAliveTimeout = 60_000;

async function handle(req: IncomingMessage, res: ServerResponse, body: unknown): Promise<void> {
  const server = new McpServer({ name: 'one-tool', version: '1.0.0' }, { capabilities: { logging: {} } });
  const inputSchema = { endpoint: z.string(), arguments: z.object({ id: z.string() }) };
  server.registerTool('call_api', { description: 'One product.', inputSchema }, async ({ arguments: { id } }) => {
    const answer = await upstream.request({ path: `/products/${encodeURIComponent(id)}`, method: 'GET' });
    const text = await answer.body.text();
    const structuredContent = { body: JSON.parse(text) as unknown };
    return { structuredContent, content: [{ type: 'text', text }] };
  });
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  res.on('close', () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(req, res, body);
}
