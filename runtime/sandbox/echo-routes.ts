/**
 * Answers with the request as it came over the wire: target undecoded, headers in their order, the body's bytes. Every
 * parameter style has a path of its own, so that a test can compare what was sent with what the document says.
 *
 * Invariant: the sandbox's key is masked wherever it appears, unless the query says `echo_key=true`.
 */

import type { Router, RouterContext } from '@koa/router';
import { queryFlag } from './query-value.js';
import { readBody } from './read-body.js';
import { readCookies } from './read-cookies.js';
import type { SandboxKey } from './sandbox-key.js';

export function addEchoRoutes(router: Router, key: SandboxKey): void {
  const answer = (ctx: RouterContext): Promise<void> => answerEcho(ctx, key);

  router.post('echo', '/echo', answer);
  router.get('echoGet', '/echo', answer);
  router.put('echoPut', '/echo', answer);
  router.patch('echoPatch', '/echo', answer);
  router.delete('echoDelete', '/echo', answer);

  for (const style of ['Simple', 'Label', 'Matrix']) {
    const base = `/echo/path/${style.toLowerCase()}`;
    router.get(`echoPath${style}`, `${base}/:value`, answer);
    router.get(`echoPath${style}Array`, `${base}/array/:value`, answer);
    router.get(`echoPath${style}Object`, `${base}/object/:value`, answer);
    router.get(`echoPath${style}Exploded`, `${base}/exploded/:array/:object`, answer);
  }
  router.get('echoQuery', '/echo/query', answer);
  router.get('echoHeaders', '/echo/headers', answer);
  router.get('echoCookies', '/echo/cookies', answer);
  router.post('echoSameName', '/echo/same-name/:name', answer);
}

/** Sets the answer to a record of the request; also serves `/secure/echo`. */
export async function answerEcho(ctx: RouterContext, key: SandboxKey): Promise<void> {
  const mask = queryFlag(ctx, 'echo_key') ? (text: string): string => text : (text: string): string => key.mask(text);
  // Latin-1 gives each byte a character, so masking leaves every other byte alone.
  const body = Buffer.from(mask((await readBody(ctx)).toString('latin1')), 'latin1');
  const { url = '', rawHeaders } = ctx.req;
  const mark = url.indexOf('?');
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const headers = names.map((name, index) => [name, mask(rawHeaders[index * 2 + 1] ?? '')] as const);

  ctx.body = {
    method: ctx.method,
    path: mask(mark < 0 ? url : url.slice(0, mark)),
    rawQuery: mark < 0 ? '' : mask(url.slice(mark + 1)),
    headers: combine(headers.map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: headers,
    cookies: Object.fromEntries(readCookies(ctx).map(([name, value]) => [name, mask(value)])),
    body: body.toString('utf8'),
    bodyBase64: body.toString('base64'),
  };
}

/** Lines of one name become one, as RFC 9110 section 5.2 has it. */
function combine(lines: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const combined = new Map<string, string>();
  for (const [name, value] of lines) {
    const before = combined.get(name);
    combined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(combined);
}
