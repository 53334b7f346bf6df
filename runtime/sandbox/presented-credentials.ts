/** What a request presents for each security scheme of the document. Whether it is right is for the routes to say. */

import type { RouterContext } from '@koa/router';
import { queryText } from './query-value.js';
import { readCookies } from './read-cookies.js';

export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

/** RFC 6750 section 2.1. */
export function bearerToken(ctx: RouterContext): string | undefined {
  return /^Bearer +([!-~]+)$/i.exec(ctx.get('authorization'))?.[1];
}

/** RFC 7617 section 2: the user name ends at the first colon. */
export function basicCredentials(ctx: RouterContext): BasicCredentials | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(ctx.get('authorization'))?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function headerKey(ctx: RouterContext): string | undefined {
  return ctx.get('x-sandbox-key') || undefined;
}

export function queryKey(ctx: RouterContext): string | undefined {
  return queryText(ctx, 'sandbox_key');
}

/** Percent-decoded, where it can be: cookies have no encoding of their own, and senders differ. */
export function cookieKey(ctx: RouterContext): string | undefined {
  const value = readCookies(ctx).find(([name]) => name === 'sandbox_key')?.[1];
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return value;
  }
}
