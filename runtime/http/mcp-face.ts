/** MCP over the gateway's HTTP: what a POST to /mcp is answered with. */

import type { ServerResponse } from 'node:http';

import type { Context } from 'koa';

import type { Delivery } from '../call/delivery.js';
import { GatewayError } from '../gateway-error.js';
import { StatelessHttp } from '../mcp/stateless-http.js';
import type { RunTool } from '../mcp/tool-server.js';
import type { AppDependencies } from './app.js';
import { callerOf } from './caller-of.js';
import { commonHeaders } from './common-headers.js';
import { countAnswer, deliveryOf, runObserved } from './run-operation.js';

/** JSON-RPC batches left MCP in its version of 2025-06-18; older clients may still send small ones. */
const MAX_BATCH = 10;

/** Answers POST /mcp. */
export function createMcpFace(deps: AppDependencies): (ctx: Context) => Promise<void> {
  const mcp = new StatelessHttp();
  return async (ctx) => {
    const { gateway } = deps;
    const caller = callerOf(deps, ctx);
    // One for all messages of a batch.
    let followed: Delivery | undefined;
    const delivery = () => (followed ??= deliveryOf(deps, ctx));
    const headers = commonHeaders(ctx);
    const run: RunTool = (tool, input, client, progress) =>
      runObserved(deps, ctx, { gateway, caller, client, delivery, progress }, tool, input);
    const cancelled = () => delivery().lose();
    const read = () => batchOf(deps, ctx);
    const { status, text, hasBegun } = await mcp.reply(ctx.req, ctx.res, headers, read, run, cancelled);
    if (text !== undefined) countAnswer(deps, ctx, text);
    if (deps.draining()) headers['Connection'] = 'close';
    ctx.respond = false;
    if (hasBegun === true) ctx.res.end(text);
    else sendJson(ctx.res, status, headers, text);
  };
}

/** The body of a POST to MCP: a message, or no more of them than a batch may have. */
async function batchOf({ requests }: AppDependencies, { req }: Context): Promise<unknown> {
  const body = await requests.readJson(req, ['params', 'arguments', 'arguments']);
  if (!Array.isArray(body) || body.length <= MAX_BATCH) return body;
  const message = `a batch of ${body.length} messages is more than ${MAX_BATCH}`;
  throw new GatewayError('REQUEST_TOO_LARGE', message, 'send one message a request');
}

function sendJson(res: ServerResponse, status: number, headers: Record<string, string>, json = ''): void {
  const bytes = Buffer.byteLength(json);
  if (bytes > 0) headers['Content-Type'] = 'application/json';
  headers['Content-Length'] = String(bytes);
  // What is ASCII alone is copied as it is, and need not be measured and encoded again.
  res.writeHead(status, headers).end(json, bytes === json.length ? 'latin1' : 'utf8');
}
