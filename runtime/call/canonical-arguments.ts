/**
 * One value for all: what is validated, hashed and sent is the value that RFC 8785 (JSON Canonicalization Scheme)
 * makes of the caller's arguments. So a duplicate key or `-0` cannot be one thing in the digest and another on the
 * wire.
 */

import canonicalize from 'canonicalize';

import { GatewayError } from '../gateway-error.js';

/**
 * The arguments in canonical form.
 * @throws GatewayError INVALID_ARGUMENTS where JSON cannot carry them: a number that overflowed, a lone surrogate.
 */
export function canonicalArguments(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let text: string | undefined;
  try {
    text = canonicalize(args);
  } catch (error) {
    // The library throws on NaN, infinities and malformed strings, the values that canonical JSON does not have.
    throw unfit(`the arguments have no canonical JSON form (${(error as Error).message})`);
  }
  if (text === undefined) throw unfit('the arguments are no JSON object');
  if (!text.isWellFormed()) throw unfit('the arguments hold a lone surrogate, which is no Unicode text');
  return JSON.parse(text) as Record<string, unknown>;
}

function unfit(message: string): GatewayError {
  return new GatewayError('INVALID_ARGUMENTS', message, 'send finite numbers and well-formed Unicode strings');
}
