/**
 * A POST that is one call of a tool and nothing more, as most are. It asks for none of what the SDK's protocol layer
 * has to offer (progress, tasks, cancellation by another message), and going through that layer takes longer than all
 * the rest of MCP and HTTP together. The answer is the same to the letter.
 */

import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';

import type { WaitingClient } from '../call/waiting-client.js';
import { isObject } from '../is-object.js';
import { responseText } from './rendered-result.js';
import type { JsonObject } from './tool.js';
import type { RunTool } from './tool-server.js';
import { toolResult } from './tool-result.js';

export interface PlainCall {
  readonly id: RequestId;
  readonly tool: string;
  readonly input: JsonObject;
}

/** @returns undefined for whatever else the messages are, also a call that is not well formed: the SDK has the words for it. */
export function plainCall(messages: readonly JSONRPCMessage[]): PlainCall | undefined {
  const [message] = messages;
  if (messages.length !== 1 || !('id' in message!) || !('method' in message)) return undefined;
  const { id, method, params = {} } = message;
  const { name: tool, arguments: input = {}, ...more } = params;
  if (method !== 'tools/call' || typeof tool !== 'string' || !isObject(input)) return undefined;
  // The SDK leaves that member out.
  if (Object.hasOwn(input, '__proto__')) return undefined;
  return Object.keys(more).length === 0 ? { id, tool, input } : undefined;
}

export async function answerPlainCall(
  { id, tool, input }: PlainCall,
  run: RunTool,
  client: WaitingClient,
): Promise<string> {
  return responseText({ jsonrpc: '2.0', id, result: toolResult(await run(tool, input, client, undefined)) });
}
