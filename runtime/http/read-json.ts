/** Reads a request's body as JSON, within a bound of bytes that holds whatever Content-Length says. */

import type { IncomingMessage } from 'node:http';

import rawBody from 'raw-body';

import { exactOf, normalForm } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';
import { isObject } from '../is-object.js';
import { essence } from '../upstream/media-type.js';

export const MAX_BODY_BYTES = 1_000_000;

/**
 * The parsed body; undefined where it is empty.
 * @param exact where an endpoint's arguments stand in it, name by name: their numbers are kept to the last digit. In a list
 *   each item has them there. All others are numbers of the gateway's own, and doubles.
 * @throws GatewayError UNSUPPORTED_MEDIA_TYPE, REQUEST_TOO_LARGE, INVALID_REQUEST, CLIENT_GONE
 */
export async function readJson(req: IncomingMessage, maxBytes: number, exact?: readonly string[]): Promise<unknown> {
  const type = essence(req.headers['content-type'] ?? '');
  if (req.headers['content-encoding'] !== undefined && req.headers['content-encoding'] !== 'identity') {
    throw new GatewayError(
      'UNSUPPORTED_MEDIA_TYPE',
      'a compressed request body is not accepted',
      'send it uncompressed',
    );
  }
  const text = await readText(req, maxBytes);
  if (text === '') return undefined;
  if (type !== 'application/json') {
    const message = `content type "${type}" is not application/json`;
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', message, 'send Content-Type: application/json');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = `the body is not JSON (${(error as Error).message})`;
    throw new GatewayError('INVALID_REQUEST', message, 'send one JSON value');
  }
  if (exact === undefined) return value;
  const whole = exactOf(text, value, normalForm);
  return whole === value ? value : withExact(value, whole, exact);
}

/** @param whole of the same text, so that both have the same members. */
function withExact(value: unknown, whole: unknown, names: readonly string[]): unknown {
  if (!Array.isArray(value)) return membersExact(value, whole, names);
  return value.map((item, index) => membersExact(item, (whole as readonly unknown[])[index], names));
}

function membersExact(value: unknown, whole: unknown, [name, ...rest]: readonly string[]): unknown {
  if (!isObject(value)) return value;
  if (name === undefined) return whole;
  if (!Object.hasOwn(value, name)) return value;
  return { ...value, [name]: membersExact(value[name], (whole as Record<string, unknown>)[name], rest) };
}

async function readText(req: IncomingMessage, maxBytes: number): Promise<string> {
  try {
    return await rawBody(req, { length: req.headers['content-length'], limit: maxBytes, encoding: 'utf8' });
  } catch (error) {
    const { type } = error as { type?: string };
    if (type === 'entity.too.large') {
      const message = `the body is larger than ${maxBytes} bytes`;
      throw new GatewayError('REQUEST_TOO_LARGE', message, 'send a smaller request');
    }
    if (type === 'request.aborted') {
      throw new GatewayError('CLIENT_GONE', 'the request ended before its body was whole', 'send it again');
    }
    throw error;
  }
}
