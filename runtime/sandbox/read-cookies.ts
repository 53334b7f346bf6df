/** The cookies of a request, as they came: RFC 6265 section 5.4 without any decoding. */

import type { RouterContext } from '@koa/router';

/** In the order received; a name may come twice. */
export function readCookies(ctx: RouterContext): readonly (readonly [name: string, value: string])[] {
  return ctx
    .get('cookie')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? (['', pair] as const) : ([pair.slice(0, equals), pair.slice(equals + 1)] as const);
    });
}
