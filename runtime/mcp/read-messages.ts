/**
 * Reads a POST as MCP's Streamable HTTP has it: its headers, then its body as one JSON-RPC message or a batch. What is
 * refused is refused with the statuses, codes and words of the SDK's own transport, because clients know them. What that
 * does not know is refused alike, with the gateway's error as data.
 */

import type { IncomingMessage } from 'node:http';

import { isJsonContentType } from '@modelcontextprotocol/sdk/shared/mediaType.js';
import {
  ErrorCode,
  isInitializeRequest,
  JSONRPCMessageSchema,
  SUPPORTED_PROTOCOL_VERSIONS,
  type JSONRPCMessage,
  type JSONRPCRequest,
} from '@modelcontextprotocol/sdk/types.js';

import type { ErrorBody, GatewayError } from '../gateway-error.js';
import { isObject } from '../is-object.js';
import { isId, REQUEST_MEMBERS } from './json-rpc.js';
import { RefusedRequest } from './refused-request.js';

/** In the range that JSON-RPC leaves to servers. */
const REFUSED = -32000;

const NO_JSON = 'Parse error: Invalid JSON';

/** What a POST is answered with that is refused for what it is, and not for what its messages say. */
export function refusedPost(code: number, message: string, data?: ErrorBody): string {
  return JSON.stringify({ jsonrpc: '2.0', error: { code, message, data }, id: null });
}

/** The same for what the gateway refuses or fails at before there are messages, such as a body that is no JSON. */
export function refusedByGateway(error: GatewayError): string {
  const { code, message } = error;
  if (code === 'INVALID_REQUEST') return refusedPost(ErrorCode.ParseError, NO_JSON, error.toBody());
  return refusedPost(code === 'INTERNAL' ? ErrorCode.InternalError : REFUSED, message, error.toBody());
}

/** @throws RefusedRequest where it does not say what it sends and what it takes, whatever its body. */
export function checkHeaders(req: IncomingMessage): void {
  const { accept } = req.headers;
  if (accept === undefined || !accept.includes('application/json') || !accept.includes('text/event-stream')) {
    const message = 'Not Acceptable: Client must accept both application/json and text/event-stream';
    throw new RefusedRequest(406, REFUSED, message);
  }
  if (!isJsonContentType(contentTypeOf(req))) {
    const message = 'Unsupported Media Type: Content-Type must be application/json';
    throw new RefusedRequest(415, REFUSED, message);
  }
}

/**
 * @param body parsed; undefined where there was none.
 * @throws RefusedRequest
 */
export function readMessages(req: IncomingMessage, body: unknown): readonly JSONRPCMessage[] {
  if (body === undefined) throw new RefusedRequest(400, ErrorCode.ParseError, NO_JSON);
  const messages = (Array.isArray(body) ? (body as readonly unknown[]) : [body]).map(readMessage);

  if (messages.some(initializes)) {
    if (messages.length === 1) return messages;
    throw new RefusedRequest(
      400,
      ErrorCode.InvalidRequest,
      'Invalid Request: Only one initialization request is allowed',
    );
  }
  // `initialize` settles the version, so every other message has to name one that is spoken.
  const version = req.headers['mcp-protocol-version'];
  if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(String(version))) {
    const supported = SUPPORTED_PROTOCOL_VERSIONS.join(', ');
    const message = `Bad Request: Unsupported protocol version: ${String(version)} (supported versions: ${supported})`;
    throw new RefusedRequest(400, REFUSED, message);
  }
  return messages;
}

function readMessage(value: unknown): JSONRPCMessage {
  if (isPlainRequest(value)) return value;
  const read = JSONRPCMessageSchema.safeParse(value);
  if (read.success) return read.data;
  throw new RefusedRequest(400, ErrorCode.ParseError, 'Parse error: Invalid JSON-RPC message');
}

/** Most messages are requests without `_meta`. They can be recognized without the SDK's schema, which is slow. */
function isPlainRequest(value: unknown): value is JSONRPCRequest {
  if (!isObject(value)) return false;
  const { jsonrpc, id, method, params } = value;
  if (jsonrpc !== '2.0' || !isId(id) || typeof method !== 'string') return false;
  return (params === undefined || (isObject(params) && !('_meta' in params))) && Object.keys(value).every(isMember);
}

function isMember(name: string): boolean {
  return REQUEST_MEMBERS.has(name);
}

/** The method is looked at first, because the schema is slow to reject another method. */
function initializes(message: JSONRPCMessage): boolean {
  return 'method' in message && message.method === 'initialize' && isInitializeRequest(message);
}

const CONTENT_TYPE = 'content-type';

/** All of the header. Where it came twice, Node keeps the first and drops the other, which may say something else. */
function contentTypeOf({ rawHeaders }: IncomingMessage): string {
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === CONTENT_TYPE.length && name.toLowerCase() === CONTENT_TYPE) values.push(rawHeaders[at + 1]!);
  }
  return values.join(', ');
}
