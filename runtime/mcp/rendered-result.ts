/**
 * A result whose JSON text is made already. A tool's answer goes out twice in one response, as a value and as text; it
 * is written once, and the text is put where both stand. What is the same for all is written once for all.
 */

import type { JSONRPCResponse } from '@modelcontextprotocol/sdk/types.js';

export class RenderedResult {
  /** The protocol layer takes results of any members, and hands them on as they are. */
  readonly [member: string]: unknown;

  constructor(readonly json: string) {}
}

/** The response as it is sent. */
export function responseText(response: JSONRPCResponse): string {
  if (!('result' in response) || !(response.result instanceof RenderedResult)) return JSON.stringify(response);
  return `{"result":${response.result.json},"jsonrpc":"2.0","id":${JSON.stringify(response.id)}}`;
}
