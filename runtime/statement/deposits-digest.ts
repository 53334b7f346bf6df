/** Binds a statement's list of deposits to the message that is signed. */

import { createHash } from 'node:crypto';

import canonicalize from 'canonicalize';

import type { StatedDeposit } from './statement.js';

/**
 * SHA-256 of the canonical JSON (RFC 8785) of the list, in `0x` hex.
 * @throws Error where it is not JSON.
 */
export function depositsDigest(deposits: readonly StatedDeposit[]): string {
  return `0x${createHash('sha256').update(canonicalize(deposits)!, 'utf8').digest('hex')}`;
}
