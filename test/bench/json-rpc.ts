/** The least of an MCP client: one JSON-RPC request over one POST. The same for the gateway and what stands beside it. */

import type { Dispatcher } from 'undici';

export interface RpcTarget {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends the request and resolves with the answer's text; any status but 200 is an error. */
export async function postRpc(
  dispatcher: Dispatcher,
  { path, headers }: RpcTarget,
  origin: string,
  body: string,
): Promise<string> {
  const answer = await dispatcher.request({
    origin,
    path,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-06-18',
      ...headers,
    },
    body,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200)
    throw new Error(`${origin}${path} answered ${answer.statusCode}: ${text.slice(0, 500)}`);
  return text;
}

export function rpc(id: number, method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

export function toolCall(id: number, name: string, args: unknown): string {
  return rpc(id, 'tools/call', { name, arguments: args });
}

/**
 * The structured answer of a tool's call that succeeded; anything else is an error.
 * @param text JSON, or an event stream of one message, as the SDK writes it.
 */
export function structuredContent(text: string): Readonly<Record<string, unknown>> {
  const json = text.startsWith(EVENT) ? text.slice(EVENT.length) : text;
  const { result } = JSON.parse(json) as {
    result?: { isError?: boolean; structuredContent?: Readonly<Record<string, unknown>> };
  };
  if (result?.structuredContent === undefined || result.isError === true) {
    throw new Error(`a call failed: ${text.slice(0, 500)}`);
  }
  return result.structuredContent;
}

const EVENT = 'event: message\ndata: ';
