/**
 * Bodies of `multipart/form-data` (RFC 7578) and its relatives: one part a field, and one an item where a field is a
 * list; files come in as base64.
 *
 * The boundary is a digest of the parts themselves: it needs no randomness, the same arguments make the same bytes, and
 * no content can hold its own digest, so that no file can end its part.
 */

import { createHash } from 'node:crypto';
import type { BodyBinding, FieldEncoding } from '../../generated/contract.js';
import { jsonText } from '../exact-numbers.js';
import { base64Bytes } from './base64-bytes.js';
import { encodingOf, inDocumentOrder, isStyled } from './form-body.js';
import { invalidArgument } from './invalid-argument.js';
import { isConcrete, isJson } from './media-type.js';
import { expandFormStyle } from './parameter-style.js';
import type { RequestBody } from './request-body.js';
import { isNested, scalarText } from './scalar-text.js';

interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly bytes: Uint8Array;
}

/** @throws GatewayError INVALID_ARGUMENTS for a value that is no object, or a file that is not base64. */
export function multipartBody(body: BodyBinding, contentType: string, value: unknown): RequestBody {
  if (!isNested(value) || Array.isArray(value)) {
    throw invalidArgument(body.argument, 'is not an object', 'give the form as an object of its fields');
  }
  const parts = inDocumentOrder(body, value).flatMap(([name, member]) => partsOf(body, name, member));

  const digest = createHash('sha256');
  for (const { name, bytes } of parts) digest.update(`${name}\0${bytes.byteLength}\0`).update(bytes);
  const boundary = `tollgate-${digest.digest('hex').slice(0, 48)}`;

  const chunks = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n${headOf(part)}\r\n\r\n`), part.bytes, CRLF]);
  return {
    contentType: `${contentType.replace(/;\s*boundary=("[^"]*"|[^;]*)/i, '')}; boundary=${boundary}`,
    bytes: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

const CRLF = Buffer.from('\r\n');

function headOf({ name, filename, contentType }: Part): string {
  const file = filename === undefined ? '' : `; filename="${escapeQuoted(filename)}"`;
  const type = contentType === undefined ? '' : `\r\ncontent-type: ${contentType}`;
  return `content-disposition: form-data; name="${escapeQuoted(name)}"${file}${type}`;
}

/** As browsers do (HTML, "multipart/form-data encoding algorithm"), for every control character and not only for CR and LF. */
function escapeQuoted(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is being escaped
  return text.replace(/["\u0000-\u001f\u007f]/g, percentTriplet);
}

function percentTriplet(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function partsOf(body: BodyBinding, name: string, value: unknown): Part[] {
  if (value === null || value === undefined) return [];
  const encoding = encodingOf(body, name);

  if (encoding.binary) return listOf(value).map((item) => filePart(body, name, item, encoding));
  if (isStyled(encoding) && encoding.contentType === undefined) {
    const style = encoding.style ?? 'form';
    const styled = { name, style, explode: encoding.explode ?? style === 'form' };
    return expandFormStyle(styled, value, encodeURIComponent).map(([key, text]) => ({
      name: decodeURIComponent(key),
      bytes: Buffer.from(decodeURIComponent(text)),
    }));
  }
  if (encoding.contentType !== undefined && isJson(encoding.contentType)) {
    return [{ name, contentType: encoding.contentType, bytes: Buffer.from(jsonText(value)) }];
  }
  return listOf(value).map((item) => plainPart(name, item, encoding));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.filter((item) => item !== null) : [value];
}

/** An object's part is JSON unless the document says otherwise; a plain value's part needs no type (RFC 7578, 4.4). */
function plainPart(name: string, value: unknown, encoding: FieldEncoding): Part {
  const contentType = firstConcrete(encoding.contentType) ?? (isNested(value) ? 'application/json' : undefined);
  return { name, ...(contentType === undefined ? {} : { contentType }), bytes: Buffer.from(scalarText(value)) };
}

function filePart(body: BodyBinding, name: string, value: unknown, encoding: FieldEncoding): Part {
  const file: { data?: unknown; filename?: unknown; contentType?: unknown } = isNested(value) ? value : { data: value };
  const bytes = typeof file.data === 'string' ? base64Bytes(file.data) : undefined;
  if (bytes === undefined) {
    throw invalidArgument(
      body.argument,
      `has a file ${JSON.stringify(name)} that is not base64`,
      'give its bytes in base64',
    );
  }
  const contentType = file.contentType ?? firstConcrete(encoding.contentType) ?? 'application/octet-stream';
  if (typeof contentType !== 'string' || !isConcrete(contentType)) {
    throw invalidArgument(
      body.argument,
      `has a file ${JSON.stringify(name)} of the content type ${JSON.stringify(contentType)}`,
      'give a media type such as image/png',
    );
  }
  return { name, filename: typeof file.filename === 'string' ? file.filename : name, contentType, bytes };
}

/** OpenAPI allows a list of types and ranges there; the first that can be sent is sent. */
function firstConcrete(contentTypes: string | undefined): string | undefined {
  return contentTypes
    ?.split(',')
    .map((type) => type.trim())
    .find(isConcrete);
}
