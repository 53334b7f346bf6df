/**
 * Values of parameters as text, by OpenAPI 3.1 section 4.8.12.3 ("Style Values") and RFC 6570, which it follows.
 *
 * Everything that comes from a caller goes through `encode`; the delimiters are ours. As in RFC 6570, null and empty
 * arrays and objects count as undefined, and so are left out.
 *
 * Where OpenAPI is silent: an array or object inside of a list is written as JSON; `deepObject` nests as most servers
 * read it (`f[a][b]=v`), with `f[a][]=v` for lists of plain values and `f[a][0][b]=v` for lists that hold objects or
 * lists, where `[]` would not say which of them a field belongs to.
 */

import type { ParameterStyle } from '../../generated/contract.js';
import { percentEncode } from './percent-encode.js';
import { isNested, scalarText } from './scalar-text.js';

export type Encode = (text: string) => string;

export interface Styled {
  readonly name: string;
  readonly style: ParameterStyle;
  readonly explode: boolean;
}

type Flat =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, string])[] };

/** A field of a query, a form or a cookie header: name and value, both encoded. */
export type Field = readonly [name: string, value: string];

/**
 * The text of a `simple`, `label` or `matrix` parameter: what stands in a path for `{name}`, or in a header. Swagger 2.0
 * has lists of other delimiters there too. Undefined where there is nothing to write.
 */
export function expandPathStyle({ name, style, explode }: Styled, value: unknown, encode: Encode): string | undefined {
  const flat = flatten(value);
  if (flat === undefined) return undefined;

  if (style === 'label') return `.${members(flat, explode, encode).join(explode ? '.' : ',')}`;
  if (style !== 'matrix') return members(flat, explode, encode).join(delimiterOf(style, encode));

  const key = encode(name);
  // RFC 6570, section 3.2.7: an empty value has no `=`.
  const member = (of: string, text: string): string => (text === '' ? `;${of}` : `;${of}=${text}`);
  if (flat.kind === 'list' && explode) return flat.items.map((item) => member(key, encode(item))).join('');
  if (flat.kind === 'map' && explode) {
    return flat.entries.map(([entry, text]) => member(encode(entry), encode(text))).join('');
  }
  return member(key, members(flat, false, encode).join(','));
}

/** The fields of a `form`, `spaceDelimited`, `pipeDelimited`, `tabDelimited` or `deepObject` value; empty where unset. */
export function expandFormStyle({ name, style, explode }: Styled, value: unknown, encode: Encode): Field[] {
  const key = percentEncode(name);
  if (style === 'deepObject') return deepFields(key, value, encode);

  const flat = flatten(value);
  if (flat === undefined) return [];
  if (flat.kind === 'scalar') return [[key, encode(flat.text)]];
  if (!explode) return [[key, members(flat, false, encode).join(delimiterOf(style, encode))]];
  if (flat.kind === 'list') return flat.items.map((item) => [key, encode(item)]);
  return flat.entries.map(([member, text]) => [percentEncode(member), encode(text)]);
}

const DELIMITERS: Partial<Record<ParameterStyle, string>> = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
  tabDelimited: '\t',
};

/** Encoded as in OpenAPI 3.1.1's table, but for the comma: `|` and a space may not stand in a URL as they are. */
function delimiterOf(style: ParameterStyle, encode: Encode): string {
  const delimiter = DELIMITERS[style];
  return delimiter === undefined ? ',' : encode(delimiter);
}

function members(flat: Flat, pairs: boolean, encode: Encode): string[] {
  switch (flat.kind) {
    case 'scalar':
      return [encode(flat.text)];
    case 'list':
      return flat.items.map(encode);
    case 'map':
      return pairs
        ? flat.entries.map(([name, text]) => `${encode(name)}=${encode(text)}`)
        : flat.entries.flatMap(([name, text]) => [encode(name), encode(text)]);
  }
}

function flatten(value: unknown): Flat | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isNested(value)) return { kind: 'scalar', text: scalarText(value) };
  if (Array.isArray(value)) {
    const items = value.filter(isSet).map(scalarText);
    return items.length === 0 ? undefined : { kind: 'list', items };
  }
  const entries = Object.entries(value)
    .filter(([, member]) => isSet(member))
    .map(([name, member]) => [name, scalarText(member)] as const);
  return entries.length === 0 ? undefined : { kind: 'map', entries };
}

function deepFields(key: string, value: unknown, encode: Encode): Field[] {
  if (value === null || value === undefined) return [];
  if (!isNested(value)) return [[key, encode(scalarText(value))]];
  if (Array.isArray(value)) {
    const items = value.filter(isSet);
    const nested = items.some(isNested);
    return items.flatMap((item, index) => deepFields(`${key}${bracket(nested ? String(index) : '')}`, item, encode));
  }
  return Object.entries(value).flatMap(([name, member]) => deepFields(key + bracket(name), member, encode));
}

/** Brackets may not stand in a query as they are (RFC 3986 section 3.4); some servers refuse them. */
function bracket(text: string): string {
  return `%5B${percentEncode(text)}%5D`;
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined;
}
