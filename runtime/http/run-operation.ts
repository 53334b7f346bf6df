/** Runs an operation for a request: observed, within the limit of what needs no account, and followed to its client. */

import type { Context } from 'koa';

import { Delivery } from '../call/delivery.js';
import type { JsonObject, ToolContext } from '../mcp/tool.js';
import { runTool, TOOLS, type ToolOutcome } from '../mcp/toolbox.js';
import { observeOperation, type ObservedRequest } from '../telemetry/observe-operation.js';
import { LEAST_COUNTED_BYTES } from '../upstream/answer-memory.js';
import type { AppDependencies } from './app.js';
import { tooFast } from './caller-of.js';
import { whenClosed, whenCut } from './when-closed.js';

const WITHOUT_ACCOUNT = new Set(TOOLS.filter(({ needsAccount }) => !needsAccount).map(({ name }) => name));

export function runObserved(
  deps: AppDependencies,
  ctx: Context,
  context: ToolContext,
  name: string,
  input: JsonObject,
): Promise<ToolOutcome> {
  const { traceparent } = ctx.req.headers;
  const operation = {
    name,
    input,
    request: ctx.state as ObservedRequest,
    // A header that came twice is none.
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  };
  return observeOperation(deps, operation, () => {
    const refused = WITHOUT_ACCOUNT.has(name) ? tooFast(deps, ctx) : undefined;
    if (refused !== undefined) return Promise.resolve({ ok: false, error: refused });
    return runTool(name, input, context, (error) => logBug(deps, ctx, error));
  });
}

/** A large answer takes of the memory for answers until its client has read it, or has gone. */
export function countAnswer({ answers }: AppDependencies, { res }: Context, text: string): void {
  const { length } = text;
  if (length < LEAST_COUNTED_BYTES) return;
  answers.count(length);
  // The client of a call may have gone long before its answer comes.
  whenClosed(res, () => answers.giveBack(length));
}

/** Follows this response to its end: what it answers is delivered when the connection has taken it whole. */
export function deliveryOf({ gateway, logger }: AppDependencies, { req, res }: Context): Delivery {
  const delivery = new Delivery((callId) => {
    gateway.undelivered(callId).catch((error: unknown) => {
      // The client gets a new call where it could have had this answer; get_usage still has it.
      logger.warn({ err: error as Error, callId }, 'an undelivered answer is not noted');
    });
  });
  const stopListening = whenCut(res, () => delivery.lose());
  // The client may have gone before it was known who it is.
  whenClosed(res, () => {
    stopListening();
    // A response whose connection breaks while it is written says that it was written whole all the same.
    if (!res.writableFinished || req.socket.destroyed) delivery.lose();
  });
  return delivery;
}

export function logBug({ logger }: AppDependencies, ctx: Context, error: unknown): void {
  logger.error({ err: error as Error, http_request: ctx.state.id as string, path: ctx.path }, 'bug');
}
