/**
 * One operation for each way of presenting a credential. 401 unless the right one was presented; with `echo_key=true`
 * the answer repeats it in body and header, as a careless upstream would, so that redaction can be tried.
 */

import type { Router, RouterContext } from '@koa/router';
import { answerEcho } from './echo-routes.js';
import { basicCredentials, bearerToken, cookieKey, headerKey, queryKey } from './presented-credentials.js';
import { queryFlag } from './query-value.js';
import { keyForms, SANDBOX_USER, type SandboxKey } from './sandbox-key.js';
import type { TokenServer } from './token-server.js';

/** A credential that was presented and is right. */
interface Admitted {
  readonly scheme: string;
  readonly received: string;
}

type Check = (ctx: RouterContext) => Admitted | undefined;

export function addSecureRoutes(router: Router, key: SandboxKey, tokens: TokenServer): void {
  const holds =
    (scheme: string, presented: (ctx: RouterContext) => string | undefined): Check =>
    (ctx) => {
      const received = presented(ctx);
      return received !== undefined && key.matches(received) ? { scheme, received } : undefined;
    };
  const bearer = holds('bearer', bearerToken);
  const header = holds('headerKey', headerKey);
  const query = holds('queryKey', queryKey);
  const cookie = holds('cookieKey', cookieKey);
  const basic: Check = (ctx) => {
    const presented = basicCredentials(ctx);
    if (presented?.user !== SANDBOX_USER || !key.matches(presented.password)) return undefined;
    return { scheme: 'basic', received: presented.password };
  };
  const oauth: Check = (ctx) => {
    const token = bearerToken(ctx);
    return token !== undefined && tokens.isLive(token) ? { scheme: 'oauth', received: token } : undefined;
  };

  router.get('secureBearer', '/secure/bearer', (ctx) => answer(ctx, admit(ctx, 'Bearer', bearer)));
  router.get('secureHeaderKey', '/secure/header-key', (ctx) => answer(ctx, admit(ctx, 'ApiKey', header)));
  router.get('secureQueryKey', '/secure/query-key', (ctx) => answer(ctx, admit(ctx, 'ApiKey', query)));
  router.get('secureCookieKey', '/secure/cookie-key', (ctx) => answer(ctx, admit(ctx, 'ApiKey', cookie)));
  router.get('secureBasic', '/secure/basic', (ctx) => answer(ctx, admit(ctx, 'Basic', basic)));
  router.get('secureOauth', '/secure/oauth', (ctx) => answer(ctx, admit(ctx, 'Bearer', oauth)));
  router.get('secureBoth', '/secure/both', (ctx) => answer(ctx, admit(ctx, 'ApiKey', both(header, query))));
  router.get('secureEither', '/secure/either', (ctx) => {
    answer(
      ctx,
      admit(ctx, 'Bearer', (request) => bearer(request) ?? header(request)),
    );
  });
  router.get('secureInherited', '/secure/inherited', (ctx) => answer(ctx, admit(ctx, 'Bearer', bearer)));
  router.get('secureOpen', '/secure/open', (ctx) => answer(ctx, { scheme: 'none', received: '' }));
  router.get('secureEcho', '/secure/echo', async (ctx) => {
    admit(ctx, 'ApiKey', both(both(header, query), cookie));
    await answerEcho(ctx, key);
  });
  router.delete('revokeTokens', '/oauth/tokens', (ctx) => {
    admit(ctx, 'ApiKey', header);
    ctx.body = { revoked: tokens.revokeAll() };
  });
}

function both(first: Check, second: Check): Check {
  return (ctx) => {
    const [one, other] = [first(ctx), second(ctx)];
    return one && other && { scheme: `${one.scheme}+${other.scheme}`, received: one.received };
  };
}

/** @throws HttpError 401 with a challenge (RFC 9110 section 11.6.1). */
function admit(ctx: RouterContext, challenge: string, check: Check): Admitted {
  const admitted = check(ctx);
  if (!admitted) {
    ctx.throw(401, 'the credential is missing or wrong: send the sandbox key as the document says', {
      headers: { 'www-authenticate': `${challenge} realm="sandbox"` },
    });
  }
  return admitted;
}

function answer(ctx: RouterContext, { scheme, received }: Admitted): void {
  if (!queryFlag(ctx, 'echo_key')) {
    ctx.body = { ok: true, scheme };
    return;
  }
  const key = keyForms(received);
  ctx.set('x-echoed-key', `${key.raw} ${key.base64} ${key.url_encoded}`);
  ctx.body = { ok: true, scheme, key };
}
