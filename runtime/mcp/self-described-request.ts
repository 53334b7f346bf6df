/**
 * A request of MCP's revision of 2026-07-28, which has no `initialize`: each request says in its `_meta` in which version
 * it is and what its client can do. What it does not say that it must, or says twice in two ways, is refused with the
 * statuses and codes of that revision. What of `_meta` is not used here is not judged, such as the name of the client.
 */

import type { IncomingMessage } from 'node:http';

import { ErrorCode, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';

import { isObject } from '../is-object.js';
import { isId, REQUEST_MEMBERS } from './json-rpc.js';
import { checkMirrored, headerMismatch, textOf } from './mirrored-headers.js';
import { RefusedRequest } from './refused-request.js';
import type { JsonObject } from './tool.js';

export const SELF_DESCRIBED_VERSION = '2026-07-28';

/** All that are spoken, the newest first: those before are settled by `initialize`. */
export const SPOKEN_VERSIONS: readonly string[] = [SELF_DESCRIBED_VERSION, ...SUPPORTED_PROTOCOL_VERSIONS];

const UNSUPPORTED_PROTOCOL_VERSION = -32022;

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const VERSION_PARAM = `params._meta["${VERSION_KEY}"]`;
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
const CAPABILITIES_PARAM = `params._meta["${CAPABILITIES_KEY}"]`;

export interface SelfDescribedRequest {
  readonly method: string;
  readonly params: JsonObject;
  /** Undefined where the client asks for no progress. */
  readonly progressToken: string | number | undefined;
}

/** Whether the header says so, which is all that is known before there is a body. */
export function isSelfDescribedByHeader({ headers }: IncomingMessage): boolean {
  return headers['mcp-protocol-version'] === SELF_DESCRIBED_VERSION;
}

/**
 * Whether a POST is of this revision, and not of one before. Versions that nobody knows are of it too where `_meta` has
 * them, for only it has words to refuse them.
 * @param body parsed; undefined where there was none.
 */
export function isSelfDescribed(req: IncomingMessage, body: unknown): boolean {
  const inHeader = isSelfDescribedByHeader(req);
  if (Array.isArray(body)) return inHeader || body.some((message) => isNewer(versionIn(message)));
  const version = versionIn(body);
  // Who initializes settles an older version by it, whatever the header says.
  if (version === undefined) return inHeader && !(isObject(body) && body.method === 'initialize');
  return inHeader || isNewer(version);
}

/** The id to answer under; undefined where there is none that can be read. */
export function idOf(body: unknown): string | number | undefined {
  return isObject(body) && isId(body.id) ? body.id : undefined;
}

/**
 * @param body of a POST that is self-described.
 * @returns undefined where it is a notification: this revision has none that a client sends over HTTP.
 * @throws RefusedRequest
 */
export function readSelfDescribed(req: IncomingMessage, body: unknown): SelfDescribedRequest | undefined {
  const { id, method, params } = readMessage(body);
  if (id === undefined) return undefined;
  const { _meta: meta } = params;
  if (!isObject(meta)) throw wrongParam('params._meta', meta, 'an object');
  const version = meta[VERSION_KEY];
  if (typeof version !== 'string') throw wrongParam(VERSION_PARAM, version, 'a text');
  const said = textOf(req.headers['mcp-protocol-version']);
  // Where the two differ, nobody knows which of them is asked for.
  if (version !== SELF_DESCRIBED_VERSION && (said === undefined || said === version)) {
    const data = { supported: SPOKEN_VERSIONS, requested: version };
    const message = `Unsupported protocol version: ${version.slice(0, 80)}`;
    throw new RefusedRequest(400, UNSUPPORTED_PROTOCOL_VERSION, message, data);
  }
  if (said !== version) throw headerMismatch('MCP-Protocol-Version', said, VERSION_PARAM, version);
  checkMirrored(req, method, params);
  const capabilities = meta[CAPABILITIES_KEY];
  if (!isObject(capabilities)) throw wrongParam(CAPABILITIES_PARAM, capabilities, 'an object');
  const { progressToken } = meta;
  if (progressToken !== undefined && !isId(progressToken)) {
    throw wrongParam('params._meta.progressToken', progressToken, 'a text or a whole number');
  }
  return { method, params, progressToken };
}

interface Message {
  readonly id: unknown;
  readonly method: string;
  readonly params: JsonObject;
}

/** @throws RefusedRequest where it is no single request and no single notification. */
function readMessage(body: unknown): Message {
  if (body === undefined) throw new RefusedRequest(400, ErrorCode.ParseError, 'Parse error: Invalid JSON');
  if (Array.isArray(body)) {
    const message = `Invalid Request: MCP ${SELF_DESCRIBED_VERSION} has no batches; send one message a request`;
    throw new RefusedRequest(400, ErrorCode.InvalidRequest, message);
  }
  if (isObject(body) && Object.keys(body).every((name) => REQUEST_MEMBERS.has(name))) {
    const { jsonrpc, id, method, params = {} } = body;
    const isMessage = jsonrpc === '2.0' && typeof method === 'string' && isObject(params);
    if (isMessage && (id === undefined || isId(id))) return { id, method, params };
  }
  const message = 'Invalid Request: the body is neither a JSON-RPC request nor a notification';
  throw new RefusedRequest(400, ErrorCode.InvalidRequest, message);
}

/** What a message says of its version, whether or not it can be one. */
function versionIn(message: unknown): unknown {
  if (!isObject(message) || !isObject(message.params)) return undefined;
  const { _meta: meta } = message.params;
  return isObject(meta) ? meta[VERSION_KEY] : undefined;
}

function isNewer(version: unknown): boolean {
  return version !== undefined && !(SUPPORTED_PROTOCOL_VERSIONS as readonly unknown[]).includes(version);
}

function wrongParam(name: string, value: unknown, wanted: string): RefusedRequest {
  const fault = value === undefined ? `is missing, and has to be ${wanted}` : `has to be ${wanted}`;
  return new RefusedRequest(400, ErrorCode.InvalidParams, `Invalid params: ${name} ${fault}`);
}
