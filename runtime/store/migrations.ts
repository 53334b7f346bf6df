/**
 * The schema, as the list of steps that lead to it. A step that was released is never edited; a change is a new step.
 *
 * The database is the last line of defence: what the ledger promises stands here again as constraints and triggers, so
 * that a bug in a command is refused and not written. Entries of the books (transfers, receipts) can be neither changed
 * nor deleted; a hold resolves once, since `pending_id` is unique; what moves without a hold is a deposit or a fee; a call
 * stays what it was opened as, and its state when it is resolved; a buyer's balance cannot go below zero.
 *
 * What every call writes is judged at next to no cost: by `UPDATE OF` columns that no command sets, or in the one trigger
 * that a table has.
 */

import type { Migration } from './migrate.js';
import type { Dialect } from './store.js';

/**
 * 2^62 - 1: the sum of two amounts still fits 64 bits. On SQLite the upper bound also refuses what is no number, for a
 * text or a real that lost its last digits compares greater.
 */
const MAX_AMOUNT = '4611686018427387903';

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'accounts, transfers, calls, receipts, keys, quotes, ratings',
    statements: (dialect) => [
      ...accounts(dialect),
      ...transfers(dialect),
      ...apiKeys(dialect),
      ...calls(dialect),
      ...receipts(dialect),
      ...quotes(dialect),
      ...ratings(dialect),
    ],
  },
  {
    version: 2,
    name: "the platform's fee of a call",
    statements: () => [
      'ALTER TABLE calls ADD COLUMN fee_bps BIGINT NOT NULL DEFAULT 0 CHECK (fee_bps BETWEEN 0 AND 10000)',
    ],
  },
  {
    version: 3,
    name: 'answers that did not reach their clients',
    statements: () => [
      `CREATE TABLE undelivered (
        call_id TEXT PRIMARY KEY REFERENCES calls (id),
        account_id TEXT NOT NULL REFERENCES accounts (id),
        request_digest TEXT NOT NULL,
        expires_at_ms BIGINT NOT NULL
      )`,
      'CREATE INDEX undelivered_by_request ON undelivered (account_id, request_digest)',
      'CREATE INDEX undelivered_by_expiry ON undelivered (expires_at_ms)',
    ],
  },
  {
    version: 4,
    name: 'the balances that were found right, and as of which transfer',
    statements: (dialect) => [
      `CREATE TABLE checkpoints (
        account_id TEXT PRIMARY KEY REFERENCES accounts (id),
        sequence BIGINT NOT NULL,
        debits_posted ${amountType(dialect, 'debits_posted')},
        credits_posted ${amountType(dialect, 'credits_posted')}
      )`,
    ],
  },
  {
    version: 5,
    name: 'the order of the answers that were not paid for',
    // Those that are stored already stay out of it: they expire within a day.
    statements: () => [
      'ALTER TABLE answers ADD COLUMN free_account TEXT REFERENCES accounts (id)',
      'ALTER TABLE answers ADD COLUMN free_end BIGINT CHECK ((free_end IS NULL) = (free_account IS NULL))',
      'CREATE INDEX answers_free ON answers (free_account, free_end) WHERE free_account IS NOT NULL',
    ],
  },
  {
    version: 6,
    name: 'no index that nothing is looked up by',
    statements: (dialect) => [
      // Of an account's transfers only the direct ones are looked up, for its statement: those from and to outside.
      'DROP INDEX transfers_by_debit',
      'DROP INDEX transfers_by_credit',
      "CREATE INDEX transfers_direct ON transfers (credit_account, created_at_ms) WHERE kind = 'direct'",
      // A digest is of the receipt's own id too, so that no two are alike. Digests are random: their index had a page to
      // be written for each of them, a third of what writing a receipt takes.
      ...(dialect === 'postgres'
        ? ['ALTER TABLE receipts DROP CONSTRAINT receipts_digest_key']
        : [
            'ALTER TABLE receipts RENAME TO receipts_before',
            receiptsTable('TEXT NOT NULL'),
            `INSERT INTO receipts (${RECEIPT_COLUMNS}) SELECT ${RECEIPT_COLUMNS} FROM receipts_before ORDER BY rowid`,
            'DROP TABLE receipts_before',
            ...receiptGuards(dialect),
          ]),
    ],
  },
  {
    version: 7,
    name: 'until when an account was stated',
    statements: () => ['ALTER TABLE accounts ADD COLUMN stated_until_ms BIGINT NOT NULL DEFAULT 0'],
  },
  {
    version: 8,
    name: 'what the books never do is refused',
    statements: (dialect) => [
      ...dropRefusal(dialect, 'transfers', 'resolution_without_its_hold'),
      ...refuseGroundless(dialect),
      ...refuseUpdateOf(dialect, 'accounts', 'id, kind', 'an account keeps its id and its kind'),
      ...refuseUpdateOf(
        dialect,
        'calls',
        'id, account_id, key_id, endpoint, provider, seller_id, request_digest, hold, fee_bps, day, created_at_ms',
        'a call stays what it was opened as',
      ),
      ...refuseUpdateOf(
        dialect,
        'receipt_keys',
        'address, valid_from',
        'a published key keeps its address and its begin',
      ),
      // One that comes back within the second of its begin goes on.
      ...refuse(
        dialect,
        'receipt_keys',
        'receipt_keys_keep_their_end',
        'UPDATE',
        'OLD.valid_until IS NOT NULL AND NEW.valid_until IS NOT NULL',
        'a published key ends once',
      ),
      ...['api_keys', 'key_days', 'ratings', 'seller_ratings'].flatMap((table) => refuseDelete(dialect, table)),
    ],
  },
];

/** The names of the triggers that the whole schema has. */
export function triggersOf(dialect: Dialect): readonly string[] {
  const names = new Set<string>();
  for (const statement of MIGRATIONS.flatMap(({ statements }) => statements(dialect))) {
    const [, change, name] = /^(CREATE|DROP) TRIGGER (\w+)/.exec(statement) ?? [];
    if (change === 'CREATE') names.add(name!);
    else if (change === 'DROP') names.delete(name!);
  }
  return [...names];
}

const RECEIPT_COLUMNS = 'id, account_id, number, call_id, message, digest, signature, signer';

function accounts(dialect: Dialect): readonly string[] {
  return [
    `CREATE TABLE accounts (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('buyer', 'seller', 'platform', 'deposits', 'losses')),
      name TEXT NOT NULL,
      status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'frozen')),
      debits_pending ${amountType(dialect, 'debits_pending')} DEFAULT 0,
      debits_posted ${amountType(dialect, 'debits_posted')} DEFAULT 0,
      credits_pending ${amountType(dialect, 'credits_pending')} DEFAULT 0,
      credits_posted ${amountType(dialect, 'credits_posted')} DEFAULT 0,
      created_at_ms BIGINT NOT NULL,
      CHECK (kind <> 'buyer' OR credits_posted - debits_posted - debits_pending >= 0)
    )`,
    'CREATE INDEX accounts_by_kind ON accounts (kind, created_at_ms)',
    `INSERT INTO accounts (id, kind, name, created_at_ms) VALUES
      ('platform', 'platform', 'Platform fees', 0),
      ('deposits', 'deposits', 'Deposits from outside', 0),
      ('losses', 'losses', 'Losses', 0)`,
    ...refuseDelete(dialect, 'accounts'),
  ];
}

function transfers(dialect: Dialect): readonly string[] {
  return [
    `CREATE TABLE transfers (
      sequence ${sequenceType(dialect)} PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL CHECK (kind IN ('direct', 'pending', 'post', 'void')),
      debit_account TEXT NOT NULL REFERENCES accounts (id),
      credit_account TEXT NOT NULL REFERENCES accounts (id),
      amount ${amountType(dialect, 'amount')},
      pending_id TEXT UNIQUE REFERENCES transfers (id),
      call_id TEXT,
      reference TEXT UNIQUE,
      created_at_ms BIGINT NOT NULL,
      CHECK (debit_account <> credit_account),
      CHECK ((kind IN ('post', 'void')) = (pending_id IS NOT NULL)),
      CHECK (kind <> 'void' OR amount = 0)
    )`,
    'CREATE INDEX transfers_by_debit ON transfers (debit_account, sequence)',
    'CREATE INDEX transfers_by_credit ON transfers (credit_account, sequence)',
    ...refuseUpdate(dialect, 'transfers'),
    ...refuseDelete(dialect, 'transfers'),
    ...refuseInsert(
      dialect,
      'transfers',
      'resolution_without_its_hold',
      `NEW.pending_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM transfers AS hold
        WHERE hold.id = NEW.pending_id AND hold.kind = 'pending' AND hold.amount >= NEW.amount
          AND hold.debit_account = NEW.debit_account AND hold.credit_account = NEW.credit_account)`,
      'a transfer resolves a hold of the same two accounts, for at most its amount',
    ),
  ];
}

function apiKeys(dialect: Dialect): readonly string[] {
  return [
    `CREATE TABLE api_keys (
      id TEXT PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES accounts (id),
      hash TEXT NOT NULL UNIQUE,
      prefix TEXT NOT NULL,
      name TEXT NOT NULL,
      daily_limit ${optionalAmountType(dialect, 'daily_limit')},
      max_price ${optionalAmountType(dialect, 'max_price')},
      providers TEXT,
      created_at_ms BIGINT NOT NULL,
      expires_at_ms BIGINT,
      revoked_at_ms BIGINT
    )`,
    'CREATE INDEX api_keys_by_account ON api_keys (account_id, created_at_ms)',
    `CREATE TABLE key_days (
      key_id TEXT NOT NULL REFERENCES api_keys (id),
      day TEXT NOT NULL,
      reserved ${amountType(dialect, 'reserved')},
      PRIMARY KEY (key_id, day)
    )`,
  ];
}

function calls(dialect: Dialect): readonly string[] {
  return [
    `CREATE TABLE calls (
      id TEXT PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES accounts (id),
      key_id TEXT NOT NULL REFERENCES api_keys (id),
      endpoint TEXT NOT NULL,
      provider TEXT NOT NULL,
      seller_id TEXT NOT NULL,
      idempotency_digest TEXT,
      request_digest TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('held', 'dispatched', 'captured', 'released', 'unknown')),
      hold ${amountType(dialect, 'hold')},
      charge ${amountType(dialect, 'charge')} DEFAULT 0,
      reason TEXT,
      upstream_status BIGINT,
      day TEXT NOT NULL,
      deadline_ms BIGINT NOT NULL,
      created_at_ms BIGINT NOT NULL,
      dispatched_at_ms BIGINT,
      finished_at_ms BIGINT,
      UNIQUE (account_id, idempotency_digest),
      CHECK (charge <= hold),
      CHECK (charge = 0 OR state = 'captured'),
      CHECK ((finished_at_ms IS NULL) = (state IN ('held', 'dispatched'))),
      CHECK (dispatched_at_ms IS NOT NULL OR state NOT IN ('dispatched', 'unknown'))
    )`,
    'CREATE INDEX calls_by_account ON calls (account_id, created_at_ms, id)',
    'CREATE INDEX calls_by_endpoint ON calls (endpoint, finished_at_ms) WHERE dispatched_at_ms IS NOT NULL',
    "CREATE INDEX calls_open ON calls (deadline_ms) WHERE state IN ('held', 'dispatched')",
    ...refuseDelete(dialect, 'calls'),
    ...refuseUpdate(dialect, 'calls', 'OLD.finished_at_ms IS NOT NULL', 'a resolved call is final'),
    `CREATE TABLE answers (
      call_id TEXT PRIMARY KEY REFERENCES calls (id),
      status BIGINT,
      headers TEXT,
      content_type TEXT,
      warnings TEXT,
      body ${dialect === 'sqlite' ? 'BLOB' : 'BYTEA'},
      error TEXT,
      expires_at_ms BIGINT NOT NULL,
      CHECK ((error IS NULL) = (body IS NOT NULL))
    )`,
    'CREATE INDEX answers_by_expiry ON answers (expires_at_ms)',
  ];
}

function receipts(dialect: Dialect): readonly string[] {
  return [
    receiptsTable('TEXT NOT NULL UNIQUE'),
    ...receiptGuards(dialect),
    `CREATE TABLE receipt_keys (
      address TEXT NOT NULL,
      valid_from BIGINT NOT NULL,
      valid_until BIGINT,
      PRIMARY KEY (address, valid_from),
      CHECK (valid_until IS NULL OR valid_until >= valid_from)
    )`,
    ...refuseDelete(dialect, 'receipt_keys'),
  ];
}

/** @param digestType of the column of digests */
function receiptsTable(digestType: string): string {
  return `CREATE TABLE receipts (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    call_id TEXT NOT NULL UNIQUE REFERENCES calls (id),
    message TEXT NOT NULL,
    digest ${digestType},
    signature TEXT NOT NULL,
    signer TEXT NOT NULL,
    UNIQUE (account_id, number)
  )`;
}

function receiptGuards(dialect: Dialect): readonly string[] {
  return [
    ...refuseUpdate(dialect, 'receipts'),
    ...refuseDelete(dialect, 'receipts'),
    ...refuseInsert(
      dialect,
      'receipts',
      'receipt_without_capture',
      `NOT EXISTS (
        SELECT 1 FROM calls
        WHERE calls.id = NEW.call_id AND calls.account_id = NEW.account_id AND calls.state = 'captured')`,
      'a receipt is for a captured call of its account',
    ),
  ];
}

function quotes(dialect: Dialect): readonly string[] {
  return [
    `CREATE TABLE quotes (
      id TEXT PRIMARY KEY,
      endpoint TEXT NOT NULL,
      request_digest TEXT NOT NULL,
      price TEXT NOT NULL,
      max_charge ${amountType(dialect, 'max_charge')},
      catalogue_digest TEXT NOT NULL,
      expires_at_ms BIGINT NOT NULL
    )`,
    'CREATE INDEX quotes_by_expiry ON quotes (expires_at_ms)',
  ];
}

function ratings(dialect: Dialect): readonly string[] {
  return [
    `CREATE TABLE ratings (
      call_id TEXT PRIMARY KEY REFERENCES calls (id),
      account_id TEXT NOT NULL REFERENCES accounts (id),
      seller_id TEXT NOT NULL,
      provider TEXT NOT NULL,
      endpoint TEXT NOT NULL,
      stars BIGINT NOT NULL CHECK (stars BETWEEN 1 AND 5),
      comment TEXT,
      created_at_ms BIGINT NOT NULL
    )`,
    ...refuseUpdate(dialect, 'ratings'),
    `CREATE TABLE seller_ratings (
      seller_id TEXT PRIMARY KEY,
      stars_total BIGINT NOT NULL,
      ratings BIGINT NOT NULL CHECK (ratings >= 1),
      CHECK (stars_total BETWEEN ratings AND ratings * 5)
    )`,
  ];
}

function amountType(dialect: Dialect, column: string): string {
  return `BIGINT NOT NULL CHECK (${isAmount(dialect, column)})`;
}

function optionalAmountType(dialect: Dialect, column: string): string {
  return `BIGINT CHECK (${column} IS NULL OR ${isAmount(dialect, column)})`;
}

/** SQLite types a value and not its column: what it could not turn into an integer, it would keep as it is. */
function isAmount(dialect: Dialect, column: string): string {
  const range = `${column} BETWEEN 0 AND ${MAX_AMOUNT}`;
  return dialect === 'sqlite' ? `${range} AND typeof(${column}) = 'integer'` : range;
}

/** Numbers rows in the order in which they were committed, since one transaction writes at a time. */
function sequenceType(dialect: Dialect): string {
  return dialect === 'sqlite' ? 'INTEGER' : 'BIGINT GENERATED ALWAYS AS IDENTITY';
}

function refuseUpdate(
  dialect: Dialect,
  table: string,
  when?: string,
  message = `rows of ${table} are never changed`,
): readonly string[] {
  return refuse(dialect, table, `${table}_never_changed`, 'UPDATE', when, message);
}

function refuseDelete(dialect: Dialect, table: string): readonly string[] {
  const message = `rows of ${table} are never deleted`;
  const row = refuse(dialect, table, `${table}_never_deleted`, 'DELETE', undefined, message);
  if (dialect === 'sqlite') return row;
  return [
    ...row,
    `CREATE TRIGGER ${table}_never_truncated BEFORE TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION ${table}_never_deleted()`,
  ];
}

function refuseInsert(dialect: Dialect, table: string, name: string, when: string, message: string): readonly string[] {
  return refuse(dialect, table, name, 'INSERT', when, message);
}

/** Costs nothing where an UPDATE sets none of the columns. */
function refuseUpdateOf(dialect: Dialect, table: string, columns: string, message: string): readonly string[] {
  return refuse(dialect, table, `${table}_keep_what_they_are`, `UPDATE OF ${columns}`, undefined, message);
}

const HOLD_OF_NEW = `SELECT 1 FROM transfers AS hold
  WHERE hold.id = NEW.pending_id AND hold.kind = 'pending' AND hold.amount >= NEW.amount
    AND hold.debit_account = NEW.debit_account AND hold.credit_account = NEW.credit_account`;

/** The commands write a call before its transfers. */
const CALL_OF_FEE = `SELECT 1 FROM calls
  WHERE calls.id = NEW.call_id AND calls.state = 'captured' AND calls.charge >= NEW.amount
    AND NEW.debit_account = 'seller:' || calls.seller_id`;

const BUYER_OF_DEPOSIT = "SELECT 1 FROM accounts WHERE accounts.id = NEW.credit_account AND accounts.kind = 'buyer'";

/**
 * A transfer that is neither a hold, nor resolves one, nor is a deposit or a fee. One trigger tells all kinds apart, and
 * looks for rows of one kind only: on PostgreSQL each statement with a subquery takes longer to begin than to run.
 */
function refuseGroundless(dialect: Dialect): readonly string[] {
  const name = 'transfer_without_its_ground';
  const message =
    'a transfer resolves a hold of the same two accounts, for at most its amount; without a hold it is a deposit to a buyer or the fee of a call';
  const kinds = [
    ['NEW.pending_id IS NOT NULL', `NOT EXISTS (${HOLD_OF_NEW})`],
    ["NEW.kind <> 'direct'", 'false'],
    ["NEW.credit_account = 'platform'", `NOT EXISTS (${CALL_OF_FEE})`],
    ["NEW.debit_account <> 'deposits' OR NEW.reference IS NULL", 'true'],
    ['true', `NOT EXISTS (${BUYER_OF_DEPOSIT})`],
  ] as const;
  if (dialect === 'sqlite') {
    const groundless = kinds.map(([kind, refused]) => `WHEN ${kind} THEN ${refused}`);
    return refuseInsert(dialect, 'transfers', name, `CASE ${groundless.join(' ')} END`, message);
  }
  const branches = kinds.map(([kind, refused]) => `${kind} THEN refused := ${refused};`);
  return [
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE refused boolean;
      BEGIN
        IF ${branches.join(' ELSIF ')} END IF;
        IF refused THEN RAISE EXCEPTION '${message}' USING ERRCODE = '23514'; END IF;
        RETURN NEW;
      END $$`,
    `CREATE TRIGGER ${name} BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION ${name}()`,
  ];
}

function dropRefusal(dialect: Dialect, table: string, name: string): readonly string[] {
  return dialect === 'sqlite'
    ? [`DROP TRIGGER ${name}`]
    : [`DROP TRIGGER ${name} ON ${table}`, `DROP FUNCTION ${name}()`];
}

/** A trigger that refuses the change. `when` may use OLD and NEW, and subqueries. */
function refuse(
  dialect: Dialect,
  table: string,
  name: string,
  change: 'INSERT' | 'UPDATE' | `UPDATE OF ${string}` | 'DELETE',
  when: string | undefined,
  message: string,
): readonly string[] {
  if (dialect === 'sqlite') {
    const condition = when === undefined ? '' : `WHEN ${when}`;
    return [
      `CREATE TRIGGER ${name} BEFORE ${change} ON ${table} ${condition}
        BEGIN SELECT RAISE(ABORT, '${message}'); END`,
    ];
  }
  // PostgreSQL allows no subquery in a trigger's WHEN, so the function decides. 23514 is check_violation.
  const passes = change === 'DELETE' ? 'OLD' : 'NEW';
  return [
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF ${when ?? 'true'} THEN RAISE EXCEPTION '${message}' USING ERRCODE = '23514'; END IF;
        RETURN ${passes};
      END $$`,
    `CREATE TRIGGER ${name} BEFORE ${change} ON ${table} FOR EACH ROW EXECUTE FUNCTION ${name}()`,
  ];
}
