/** Reads a request's body as JSON, within a bound of bytes that holds whatever Content-Length says. */

import type { IncomingMessage } from 'node:http';

import rawBody from 'raw-body';

import { GatewayError } from '../gateway-error.js';

/**
 * The parsed body; undefined where it is empty.
 * @throws GatewayError UNSUPPORTED_MEDIA_TYPE, REQUEST_TOO_LARGE, INVALID_REQUEST, CLIENT_GONE
 */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  const type = req.headers['content-type']?.split(';')[0]!.trim().toLowerCase();
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
    const message = `content type "${type ?? ''}" is not application/json`;
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', message, 'send Content-Type: application/json');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `the body is not JSON (${(error as Error).message})`;
    throw new GatewayError('INVALID_REQUEST', message, 'send one JSON value');
  }
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
