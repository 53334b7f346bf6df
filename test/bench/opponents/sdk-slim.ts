/**
 * One tool by the SDK's stateless pattern with all left out that can be, as a process: a new `Server` and a new transport
 * for each request, but the low-level server, without Express or Zod schemas of arguments, and with JSON as the answer.
 * Unmetered. It shows how much of the SDK's own example is its conveniences. Argument: the upstream's URL.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Pool } from 'undici';

const upstream = new Pool(process.argv[2]!);

const http = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => void handle(req, res, JSON.parse(Buffer.concat(chunks).toString('utf8'))));
});
http.keepAliveTimeout = 60_000;
http.listen(0, '127.0.0.1', () => {
  console.log(`listening: http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});

async function handle(req: IncomingMessage, res: ServerResponse, body: unknown): Promise<void> {
  const server = new Server({ name: 'one-tool', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const { id } = (params.arguments as { arguments: { id: string } }).arguments;
    const answer = await upstream.request({ path: `/products/${encodeURIComponent(id)}`, method: 'GET' });
    const text = await answer.body.text();
    return { structuredContent: { body: JSON.parse(text) as unknown }, content: [{ type: 'text', text }] };
  });
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  res.on('close', () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(req, res, body);
}
