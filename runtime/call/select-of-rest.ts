import { pointerTokens } from '../json-pointer.js';
import type { Cut } from './preview.js';

/** The JMESPath expression that takes what a preview of this value left out: the items behind the kept ones, or the place. */
export function selectOfRest(value: unknown, { pointer, kept, unit }: Cut): string {
  let expression = '';
  let at = value;
  for (const name of pointerTokens(pointer)) {
    if (Array.isArray(at)) expression += `[${name}]`;
    else expression += `${expression === '' ? '' : '.'}${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}`;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  if (unit === 'items') return `${expression}[${kept}:]`;
  return expression === '' ? '@' : expression;
}
