import assert from 'node:assert/strict';

import {
  mayBeCommitted,
  NoConnection,
  storeFault,
  storeUnavailable,
  type StoreFault,
} from '../../runtime/store/store-fault.js';

const coded = (code: string) => Object.assign(new Error('some words'), { code });
const named = (name: string) => Object.assign(new Error('some words'), { name });

const CASES: readonly (readonly [name: string, given: unknown, want: StoreFault])[] = [
  ['a full disk', coded('SQLITE_FULL'), 'unavailable'],
  ['a failing disk', coded('SQLITE_IOERR'), 'unavailable'],
  ['a file that became read-only', coded('SQLITE_READONLY'), 'unavailable'],
  ['another writer that does not end', coded('SQLITE_BUSY'), 'unavailable'],
  ['a table that is locked', coded('SQLITE_LOCKED'), 'unavailable'],
  ['a file that may not be used', coded('SQLITE_PERM'), 'unavailable'],
  ['a file that cannot be opened', coded('SQLITE_CANTOPEN'), 'unavailable'],
  ['a file that is damaged', coded('SQLITE_CORRUPT'), 'unavailable'],
  ['a file that is no database', coded('SQLITE_NOTADB'), 'unavailable'],
  ['memory that is full', coded('SQLITE_NOMEM'), 'unavailable'],
  ['a statement that was interrupted', coded('SQLITE_INTERRUPT'), 'unavailable'],
  ['a row that the schema forbids', coded('SQLITE_CONSTRAINT'), 'constraint'],
  ['a wrong statement', coded('SQLITE_ERROR'), 'other'],
  ['a unique violation of PostgreSQL', coded('23505'), 'constraint'],
  ['a check violation of PostgreSQL', coded('23514'), 'constraint'],
  ['a serialization failure', coded('40001'), 'conflict'],
  ['a deadlock', coded('40P01'), 'conflict'],
  ['a full disk of PostgreSQL', coded('53100'), 'unavailable'],
  ['a server that shuts down', coded('57P01'), 'unavailable'],
  ['a transaction that stood still for too long', coded('25P03'), 'unavailable'],
  ['a lock that is not to be had', coded('55P03'), 'unavailable'],
  ['a database that only reads', coded('25006'), 'unavailable'],
  ['a role without a right to the table', coded('42501'), 'unavailable'],
  ['a lost connection', coded('08006'), 'unavailable'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETDOWN'].map(
    (code) => [`a connection with ${code}`, coded(code), 'unavailable'] as const,
  ),
  ['a missing table of PostgreSQL', coded('42P01'), 'other'],
  ['an exhausted pool', new NoConnection(named('KnexTimeoutError')), 'unavailable'],
  ['a server that refuses a connection with a code of its own', new NoConnection(coded('28P01')), 'unavailable'],
  ['a misuse of Node', coded('ERR_INVALID_ARG_TYPE'), 'other'],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), 'unavailable'],
  [
    'a connection that ended beneath a statement of knex',
    new Error('SELECT id FROM calls WHERE id = $1 - Connection terminated unexpectedly'),
    'unavailable',
  ],
  ['a connection that was closed before', new Error('Client was closed and is not queryable'), 'unavailable'],
  [
    'a connection that broke before',
    new Error('Client has encountered a connection error and is not queryable'),
    'unavailable',
  ],
  ['an answer that did not come in time', new Error('SELECT 1 - Query read timeout'), 'unavailable'],
  ['a statement that speaks of connections', new Error("SELECT 'Connection terminated' - 42"), 'other'],
  ['an error of our own', new RangeError('some words'), 'other'],
  ['what is no error', 'some words', 'other'],
];

describe('a fault of the store', () => {
  for (const [name, given, want] of CASES) {
    it(`${name} is ${want}`, () => assert.equal(storeFault(given), want));
  }
});

describe('a commit that failed', () => {
  const FAILED: readonly (readonly [name: string, given: unknown, want: boolean])[] = [
    ['a connection that ended', new Error('COMMIT - Connection terminated unexpectedly'), true],
    ['a connection that was reset', coded('ECONNRESET'), true],
    ['a network that is gone', coded('EHOSTUNREACH'), true],
    ['a misuse of Node', coded('ERR_INVALID_ARG_TYPE'), false],
    ['an answer that did not come in time', new Error('COMMIT - Query read timeout'), true],
    ['a server that shuts down', coded('57P01'), true],
    ['a server that has crashed', coded('57P02'), true],
    ['a lost connection', coded('08006'), true],
    ['a statement that was cancelled', coded('57014'), false],
    ['a disk that could not flush', coded('SQLITE_IOERR'), true],
    ['a full disk', coded('SQLITE_FULL'), false],
    ['a full disk of PostgreSQL', coded('53100'), false],
    ['a serialization failure', coded('40001'), false],
    ['a row that the schema forbids', coded('23505'), false],
    ['an error of our own', new RangeError('some words'), false],
    ['what is no error', 'some words', false],
  ];
  for (const [name, given, want] of FAILED) {
    it(`${want ? 'may have been carried out' : 'was not carried out'}: ${name}`, () =>
      assert.equal(mayBeCommitted(given), want));
  }
});

describe('a store that is unavailable', () => {
  const TOLD: readonly (readonly [code: string, fault: string, remedy: string])[] = [
    ['SQLITE_FULL', 'has no room left', 'make room on its disk'],
    ['53100', 'has no room left', 'make room on its disk'],
    ['SQLITE_BUSY', 'is held by another program', 'end what else writes to it'],
    ['SQLITE_READONLY', 'cannot be written', 'allow the gateway to write to it'],
    ['42501', 'refuses its role', 'grant it SELECT, INSERT, UPDATE and DELETE on every table'],
    ['SQLITE_CORRUPT', 'is damaged', 'bring it back from a backup'],
    ['DAMAGED_COLUMN', 'is damaged', 'bring it back from a backup'],
    [
      'DATABASE_MOVED',
      'was moved, replaced or removed while the gateway ran',
      'put it back, or stop the gateway and restore a backup in a new folder: the log here would damage another database',
    ],
    [
      'DATABASE_LOG_MOVED',
      'has lost its log, the file -wal or -shm beside it',
      'put that back, or stop the gateway with SIGTERM, which saves what the log held, and start it again',
    ],
    ['SQLITE_IOERR', 'cannot read or write its disk', 'look after the disk'],
    ['ECONNREFUSED', 'cannot be reached', 'start it, or correct DATABASE_URL'],
    ['57P01', 'cannot be reached', 'start it, or correct DATABASE_URL'],
    ['28P01', 'does not let it in', 'correct the user, the password or the database in DATABASE_URL'],
    ['53300', 'has no connection left for it', 'raise max_connections there: each gateway takes up to 17'],
    ['EMFILE', 'cannot be reached, for it may open no more files', 'let it open more (ulimit -n)'],
    ['SQLITE_NOMEM', 'cannot be reached or written', 'find the cause in its log'],
  ];
  for (const [code, fault, remedy] of TOLD) {
    it(`is told in words, with what caller and operator can do, and ${code} is left to the log`, () => {
      const error = storeUnavailable(coded(code));
      assert.equal(error.message, `the database of this gateway ${fault}`);
      assert.equal(
        error.remedy,
        'try again in a few seconds, a call with the same idempotency key: it is charged at most once; ' +
          `if that goes on, tell the operator, who can ${remedy}`,
      );
      assert.equal(JSON.stringify(error.toBody()).includes(code), false);
      assert.equal((error.cause as NodeJS.ErrnoException).code, code);
    });
  }

  it('is told in words where the driver gives no code', () => {
    assert.equal(
      storeUnavailable(new NoConnection(named('KnexTimeoutError'))).message,
      'the database of this gateway cannot be reached or written',
    );
  });
});
