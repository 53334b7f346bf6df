/**
 * The digest that binds a receipt, a quote and an idempotency key to one request: SHA-256 of the canonical JSON (RFC
 * 8785) of `{arguments, endpoint}`.
 */

import { hash } from 'node:crypto';

import canonicalize from 'canonicalize';

/**
 * SHA-256 in hex, without `0x`.
 * @param args the arguments as JSON values, exactly as they are sent.
 * @throws Error where they are not JSON: NaN, Infinity, a circle.
 */
export function requestDigest(endpoint: string, args: unknown): string {
  return hash('sha256', canonicalize({ arguments: args, endpoint })!);
}

/** The same, of arguments of which the canonical JSON is known. */
export function digestOfCanonical(endpoint: string, text: string): string {
  return hash('sha256', `{"arguments":${text},"endpoint":${JSON.stringify(endpoint)}}`);
}
