/**
 * The bytes of a request's body, and their exact `Content-Type`, from the one argument that holds it. Properties that
 * the descriptor fixes are merged over the caller's. It does not validate: that has happened.
 *
 * A body of XML is text that the caller wrote, and is sent as it is: descriptors offer no object for it.
 */

import type { BodyBinding, EndpointDescriptor } from '../../generated/contract.js';
import { jsonText } from '../exact-numbers.js';
import { base64Bytes } from './base64-bytes.js';
import { formBody } from './form-body.js';
import { invalidArgument } from './invalid-argument.js';
import { isConcrete } from './media-type.js';
import { multipartBody } from './multipart-body.js';
import { isNested, scalarText } from './scalar-text.js';

export interface RequestBody {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Undefined where there is nothing to send. @throws GatewayError INVALID_ARGUMENTS. */
export function requestBody(
  endpoint: EndpointDescriptor,
  args: Readonly<Record<string, unknown>>,
): RequestBody | undefined {
  const { body } = endpoint;
  if (body === undefined) return undefined;

  const given = Object.hasOwn(args, body.argument) ? args[body.argument] : undefined;
  const value = withFixed(body, given);
  if (value === undefined) {
    if (body.required) throw invalidArgument(body.argument, 'is missing', 'give the request its body');
    return undefined;
  }

  switch (body.encoding) {
    case 'json':
      return { contentType: concrete(body, 'application/json'), bytes: Buffer.from(jsonText(value), 'utf8') };
    case 'form':
      return { contentType: concrete(body, 'application/x-www-form-urlencoded'), bytes: formBody(body, value) };
    case 'multipart':
      return multipartBody(body, concrete(body, 'multipart/form-data'), value);
    case 'binary':
      return { contentType: concrete(body, 'application/octet-stream'), bytes: binaryBody(body, value) };
    case 'text':
      return { contentType: concrete(body, 'text/plain'), bytes: Buffer.from(scalarText(value), 'utf8') };
    case 'xml':
      return { contentType: concrete(body, 'application/xml'), bytes: xmlText(body, value) };
  }
}

/** Spread, not assignment: a caller's own `__proto__` member stays a member. */
function withFixed(body: BodyBinding, given: unknown): unknown {
  if (body.fixed === undefined) return given;
  if (given === undefined) return { ...body.fixed };
  if (!isNested(given) || Array.isArray(given)) {
    throw invalidArgument(body.argument, 'is not an object', 'give the body as an object: a part of it is fixed');
  }
  return { ...given, ...body.fixed };
}

/** A document may give a range, such as an image of any kind, or nothing; neither can be sent. */
function concrete(body: BodyBinding, otherwise: string): string {
  return isConcrete(body.contentType) ? body.contentType : otherwise;
}

function xmlText(body: BodyBinding, value: unknown): Uint8Array {
  if (typeof value !== 'string') throw invalidArgument(body.argument, 'is not text', 'give the xml document as text');
  return Buffer.from(value, 'utf8');
}

function binaryBody(body: BodyBinding, value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? base64Bytes(value) : undefined;
  if (bytes === undefined) throw invalidArgument(body.argument, 'is not base64', "give the body's bytes in base64");
  return bytes;
}
