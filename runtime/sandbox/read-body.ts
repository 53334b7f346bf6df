/**
 * Reads a request's body within bounds. Invariant: no more than `MAX_BODY_BYTES` are ever kept in memory.
 *
 * What is too long is still read to its end and thrown away, so that the sender sees the 413 and not a broken pipe; the
 * server's request timeout bounds how long that may take.
 */

import type { RouterContext } from '@koa/router';

const MAX_BODY_BYTES = 1_000_000;

/** Deeper JSON is refused, so that recursive readers cannot run out of stack. */
const MAX_DEPTH = 100;

/** @throws HttpError 413 above `MAX_BODY_BYTES`. */
export async function readBody(ctx: RouterContext): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (sizeBytes > MAX_BODY_BYTES) {
    ctx.throw(413, `the body has ${sizeBytes} bytes: send at most ${MAX_BODY_BYTES}`);
  }
  return Buffer.concat(chunks);
}

/**
 * The JSON body, of one of the media types given (as `type-is` knows them: `json`, `+json`, `application/…`).
 *
 * @throws HttpError 415 for another media type, 400 for what is no JSON or is nested too deep, 413 above the limit.
 */
export async function readJson(ctx: RouterContext, ...types: [string, ...string[]]): Promise<unknown> {
  if (!ctx.is(...types)) {
    ctx.throw(415, `the body has the content type "${ctx.get('content-type')}": send ${types.join(' or ')}`);
  }
  const body = await readBody(ctx);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    ctx.throw(400, `the body is not JSON: ${error.message.slice(0, 200)}`);
  }
  if (isDeeperThan(value, MAX_DEPTH)) ctx.throw(400, `the body is nested deeper than ${MAX_DEPTH} levels: flatten it`);
  return value;
}

function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
