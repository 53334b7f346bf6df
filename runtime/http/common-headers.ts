import type { Context } from 'koa';

/** What every response has. */
export function commonHeaders(ctx: Context): Record<string, string> {
  return {
    'X-Request-Id': ctx.state.id as string,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}
