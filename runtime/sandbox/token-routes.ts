/** `POST /oauth/token`: OAuth 2.0 client credentials, with the client in the body or as HTTP Basic (RFC 6749 section 2.3.1). */

import type { Router, RouterContext } from '@koa/router';
import { basicCredentials, type BasicCredentials } from './presented-credentials.js';
import { readBody } from './read-body.js';
import { SANDBOX_USER, type SandboxKey } from './sandbox-key.js';
import { TOKEN_LIFETIME_SECONDS, type TokenServer } from './token-server.js';

const SCOPE = 'read';

export function addTokenRoutes(router: Router, key: SandboxKey, tokens: TokenServer): void {
  router.post('issueToken', '/oauth/token', async (ctx) => {
    ctx.set('cache-control', 'no-store');
    const form = new URLSearchParams((await readBody(ctx)).toString('utf8'));
    const scopes = (form.get('scope') ?? SCOPE).split(' ').filter((scope) => scope !== '');
    if (!ctx.is('application/x-www-form-urlencoded') || !form.has('grant_type')) {
      refuse(ctx, 400, 'invalid_request', 'send grant_type in a form body');
    } else if (form.get('grant_type') !== 'client_credentials') {
      refuse(ctx, 400, 'unsupported_grant_type', 'send grant_type=client_credentials');
    } else if (!isClient(clientOf(ctx, form), key)) {
      ctx.set('www-authenticate', 'Basic realm="sandbox"');
      refuse(ctx, 401, 'invalid_client', `the client is "${SANDBOX_USER}" and its secret the sandbox key`);
    } else if (scopes.some((scope) => scope !== SCOPE)) {
      refuse(ctx, 400, 'invalid_scope', `the sandbox knows the scope "${SCOPE}" alone`);
    } else {
      ctx.body = {
        access_token: tokens.issue(),
        token_type: 'Bearer',
        expires_in: TOKEN_LIFETIME_SECONDS,
        scope: SCOPE,
      };
    }
  });
}

function clientOf(ctx: RouterContext, form: URLSearchParams): BasicCredentials {
  const basic = basicCredentials(ctx);
  return basic
    ? { user: formDecode(basic.user), password: formDecode(basic.password) }
    : { user: form.get('client_id') ?? '', password: form.get('client_secret') ?? '' };
}

function isClient({ user, password }: BasicCredentials, key: SandboxKey): boolean {
  return user === SANDBOX_USER && key.matches(password);
}

/** Over Basic, both halves are form-encoded first. */
function formDecode(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? '';
}

/** The error answer of RFC 6749 section 5.2. */
function refuse(ctx: RouterContext, status: number, error: string, description: string): void {
  ctx.status = status;
  ctx.body = { error, error_description: description };
}
