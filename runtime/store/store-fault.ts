/**
 * What a driver's error means. Only the error's code decides, never its words, which differ between versions.
 */

import { GatewayError } from '../gateway-error.js';

/**
 * - `conflict`: the database undid the transaction because of another one; the same again can succeed.
 * - `unavailable`: the disk, the file or the connection failed; nothing is known to be wrong with the rows.
 * - `constraint`: the database refused rows that the schema forbids.
 * - `other`: not the database's doing, or a statement that it does not understand.
 */
export type StoreFault = 'conflict' | 'unavailable' | 'constraint' | 'other';

const SQLITE_UNAVAILABLE = new Set([
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_PERM',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_NOMEM',
  'SQLITE_INTERRUPT',
]);

/** PostgreSQL, appendix A: serialization_failure and deadlock_detected. */
const POSTGRES_CONFLICT = new Set(['40001', '40P01']);

/** PostgreSQL, appendix A: connection exceptions, resources, intervention, system errors, lock not available. */
const POSTGRES_UNAVAILABLE = /^(08|53|57|58)...$|^55P03$|^25006$/;

/** What pg raises without a code. knex puts the statement before it, with a dash between. */
const LOST_CONNECTION =
  /(^| - )(Connection terminated( unexpectedly)?|Client (has encountered a connection error|was closed) and is not queryable)$/;

const NETWORK_UNAVAILABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

export function storeFault(error: unknown): StoreFault {
  if (!(error instanceof Error)) return 'other';
  if (error.name === 'KnexTimeoutError' || LOST_CONNECTION.test(error.message)) return 'unavailable';
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return 'other';
  if (code === 'SQLITE_CONSTRAINT' || /^23...$/.test(code)) return 'constraint';
  if (POSTGRES_CONFLICT.has(code)) return 'conflict';
  if (SQLITE_UNAVAILABLE.has(code) || NETWORK_UNAVAILABLE.has(code) || POSTGRES_UNAVAILABLE.test(code)) {
    return 'unavailable';
  }
  return 'other';
}

/** What a caller is told where the database cannot do its work. */
export function storeUnavailable(cause: unknown): GatewayError {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return new GatewayError(
    'STORE_UNAVAILABLE',
    `the database cannot be reached or written${code === undefined ? '' : ` (${code})`}`,
    'try again in a few seconds, a call with the same idempotency key: it is charged at most once',
    { cause, details: { retry_after_seconds: 5 } },
  );
}
