/**
 * One value for all: what is validated, hashed and sent is the value that RFC 8785 (JSON Canonicalization Scheme)
 * makes of the caller's arguments. So a duplicate key or `-0` cannot be one thing in the digest and another on the
 * wire.
 */

import canonicalize from 'canonicalize';

import { GatewayError } from '../gateway-error.js';

/** Deeper than any API nests, and not too deep for every recursive reader that follows: validator, encoder, digest. */
const MAX_DEPTH = 100;

export interface CanonicalArguments {
  readonly value: Readonly<Record<string, unknown>>;
  /** Its canonical JSON. */
  readonly text: string;
}

/**
 * The arguments in canonical form.
 * @throws GatewayError INVALID_ARGUMENTS where JSON cannot carry them: a number that overflowed, a lone surrogate; or
 *   where they are nested too deep.
 */
export function canonicalArguments(args: Readonly<Record<string, unknown>>): CanonicalArguments {
  checkForm(args);
  const text = canonicalize(args)!;
  return { value: JSON.parse(text) as Record<string, unknown>, text };
}

/** Level by level, because a recursive walk is what deep nesting would overflow. */
function checkForm(args: object): void {
  let level: readonly unknown[] = [args];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw unfit(`the arguments are nested deeper than ${MAX_DEPTH} levels`, 'send them flatter');
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string') checkText(value);
      else if (typeof value === 'number' && !Number.isFinite(value)) {
        throw unfit('the arguments hold a number beyond 1.8e308', 'send numbers that a double can hold');
      } else if (Array.isArray(value)) for (const item of value) next.push(item);
      else if (typeof value === 'object' && value !== null) {
        for (const [name, item] of Object.entries(value)) {
          checkText(name);
          next.push(item);
        }
      }
    }
    level = next;
  }
}

function checkText(text: string): void {
  if (!text.isWellFormed()) {
    throw unfit('the arguments hold a lone surrogate, which is no Unicode text', 'send well-formed Unicode strings');
  }
}

function unfit(message: string, remedy: string): GatewayError {
  return new GatewayError('INVALID_ARGUMENTS', message, remedy);
}
