/**
 * Turns every refusal of the sandbox into `application/problem+json` (RFC 9457), whether a route threw it with
 * `ctx.throw` or Koa answered it by itself (no such path, no such method).
 *
 * A fault that is not an `HttpError` is a bug and is left to Koa, which answers 500 and reports it.
 */

import { STATUS_CODES } from 'node:http';
import Koa from 'koa';

/** The body of every refusal, and of the answers that `/fail` gives on purpose. */
export function problem(status: number, detail: string): string {
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Unknown', status, detail });
}

export const PROBLEM_TYPE = 'application/problem+json';

export async function answerProblems(ctx: Koa.Context, next: Koa.Next): Promise<void> {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof Koa.HttpError) || !error.expose) throw error;
    if (error.headers) ctx.set(error.headers);
    ctx.status = error.status;
    ctx.body = problem(error.status, error.message);
    ctx.type = PROBLEM_TYPE;
    return;
  }
  if (ctx.respond === false || ctx.status < 400 || (ctx.body !== undefined && ctx.body !== null)) return;
  // Setting a body would turn Koa's implicit 404 into a 200.
  const { status } = ctx;
  ctx.status = status;
  ctx.body = problem(status, `the sandbox has no ${ctx.method} ${ctx.path.slice(0, 200)}`);
  ctx.type = PROBLEM_TYPE;
}
