/**
 * What a driver's error means. Where it has a code that decides, and not its words, which differ between versions.
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

/**
 * PostgreSQL, appendix A: connection exceptions, resources, intervention, system errors, lock not available, idle too long,
 * no right to a table.
 */
const POSTGRES_UNAVAILABLE = /^(08|53|57|58)...$|^55P03$|^25006$|^25P03$|^42501$/;

/** What pg raises without a code. knex puts the statement before it, with a dash between. */
const LOST_CONNECTION =
  /(^| - )(Connection terminated( unexpectedly)?|Client (has encountered a connection error|was closed) and is not queryable)$/;

/** Likewise, where an answer did not come in the time that it had. It may still come, to the statement after it. */
const SILENT_CONNECTION = /(^| - )Query read timeout$/;

export function isSilence(error: unknown): boolean {
  return error instanceof Error && SILENT_CONNECTION.test(error.message);
}

/** As the system names what failed of a connection, such as ECONNRESET; Node's own codes begin with ERR_. */
const NETWORK_UNAVAILABLE = /^E(?!RR_)[A-Z_]+$/;

/** There is no connection to ask on, whatever the reason: a server may refuse one with any code, and with none. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection';
  /** The reason's. */
  readonly code: string | undefined;

  constructor(reason: Error) {
    super(reason.message, { cause: reason });
    this.code = (reason as NodeJS.ErrnoException).code;
  }
}

export function storeFault(error: unknown): StoreFault {
  if (!(error instanceof Error)) return 'other';
  if (error instanceof NoConnection || isConnectionLost(error)) return 'unavailable';
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return 'other';
  if (code === 'SQLITE_CONSTRAINT' || /^23...$/.test(code)) return 'constraint';
  if (POSTGRES_CONFLICT.has(code)) return 'conflict';
  if (SQLITE_UNAVAILABLE.has(code) || NETWORK_UNAVAILABLE.test(code) || POSTGRES_UNAVAILABLE.test(code)) {
    return 'unavailable';
  }
  return 'other';
}

/** PostgreSQL, appendix A: connection exceptions, and a server that is shut down or has crashed. */
const POSTGRES_GONE = /^(08...|57P0.)$/;

/**
 * Whether a COMMIT that failed may have been carried out: the connection was lost before the answer came, or SQLite
 * could not flush its log. It takes that back, but if the log is on the disk all the same, whoever opens the database
 * after a crash finds it committed. What the database refuses for another reason, such as a full disk, was not.
 */
export function mayBeCommitted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isConnectionLost(error)) return true;
  const { code = '' } = error as NodeJS.ErrnoException;
  return code === 'SQLITE_IOERR' || NETWORK_UNAVAILABLE.test(code) || POSTGRES_GONE.test(code);
}

/** As the drivers say it without a code. */
function isConnectionLost(error: Error): boolean {
  return LOST_CONNECTION.test(error.message) || isSilence(error);
}

/** All that a role of PostgreSQL needs, once the tables are there. */
export const ROLE_RIGHTS = 'SELECT, INSERT, UPDATE and DELETE on every table';

const DAMAGED = /^(SQLITE_CORRUPT|SQLITE_NOTADB|DAMAGED_COLUMN)$/;

/** What the codes of either database mean to people, and what the operator can do. Appendix A of PostgreSQL, as above. */
const IN_WORDS: readonly (readonly [codes: RegExp, fault: string, remedy: string])[] = [
  [/^(SQLITE_FULL|53100)$/, 'has no room left', 'make room on its disk'],
  [/^(SQLITE_BUSY|SQLITE_LOCKED|55P03)$/, 'is held by another program', 'end what else writes to it'],
  [/^(SQLITE_READONLY|SQLITE_PERM|25006)$/, 'cannot be written', 'allow the gateway to write to it'],
  [/^42501$/, 'refuses its role', `grant it ${ROLE_RIGHTS}`],
  [
    /^DATABASE_MOVED$/,
    'was moved, replaced or removed while the gateway ran',
    'put it back, or stop the gateway and restore a backup in a new folder: the log here would damage another database',
  ],
  [
    /^DATABASE_LOG_MOVED$/,
    'has lost its log, the file -wal or -shm beside it',
    'put that back, or stop the gateway with SIGTERM, which saves what the log held, and start it again',
  ],
  [DAMAGED, 'is damaged', 'bring it back from a backup'],
  [/^(SQLITE_IOERR|58...)$/, 'cannot read or write its disk', 'look after the disk'],
  [/^53300$/, 'has no connection left for it', 'raise max_connections there: each gateway takes up to 17'],
  [/^(28...|3D000)$/, 'does not let it in', 'correct the user, the password or the database in DATABASE_URL'],
  [/^(EMFILE|ENFILE)$/, 'cannot be reached, for it may open no more files', 'let it open more (ulimit -n)'],
  [/^(E[A-Z_]+|08...|57P0.)$/, 'cannot be reached', 'start it, or correct DATABASE_URL'],
];

/** What a caller is told where the database cannot do its work. The code is the cause's, for the log. */
export function storeUnavailable(cause: unknown): GatewayError {
  return new GatewayError(...inWords(cause));
}

/** The same of a transaction whose COMMIT failed and may have been carried out. */
export class UncertainCommit extends GatewayError {
  constructor(cause: unknown) {
    super(...inWords(cause));
  }
}

/** What the operator can do of it; undefined where the cause has to be found first. */
export function operatorRemedy(cause: unknown): string | undefined {
  return wordsFor(cause)?.[2];
}

/** Whether what the database holds cannot be read any more. */
export function isDamage(error: unknown): boolean {
  return error instanceof GatewayError && DAMAGED.test(codeOf(error.cause));
}

function wordsFor(cause: unknown): (typeof IN_WORDS)[number] | undefined {
  return IN_WORDS.find(([codes]) => codes.test(codeOf(cause)));
}

function codeOf(cause: unknown): string {
  return (cause instanceof Error && (cause as NodeJS.ErrnoException).code) || '';
}

function inWords(cause: unknown): ConstructorParameters<typeof GatewayError> {
  const [, fault, remedy] = wordsFor(cause) ?? [undefined, 'cannot be reached or written', 'find the cause in its log'];
  return [
    'STORE_UNAVAILABLE',
    `the database of this gateway ${fault}`,
    'try again in a few seconds, a call with the same idempotency key: it is charged at most once; ' +
      `if that goes on, tell the operator, who can ${remedy}`,
    { cause, details: { retry_after_seconds: 5 } },
  ];
}
