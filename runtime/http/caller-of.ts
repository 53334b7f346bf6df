/** Who sends a request, as far as a key or an address tells, and whether it asks too often. */

import type { Context } from 'koa';

import type { Caller } from '../account/authenticate.js';
import { GatewayError } from '../gateway-error.js';
import type { ToolContext } from '../mcp/tool.js';
import type { AppDependencies } from './app.js';

/** Who sent this request: looked up at most once, and counted against the rate limit at each use. */
export function callerOf(deps: AppDependencies, ctx: Context): ToolContext['caller'] {
  let caller: Promise<Caller> | undefined;
  return async () => {
    const known = await (caller ??= authenticate(deps, ctx));
    ctx.state.caller = known;
    // Each message of a batch is a call of its own.
    deps.rateLimit?.take(known.keyId);
    return known;
  };
}

/** Keys that are wrong count against the address that tries them. */
async function authenticate(deps: AppDependencies, ctx: Context): Promise<Caller> {
  try {
    return await deps.authenticator.authenticate(apiKeyOf(ctx));
  } catch (error) {
    if (!(error instanceof GatewayError && error.code === 'UNAUTHENTICATED')) throw error;
    throw tooFast(deps, ctx) ?? error;
  }
}

function apiKeyOf({ req }: Context): string {
  const [, apiKey] = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '') ?? [];
  if (apiKey === undefined) {
    throw new GatewayError(
      'UNAUTHENTICATED',
      'this needs an account, and the request carries no API key',
      'send the header "Authorization: Bearer <api key>"; the operator makes keys with `tollgate key create`',
    );
  }
  return apiKey;
}

/** RATE_LIMITED where the client's address has used up what it may ask without an account. */
export function tooFast({ addressLimit, addressOf }: AppDependencies, { req }: Context): GatewayError | undefined {
  const address = addressLimit === undefined ? undefined : addressOf(req);
  return address === undefined ? undefined : addressLimit!.refusal(address);
}
