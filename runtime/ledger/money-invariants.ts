/**
 * What must hold of money and of states: one statement for each invariant, which selects whatever contradicts it. The
 * same statements check the whole of the books, or only what was added since they were found sound.
 *
 * What has to be on both of two sides is looked up twice, from each side along an index of the other: for a full join
 * SQLite would compare each row with each.
 */

export interface SqlInvariant {
  readonly invariant: string;
  /** Selects one row for each violation, with a text `violation`. */
  readonly violations: string;
}

type Side = 'debits' | 'credits';

/** The rows that are looked at: each is SQL that may stand between FROM and AS. */
interface Scope {
  readonly transfers: string;
  readonly calls: string;
  readonly receipts: string;
  /** A SELECT of the holds that nothing has resolved. */
  readonly openHolds: string;
  /** A SELECT of `account_id` and `amount`, which come to the account's posted balance of this side. */
  readonly posted: (side: Side) => string;
}

/** A condition on the transfer `hold`. */
const UNRESOLVED = 'NOT EXISTS (SELECT 1 FROM transfers AS resolution WHERE resolution.pending_id = hold.id)';

/** A call's fee. It is computed in two parts, since a charge times ten thousand may not fit 64 bits. */
const FEE = 'charge / 10000 * fee_bps + charge % 10000 * fee_bps / 10000';

/** Every invariant, over every row. It trusts nothing that the ledger keeps beside the transfers. */
export const WHOLE_BOOKS: readonly SqlInvariant[] = [
  ...invariantsOf({
    transfers: 'transfers',
    calls: 'calls',
    receipts: 'receipts',
    openHolds: `SELECT * FROM transfers AS hold WHERE hold.kind = 'pending' AND ${UNRESOLVED}`,
    posted: (side) => `SELECT ${accountOf(side)} AS account_id, amount FROM transfers WHERE kind IN ('direct', 'post')`,
  }),
  {
    invariant: 'what a key has reserved of a day equals its calls of that day',
    violations: `SELECT key_id || ' on ' || day || ' has reserved ' || CAST(SUM(reserved) AS TEXT) || ', its calls come to '
        || CAST(SUM(spent) AS TEXT) AS violation
      FROM (
        SELECT key_id, day, reserved, 0 AS spent FROM key_days
        UNION ALL SELECT key_id, day, 0, CASE WHEN state IN ('held', 'dispatched') THEN hold ELSE charge END FROM calls
      ) AS entries
      GROUP BY key_id, day HAVING SUM(reserved) <> SUM(spent)`,
  },
];

/**
 * What can have been broken since the checkpoint of this sequence, given that entries of the books are never changed,
 * which the schema enforces. The time it takes grows with the accounts, the open calls, and the transfers since. The
 * budgets of days are left out: no money depends on them, and a day may have any number of calls.
 * @param sequence of the last transfer that the checkpoint holds: a whole number.
 */
export function booksSince(sequence: number): readonly SqlInvariant[] {
  const transfers = `(SELECT * FROM transfers WHERE sequence > ${sequence})`;
  const touched = `(SELECT call_id FROM transfers WHERE sequence > ${sequence})`;
  return invariantsOf({
    transfers,
    calls: `(SELECT * FROM calls WHERE id IN ${touched})`,
    receipts: `(SELECT * FROM receipts WHERE call_id IN ${touched})`,
    openHolds: `SELECT hold.* FROM calls JOIN transfers AS hold ON hold.id = 'hold_' || substr(calls.id, 6)
      WHERE calls.state IN ('held', 'dispatched') AND ${UNRESOLVED}`,
    posted: (side) => `SELECT ${accountOf(side)} AS account_id, amount FROM ${transfers} AS entries
      WHERE kind IN ('direct', 'post') UNION ALL SELECT account_id, ${side}_posted FROM checkpoints`,
  });
}

function invariantsOf(scope: Scope): readonly SqlInvariant[] {
  return [
    {
      invariant: 'the sum of all debits equals the sum of all credits, pending likewise',
      violations: `SELECT 'posted: debits ' || CAST(SUM(debits_posted) AS TEXT) || ', credits ' || CAST(SUM(credits_posted) AS TEXT)
        || '; pending: debits ' || CAST(SUM(debits_pending) AS TEXT) || ', credits ' || CAST(SUM(credits_pending) AS TEXT) AS violation
      FROM accounts
      HAVING SUM(debits_posted) <> SUM(credits_posted) OR SUM(debits_pending) <> SUM(credits_pending)`,
    },
    ...(['debits', 'credits'] as const).flatMap((side): readonly SqlInvariant[] => [
      columnEqualsEntries(`${side}_posted`, scope.posted(side)),
      columnEqualsEntries(
        `${side}_pending`,
        `SELECT ${accountOf(side)} AS account_id, amount FROM (${scope.openHolds}) AS hold`,
      ),
    ]),
    {
      invariant: 'no buyer has less than nothing',
      violations: `SELECT id || ' has ' || CAST(credits_posted - debits_posted - debits_pending AS TEXT) AS violation
      FROM accounts WHERE kind = 'buyer' AND credits_posted - debits_posted - debits_pending < 0`,
    },
    {
      invariant: 'what is held equals the open calls, one hold a call',
      violations: `SELECT calls.id || ': the call holds ' || CAST(calls.hold AS TEXT) || ', its open transfer is '
        || COALESCE(CAST(hold.amount AS TEXT), 'absent') AS violation
      FROM calls LEFT JOIN transfers AS hold
        ON hold.id = 'hold_' || substr(calls.id, 6) AND hold.kind = 'pending' AND hold.call_id = calls.id AND ${UNRESOLVED}
      WHERE calls.state IN ('held', 'dispatched')
        AND (hold.id IS NULL OR calls.hold <> hold.amount OR calls.account_id <> hold.debit_account)
      UNION ALL SELECT COALESCE(hold.call_id, hold.id) || ': the call holds nothing, its open transfer is '
        || CAST(hold.amount AS TEXT) AS violation
      FROM (${scope.openHolds}) AS hold LEFT JOIN calls
        ON calls.id = hold.call_id AND calls.state IN ('held', 'dispatched') WHERE calls.id IS NULL`,
    },
    {
      invariant: 'a hold resolves at most once, between its own accounts, for at most its amount',
      violations: `SELECT resolution.id || ' does not resolve ' || resolution.pending_id AS violation
      FROM ${scope.transfers} AS resolution LEFT JOIN transfers AS hold ON hold.id = resolution.pending_id
      WHERE resolution.pending_id IS NOT NULL AND (hold.id IS NULL OR hold.kind <> 'pending'
        OR hold.debit_account <> resolution.debit_account OR hold.credit_account <> resolution.credit_account
        OR hold.amount < resolution.amount
        OR (SELECT COUNT(*) FROM transfers AS other WHERE other.pending_id = hold.id) > 1)`,
    },
    {
      invariant: 'a resolved call has the transfer of its outcome, for its charge',
      violations: `SELECT calls.id || ' is ' || calls.state || ' for ' || CAST(calls.charge AS TEXT) || ', its transfer is '
        || COALESCE(done.kind || ' of ' || CAST(done.amount AS TEXT), 'absent') AS violation
      FROM ${scope.calls} AS calls LEFT JOIN transfers AS done ON done.id = 'done_' || substr(calls.id, 6)
      WHERE calls.state IN ('captured', 'released', 'unknown') AND (done.id IS NULL OR done.call_id <> calls.id
        OR done.pending_id <> 'hold_' || substr(calls.id, 6) OR done.amount <> calls.charge
        OR done.kind <> CASE WHEN calls.state = 'captured' THEN 'post' ELSE 'void' END)`,
    },
    {
      invariant: "the platform has its part of every charge, rounded down, from the charge's seller",
      violations: `SELECT calls.id || ': the fee is ' || CAST(${FEE} AS TEXT) || ', its transfer is '
        || COALESCE('of ' || CAST(fee.amount AS TEXT), 'absent') AS violation
      FROM ${scope.calls} AS calls LEFT JOIN transfers AS fee ON fee.id = 'fee_' || substr(calls.id, 6)
      WHERE charge > 0 AND fee_bps > 0 AND ${FEE} > 0 AND (fee.id IS NULL OR fee.amount <> ${FEE} OR fee.kind <> 'direct'
        OR fee.debit_account <> 'seller:' || calls.seller_id OR fee.credit_account <> 'platform')
      UNION ALL SELECT fee.id || ' is a fee, and its call owes none' AS violation
      FROM ${scope.transfers} AS fee LEFT JOIN calls ON calls.id = fee.call_id
      WHERE fee.credit_account = 'platform' AND fee.kind = 'direct' AND fee.call_id IS NOT NULL
        AND (calls.id IS NULL OR ${FEE} = 0 OR fee.id <> 'fee_' || substr(calls.id, 6))`,
    },
    {
      invariant: "a hold is its call's, from the call's buyer to its seller, for what the call holds",
      violations: `SELECT hold.id || ' of ' || CAST(hold.amount AS TEXT) || ' from ' || hold.debit_account || ' to '
        || hold.credit_account || ' is not what ' || COALESCE(calls.id, 'any call') || ' holds' AS violation
      FROM ${scope.transfers} AS hold LEFT JOIN calls ON calls.id = hold.call_id
      LEFT JOIN accounts AS buyer ON buyer.id = hold.debit_account AND buyer.kind = 'buyer'
      WHERE hold.kind = 'pending' AND (calls.id IS NULL OR buyer.id IS NULL OR hold.id <> 'hold_' || substr(calls.id, 6)
        OR hold.amount <> calls.hold OR hold.debit_account <> calls.account_id
        OR hold.credit_account <> 'seller:' || calls.seller_id)`,
    },
    {
      invariant: 'what is transferred without a hold is a deposit to a buyer, or the fee of a call',
      violations: `SELECT entry.id || ' of ' || CAST(entry.amount AS TEXT) || ' from ' || entry.debit_account || ' to '
        || entry.credit_account || ' is neither' AS violation
      FROM ${scope.transfers} AS entry
      LEFT JOIN accounts AS buyer ON buyer.id = entry.credit_account AND buyer.kind = 'buyer'
      WHERE entry.kind = 'direct' AND (entry.credit_account <> 'platform' OR entry.call_id IS NULL)
        AND (entry.debit_account <> 'deposits' OR entry.reference IS NULL OR buyer.id IS NULL)`,
    },
    {
      invariant: 'no charge is above its hold',
      violations: `SELECT id || ' charged ' || CAST(charge AS TEXT) || ' of ' || CAST(hold AS TEXT) AS violation
      FROM ${scope.calls} AS calls WHERE charge > hold`,
    },
    {
      invariant: 'a captured call has a receipt, and no other call has one',
      violations: `SELECT calls.id || ' is captured without a receipt' AS violation
      FROM ${scope.calls} AS calls
      LEFT JOIN receipts ON receipts.call_id = calls.id AND receipts.account_id = calls.account_id
      WHERE calls.state = 'captured' AND receipts.id IS NULL
      UNION ALL SELECT receipts.id || ' is a receipt without a captured call of its account' AS violation
      FROM ${scope.receipts} AS receipts LEFT JOIN calls
        ON calls.id = receipts.call_id AND calls.account_id = receipts.account_id AND calls.state = 'captured'
      WHERE calls.id IS NULL`,
    },
  ];
}

function columnEqualsEntries(column: string, entries: string): SqlInvariant {
  return {
    invariant: `an account's ${column.replace('_', ' ')} equal its transfers`,
    violations: `SELECT accounts.id || ' has ' || CAST(accounts.${column} AS TEXT) || ', its transfers come to '
        || CAST(COALESCE(sums.total, 0) AS TEXT) AS violation
      FROM accounts LEFT JOIN (
        SELECT entries.account_id, SUM(entries.amount) AS total FROM (${entries}) AS entries GROUP BY entries.account_id
      ) AS sums ON sums.account_id = accounts.id
      WHERE accounts.${column} <> COALESCE(sums.total, 0)`,
  };
}

function accountOf(side: Side): string {
  return side === 'debits' ? 'debit_account' : 'credit_account';
}
