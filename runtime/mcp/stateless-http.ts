/**
 * MCP over stateless Streamable HTTP with the official SDK: each POST stands alone, with a server and a transport of
 * its own, so that any replica can answer any request. It carries the tools and holds no logic of theirs. It does not
 * offer sessions, resumption or server-initiated requests, so GET and DELETE are refused by the caller.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';

import { VERSION } from '../package-root.js';
import type { JsonObject, ToolBytes } from './tool.js';
import { TOOLS, type ToolOutcome } from './toolbox.js';

const INSTRUCTIONS =
  'Tollgate gives you many priced APIs through seven tools, paid from one prepaid USDC balance. browse_apis finds an ' +
  'endpoint, describe_endpoint shows its arguments and price, call_api calls it and returns a receipt. Browsing, ' +
  'describing and pricing are free and need no API key.';

const LISTED = TOOLS.map(({ name, title, description, inputSchema, outputSchema, annotations }) => ({
  name,
  title,
  description,
  inputSchema: inputSchema as { type: 'object' },
  outputSchema: outputSchema as { type: 'object' },
  annotations,
}));

/** The SDK's own, which each server would otherwise make for itself: half of the time that a new server takes. */
const validator = new AjvJsonSchemaValidator();

/**
 * Answers one POST whose body is parsed already. Resolves when the answer is handed over.
 * @param run runs a tool by its name; never rejects.
 */
export async function handleMcpPost(
  req: IncomingMessage,
  res: ServerResponse,
  body: unknown,
  run: (tool: string, input: JsonObject) => Promise<ToolOutcome>,
): Promise<void> {
  const server = new Server(
    { name: 'tollgate', title: 'Tollgate', version: VERSION },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS, jsonSchemaValidator: validator },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: LISTED }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) =>
    toCallToolResult(await run(params.name, params.arguments ?? {})),
  );
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  transport.onerror = () => undefined; // a malformed request is answered by the transport itself
  res.on('close', () => {
    // Closing ends the listening, not a call under way: that one is settled and stored whoever has gone.
    void transport.close();
    void server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(req, res, body);
}

function toCallToolResult(outcome: ToolOutcome): CallToolResult {
  if (!outcome.ok) {
    const body = outcome.error.toBody();
    return { isError: true, structuredContent: { ...body }, content: [{ type: 'text', text: JSON.stringify(body) }] };
  }
  const { structured, bytes } = outcome.answer;
  const content: CallToolResult['content'] = [{ type: 'text', text: JSON.stringify(structured) }];
  if (bytes !== undefined) content.push(toContent(bytes));
  return { structuredContent: { ...structured }, content };
}

function toContent({ kind, mimeType, data, requestId }: ToolBytes): CallToolResult['content'][number] {
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  if (kind === 'binary') {
    return { type: 'resource', resource: { uri: `tollgate://answers/${requestId}`, mimeType, blob: base64 } };
  }
  return { type: kind, data: base64, mimeType };
}
