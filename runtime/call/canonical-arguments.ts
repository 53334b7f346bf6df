/**
 * One value for all: what is validated, hashed and sent is the value that RFC 8785 (JSON Canonicalization Scheme)
 * makes of the caller's arguments. So a duplicate key or `-0` cannot be one thing in the digest and another on the
 * wire. A number that no double holds, such as a 64-bit id, is its digits in all three, in one spelling; only the schema
 * is held against the nearest double.
 */

import { canonicalText, exactOf, ExactNumber, plainInteger } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';

/** Deeper than any API nests, and not too deep for every recursive reader that follows: validator, encoder, digest. */
const MAX_DEPTH = 100;

export interface CanonicalArguments {
  /** What is sent: it has an `ExactNumber` where no double holds the number. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The same with the nearest double there, to be validated. */
  readonly rounded: Readonly<Record<string, unknown>>;
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
  const text = canonicalText(args);
  const rounded = JSON.parse(text) as Record<string, unknown>;
  return { value: exactOf(text, rounded, plainInteger) as Record<string, unknown>, rounded, text };
}

/** Level by level, because a recursive walk is what deep nesting would overflow. */
function checkForm(args: object): void {
  let level: readonly unknown[] = [args];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw unfit(`the arguments are nested deeper than ${MAX_DEPTH} levels`, 'send them flatter');
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string') checkText(value);
      else if (typeof value === 'number') checkNumber(value);
      else if (value instanceof ExactNumber) checkExact(value);
      else if (Array.isArray(value)) for (const item of value) next.push(item);
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

function checkNumber(value: number): void {
  if (!Number.isFinite(value)) {
    throw unfit('the arguments hold a number beyond 1.8e308', 'send numbers that a double can hold');
  }
}

/** Digits are kept however many they are, but the schema is held against a double. */
function checkExact({ nearest }: ExactNumber): void {
  checkNumber(nearest);
  if (nearest === 0) {
    throw unfit('the arguments hold a number nearer to zero than 5e-324', 'send 0, or a number that a double can hold');
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
