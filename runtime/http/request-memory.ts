/**
 * What the bodies of requests under way may take of memory together: one of a megabyte is some of them as text, as values
 * and as what is sent on, for as long as its call waits for its provider. One that finds no room is refused before it is
 * read. Small ones are not worth the counting, and always find room.
 */

import type { IncomingMessage } from 'node:http';
import { getHeapStatistics } from 'node:v8';

import { GatewayError } from '../gateway-error.js';
import { LEAST_COUNTED_BYTES } from '../upstream/answer-memory.js';
import { MAX_BODY_BYTES, readJson } from './read-json.js';

/** JSON of empty lists is a dozen times as large when it is parsed, and arguments are kept in their canonical form besides. */
const HEAP_PER_BYTE = 32;

export class RequestMemory {
  #bytes = 0;
  /** Of the requests whose bodies are counted. */
  readonly #bytesOf = new Map<IncomingMessage, number>();

  /** @param mostBytes of bodies: what the heap can bear unless given. */
  constructor(private readonly mostBytes = Math.floor(getHeapStatistics().heap_size_limit / HEAP_PER_BYTE)) {}

  /**
   * Reads the body of a request, which counts until it is given back.
   * @param exact as `readJson` has it.
   * @throws GatewayError GATEWAY_BUSY, and what `readJson` throws
   */
  async readJson(req: IncomingMessage, exact?: readonly string[]): Promise<unknown> {
    // One whose length is not told is taken for the longest until it is here.
    const bytes = Math.min(Number(req.headers['content-length'] ?? MAX_BODY_BYTES), MAX_BODY_BYTES);
    if (bytes < LEAST_COUNTED_BYTES) return readJson(req, MAX_BODY_BYTES, exact);
    if (this.#bytes + bytes > this.mostBytes) throw noRoom();
    this.#count(req, bytes);
    let read = 0;
    req.on('data', (piece: Buffer) => (read += piece.byteLength));
    const value = await readJson(req, MAX_BODY_BYTES, exact);
    this.#count(req, read);
    return value;
  }

  /** What was made of the request is needed no more. Its client may have gone long before. */
  giveBack(req: IncomingMessage): void {
    if (this.#bytesOf.has(req)) this.#count(req, 0);
    this.#bytesOf.delete(req);
  }

  #count(req: IncomingMessage, bytes: number): void {
    this.#bytes += bytes - (this.#bytesOf.get(req) ?? 0);
    this.#bytesOf.set(req, bytes);
  }
}

function noRoom(): GatewayError {
  return new GatewayError(
    'GATEWAY_BUSY',
    'the requests that are under way take all the memory that they may take',
    'call again in a second; nothing was sent or charged; if that goes on, send smaller requests, or tell the operator, ' +
      'who can give the gateway more memory (--max-old-space-size of Node)',
    { details: { retry_after_seconds: 1 } },
  );
}
