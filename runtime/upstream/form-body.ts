/**
 * Bodies of `application/x-www-form-urlencoded`, by OpenAPI 3.1 sections 4.8.14.4 and 4.8.15: a field with a style is
 * written as a query parameter of that style would be; without one, lists repeat the field and an object is JSON, the
 * default media type of an object. A space is `%20`, which every form parser reads, and `+` is encoded.
 */

import type { BodyBinding, FieldEncoding } from '../../generated/contract.js';
import { jsonText } from '../exact-numbers.js';
import { invalidArgument } from './invalid-argument.js';
import { isJson } from './media-type.js';
import { expandFormStyle, type Field } from './parameter-style.js';
import { percentEncode, percentEncodeReserved } from './percent-encode.js';
import { isNested } from './scalar-text.js';

/** @throws GatewayError INVALID_ARGUMENTS where the value is no object, or has a lone surrogate. */
export function formBody(body: BodyBinding, value: unknown): Uint8Array {
  if (!isNested(value) || Array.isArray(value)) {
    throw invalidArgument(body.argument, 'is not an object', 'give the form as an object of its fields');
  }
  try {
    const members = inDocumentOrder(body, value);
    const fields = members.flatMap(([name, member]) => formField(name, member, encodingOf(body, name)));
    return Buffer.from(fields.map(([name, text]) => `${name}=${text}`).join('&'), 'utf8');
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw invalidArgument(body.argument, 'has a lone surrogate', 'send well-formed unicode text');
  }
}

/**
 * The fields in the order of the document: some services read a form as it comes, and nothing behind a file. So what the
 * document does not list stands first.
 */
export function inDocumentOrder({ fields }: BodyBinding, value: object): readonly (readonly [string, unknown])[] {
  if (fields === undefined) return Object.entries(value);
  const others = Object.entries(value).filter(([name]) => !Object.hasOwn(fields, name));
  const listed = Object.keys(fields).filter((name) => Object.hasOwn(value, name));
  return [...others, ...listed.map((name) => [name, (value as Record<string, unknown>)[name]] as const)];
}

export function encodingOf(body: BodyBinding, name: string): FieldEncoding {
  return (body.fields !== undefined && Object.hasOwn(body.fields, name) ? body.fields[name] : undefined) ?? {};
}

function formField(name: string, value: unknown, encoding: FieldEncoding): Field[] {
  if (value === null || value === undefined) return [];
  const encode = encoding.allowReserved ? percentEncodeReserved : percentEncode;
  if (isStyled(encoding)) {
    const style = encoding.style ?? 'form';
    return expandFormStyle({ name, style, explode: encoding.explode ?? style === 'form' }, value, encode);
  }
  if (encoding.contentType !== undefined && isJson(encoding.contentType)) {
    return [[percentEncode(name), encode(jsonText(value))]];
  }
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => expandFormStyle({ name, style: 'form', explode: true }, scalarOrJson(item), encode));
}

/** OpenAPI 3.1 section 4.8.15.1: where any of these is given, `contentType` is ignored. */
export function isStyled(encoding: FieldEncoding): boolean {
  return encoding.style !== undefined || encoding.explode !== undefined || encoding.allowReserved !== undefined;
}

function scalarOrJson(value: unknown): unknown {
  return isNested(value) ? jsonText(value) : value;
}
