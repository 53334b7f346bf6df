/**
 * The least that a JSON-RPC proxy can do, as a process: read the request, ask the upstream, wrap its answer. No SDK, no
 * validation, no account, no ledger, no receipt. Argument: the upstream's URL.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Pool } from 'undici';

interface ToolCall {
  readonly id: number;
  readonly params: { readonly arguments: { readonly arguments: { readonly id: string } } };
}

const upstream = new Pool(process.argv[2]!);

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    void answer(JSON.parse(Buffer.concat(chunks).toString('utf8')) as ToolCall).then((text) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      res.end(text);
    });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`listening: http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

async function answer({ id, params }: ToolCall): Promise<string> {
  const path = `/products/${encodeURIComponent(params.arguments.arguments.id)}`;
  const text = await (await upstream.request({ path, method: 'GET' })).body.text();
  const result = { structuredContent: { body: JSON.parse(text) as unknown }, content: [{ type: 'text', text }] };
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}
