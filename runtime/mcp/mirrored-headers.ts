/**
 * Headers that repeat what a request's body says (MCP 2026-07-28, "Request Metadata"), for whoever stands in between and
 * reads no bodies. A request whose headers say something else is refused, or what was let through there by its headers
 * would be another request than the one that is carried out here.
 */

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

import { RefusedRequest } from './refused-request.js';
import type { JsonObject } from './tool.js';

const HEADER_MISMATCH = -32020;

/** Any name beyond what a header may have in it is written so: Base64 of its UTF-8. */
const ENCODED = /^=\?base64\?(.*)\?=$/;
const PLAIN = /^[\t\x20-\x7e]*$/;

/** @throws RefusedRequest */
export function checkMirrored({ headers }: IncomingMessage, method: string, params: JsonObject): void {
  const said = textOf(headers['mcp-method']);
  if (said !== method) throw headerMismatch('Mcp-Method', said, 'method', method);
  if (method !== 'tools/call' || typeof params.name !== 'string') return;
  const name = textOf(headers['mcp-name']);
  if (decoded(name) !== params.name) throw headerMismatch('Mcp-Name', name, 'params.name', params.name);
}

/**
 * @param said by the header; undefined where it is missing.
 * @param mirrored where in the body it stands.
 */
export function headerMismatch(header: string, said: string | undefined, mirrored: string, is: string): RefusedRequest {
  const found = said === undefined ? 'is missing' : `is ${quoted(said)}`;
  const message = `Header mismatch: ${header} ${found}, and ${mirrored} is ${quoted(is)}; send the same in both`;
  return new RefusedRequest(400, HEADER_MISMATCH, message);
}

/** Of a header that came more than once, Node makes one text, which is none of the values that it should have. */
export function textOf(header: string | readonly string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header);
}

/** Undefined where it is missing, or is not written as it has to be. */
function decoded(name: string | undefined): string | undefined {
  if (name === undefined || !PLAIN.test(name)) return undefined;
  const [, base64] = ENCODED.exec(name) ?? [];
  if (base64 === undefined) return name;
  const bytes = Buffer.from(base64, 'base64');
  // Buffer.from reads much that is no Base64.
  return bytes.toString('base64') === base64 && isUtf8(bytes) ? bytes.toString() : undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
