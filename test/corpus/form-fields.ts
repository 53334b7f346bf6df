/** Reads the fields of a query, a form or a multipart body as they were on the wire: names and texts, in their order. */

import { isObject } from './openapi-document.js';
import type { Exchange } from './wire-tap.js';

export type Field = readonly [name: string, text: string];

/** Of a body that is neither a form nor multipart: none. */
export function formFields({ target, headers, body }: Exchange, place: 'query' | 'body'): readonly Field[] {
  if (place === 'query') return [...new URL(target, 'http://mock').searchParams];
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) return [...new URLSearchParams(body.toString('utf8'))];
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/.exec(type)?.[1];
  return boundary === undefined ? [] : multipartFields(body.toString('utf8'), boundary);
}

/** `['a', 'b', '0']` → `a[b][0]`. */
export function bracketed([first = '', ...rest]: readonly string[]): string {
  return first + rest.map((name) => `[${name}]`).join('');
}

/** What stands at the end of the names, or undefined where something on the way is not there. */
export function valueAt(value: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>((found, name) => {
    if (Array.isArray(found)) return found[Number(name)] as unknown;
    return isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }, value);
}

/** RFC 7578; texts with a line break of their own stay whole, as only the last one belongs to the boundary. */
function multipartFields(body: string, boundary: string): readonly Field[] {
  return body.split(`--${boundary}`).flatMap((part) => {
    const [head = '', ...rest] = part.split('\r\n\r\n');
    const name = /\bname="([^"]*)"/.exec(head)?.[1];
    return name === undefined ? [] : [[name, rest.join('\r\n\r\n').replace(/\r\n$/, '')] as const];
  });
}
