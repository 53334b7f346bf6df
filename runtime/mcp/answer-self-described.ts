/**
 * Answers what is self-described (MCP 2026-07-28), beside the revisions that `initialize` settles and over the same
 * tools. It offers discovery and tools. There is no `subscriptions/listen`, for the list of tools never changes; no tool
 * needs anything of the client, so that no capability of a client is ever missed; and nothing is logged to clients.
 *
 * The reply is JSON. Only where a call asks for progress, and there is some, it is a stream of events. A client cancels
 * by closing its connection.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';

import type { GatewayError } from '../gateway-error.js';
import { ClientOfResponse } from '../http/client-of-response.js';
import { isObject } from '../is-object.js';
import { eventOf, writeNotification } from './event-stream.js';
import { CAPABILITIES, INSTRUCTIONS, LISTED, SERVER_INFO } from './introduction.js';
import type { McpReply } from './mcp-reply.js';
import { progressOf } from './progress.js';
import { RefusedRequest } from './refused-request.js';
import { idOf, readSelfDescribed, SPOKEN_VERSIONS, type SelfDescribedRequest } from './self-described-request.js';
import { toolResult } from './tool-result.js';
import type { RunTool } from './tool-server.js';

/** How a request is answered: the JSON of its result's own members. */
type Answer = (request: SelfDescribedRequest, exchange: Exchange) => string | Promise<string>;

interface Exchange {
  readonly res: ServerResponse;
  /** That a stream of events begins with. */
  readonly headers: Readonly<Record<string, string>>;
  readonly run: RunTool;
}

const META = { 'io.modelcontextprotocol/serverInfo': SERVER_INFO };
const IN_EACH_RESULT = `"resultType":"complete","_meta":${JSON.stringify(META)}`;

/** What is the same for all clients changes with a new release of the gateway alone. */
const CACHEABLE = { ttlMs: 3_600_000, cacheScope: 'public' };
const DISCOVERED = JSON.stringify({
  supportedVersions: SPOKEN_VERSIONS,
  capabilities: CAPABILITIES,
  instructions: INSTRUCTIONS,
  ...CACHEABLE,
});
const LISTED_CACHEABLE = `${LISTED.json.slice(0, -1)},${JSON.stringify(CACHEABLE).slice(1)}`;

const METHODS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['server/discover', () => DISCOVERED],
  ['tools/list', listTools],
  ['tools/call', callTool],
]);

/**
 * The reply to one POST.
 * @param body parsed; undefined where there was none.
 * @param exchange.res is written to where there is progress to tell; when it closes before its end, the client has gone.
 */
export async function answerSelfDescribed(req: IncomingMessage, body: unknown, exchange: Exchange): Promise<McpReply> {
  const id = idOf(body);
  try {
    const request = readSelfDescribed(req, body);
    if (request === undefined) return { status: 202 };
    const answer = METHODS.get(request.method);
    if (answer === undefined) throw new RefusedRequest(404, ErrorCode.MethodNotFound, 'Method not found');
    const result = await answer(request, exchange);
    const text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${IN_EACH_RESULT},${result.slice(1)}}`;
    return exchange.res.headersSent ? { status: 200, text: eventOf(text), hasBegun: true } : { status: 200, text };
  } catch (error) {
    if (!(error instanceof RefusedRequest)) throw error;
    const { status, code, message, data } = error;
    return { status, text: errorText(code, message, data, id) };
  }
}

/** What a POST is answered with that the gateway refuses or fails at before it is read, so that it has no id. */
export function refusedUnread(error: GatewayError): string {
  return errorText(codeOf(error), error.message, error.toBody());
}

/** @param id left out where there is none to answer under: this revision has no null there. */
export function errorText(code: number, message: string, data?: unknown, id?: string | number): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } });
}

/** One of JSON-RPC's own, for this revision leaves those of a server's choice to older ones (MCP, "Error Codes"). */
function codeOf({ code, status }: GatewayError): ErrorCode {
  if (code === 'INVALID_REQUEST') return ErrorCode.ParseError;
  return status >= 500 ? ErrorCode.InternalError : ErrorCode.InvalidRequest;
}

function listTools({ params: { cursor } }: SelfDescribedRequest): string {
  if (cursor === undefined) return LISTED_CACHEABLE;
  const message = `Invalid params: there is no cursor ${JSON.stringify(cursor).slice(0, 80)}; all tools are on one page`;
  throw new RefusedRequest(200, ErrorCode.InvalidParams, message);
}

async function callTool(request: SelfDescribedRequest, { res, headers, run }: Exchange): Promise<string> {
  const { name, arguments: input = {} } = request.params;
  if (typeof name !== 'string') throw invalidCall('name has to be a text');
  if (!isObject(input)) throw invalidCall('arguments has to be an object');
  const { progressToken: token } = request;
  const tell = (notification: object): void => {
    writeNotification(res, JSON.stringify({ jsonrpc: '2.0', ...notification }), headers);
  };
  const progress = token === undefined ? undefined : progressOf(token, tell);
  const outcome = await run(name, input, new ClientOfResponse(res), progress);
  if (!outcome.ok && outcome.error.code === 'TOOL_NOT_FOUND') {
    throw new RefusedRequest(200, ErrorCode.InvalidParams, outcome.error.message, outcome.error.toBody());
  }
  return toolResult(outcome).json;
}

function invalidCall(fault: string): RefusedRequest {
  return new RefusedRequest(200, ErrorCode.InvalidParams, `Invalid params: params.${fault}`);
}
