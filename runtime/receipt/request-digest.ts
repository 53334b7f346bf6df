/**
 * The digest that binds a receipt, a quote and an idempotency key to one request: SHA-256 of the canonical JSON (RFC
 * 8785) of `{arguments, endpoint}`. A number that no double holds, of which RFC 8785 says nothing, stands in it with its
 * digits.
 */

import { hash } from 'node:crypto';

import { canonicalText, ExactNumber, losesDigits, normalForm } from '../exact-numbers.js';
import { isObject } from '../is-object.js';

/**
 * SHA-256 in hex, without `0x`.
 * @param args the arguments as JSON values, exactly as they were given; a bigint for an integer beyond 2^53.
 * @throws Error where they are not JSON: NaN, Infinity, a circle.
 */
export function requestDigest(endpoint: string, args: unknown): string {
  return hash('sha256', canonicalText({ arguments: withDigits(args), endpoint }));
}

/** The same, of arguments of which the canonical JSON is known. */
export function digestOfCanonical(endpoint: string, text: string): string {
  return hash('sha256', `{"arguments":${text},"endpoint":${JSON.stringify(endpoint)}}`);
}

/** With a number in place of each bigint. */
function withDigits(value: unknown): unknown {
  if (typeof value === 'bigint') return numberOf(String(value));
  if (Array.isArray(value)) return value.map(withDigits);
  if (!isObject(value) || typeof value.toJSON === 'function') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withDigits(member)]));
}

/** As it is where the same digits are read from JSON. */
function numberOf(digits: string): number | ExactNumber {
  return losesDigits(digits) ? new ExactNumber(normalForm(digits)) : Number(digits);
}
