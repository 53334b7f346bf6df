/** MCP's POST alone, over real HTTP, with tools that a test runs itself: no gateway behind it, and so no money. */

import { once } from 'node:events';
import { createServer, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

import { readJson } from '../../runtime/http/read-json.js';
import { StatelessHttp } from '../../runtime/mcp/stateless-http.js';
import type { RunTool } from '../../runtime/mcp/tool-server.js';

export interface McpAnswer {
  readonly status: number;
  /** Parsed; undefined where there is none. */
  readonly body: unknown;
}

export interface McpServer {
  /** Where it takes POSTs. */
  readonly url: string;
  /** Sends the text as it is, or a value as JSON. A header that is undefined is left out. */
  post(body: unknown, headers?: OutgoingHttpHeaders): Promise<McpAnswer>;
  /** The same, and goes away when `leave` is called. */
  visit(body: unknown): { readonly leave: () => void };
  close(): Promise<void>;
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export async function startMcpServer(run: RunTool): Promise<McpServer> {
  const mcp = new StatelessHttp();
  const server = createServer((req, res) => {
    void mcp
      .reply(
        req,
        res,
        {},
        () => readJson(req, 1_000_000),
        run,
        () => undefined,
      )
      .then(({ status, text, hasBegun }) => (hasBegun === true ? res : res.writeHead(status)).end(text));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;

  const send = (body: unknown, headers: OutgoingHttpHeaders = {}): ReturnType<typeof httpRequest> => {
    const all = Object.entries({ ...HEADERS, ...headers }).filter(([, value]) => value !== undefined);
    const request = httpRequest({ port, method: 'POST', headers: Object.fromEntries(all) });
    // Beside a text Node writes the headers in the encoding of the text.
    return request.end(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  };
  return {
    url: `http://127.0.0.1:${port}/`,
    post: async (body, headers) => {
      const request = send(body, headers);
      const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
      return { status: response.statusCode, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    },
    visit: (body) => {
      const request = send(body);
      request.on('error', () => undefined); // It ends without an answer.
      return { leave: () => request.destroy() };
    },
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
