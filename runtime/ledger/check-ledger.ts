/**
 * Recomputes the books from their rows and names every contradiction: what `tollgate ledger check` prints, and what
 * every test of money ends with. It trusts nothing that the ledger keeps beside the transfers: no balance, no state, no
 * digest. Read in one snapshot, so that it holds at any moment, also while calls run.
 */

import { verifyChain } from '../receipt/verify-receipt.js';
import { publishedKeys } from '../receipt/published-keys.js';
import { integer, text } from '../store/column.js';
import type { Binding, Sql } from '../store/sql.js';
import { receiptOf } from './call-record.js';
import type { InvariantResult } from './ledger.js';

interface SqlInvariant {
  readonly invariant: string;
  /** Selects one row for each violation, with a text `violation`. */
  readonly violations: string;
}

/** How many violations of one kind are told: the first show what is wrong, and the rest would fill the terminal. */
const SHOWN = 20;

/** How many receipts are in memory at once. */
const PAGE = 500;

/** The holds that nothing has resolved. */
const OPEN_HOLDS = `SELECT * FROM transfers AS hold WHERE hold.kind = 'pending'
  AND NOT EXISTS (SELECT 1 FROM transfers AS resolution WHERE resolution.pending_id = hold.id)`;

/** A call's fee. Reckoned in two parts, since a charge times ten thousand may not fit 64 bits. */
const FEE = 'charge / 10000 * fee_bps + charge % 10000 * fee_bps / 10000';

const INVARIANTS: readonly SqlInvariant[] = [
  {
    invariant: 'the sum of all debits equals the sum of all credits, pending likewise',
    violations: `SELECT 'posted: debits ' || CAST(SUM(debits_posted) AS TEXT) || ', credits ' || CAST(SUM(credits_posted) AS TEXT)
        || '; pending: debits ' || CAST(SUM(debits_pending) AS TEXT) || ', credits ' || CAST(SUM(credits_pending) AS TEXT) AS violation
      FROM accounts
      HAVING SUM(debits_posted) <> SUM(credits_posted) OR SUM(debits_pending) <> SUM(credits_pending)`,
  },
  ...(['debits', 'credits'] as const).flatMap((side): readonly SqlInvariant[] => [
    columnEqualsTransfers(`${side}_posted`, "SELECT * FROM transfers WHERE kind IN ('direct', 'post')", side),
    columnEqualsTransfers(`${side}_pending`, OPEN_HOLDS, side),
  ]),
  {
    invariant: 'no buyer has less than nothing',
    violations: `SELECT id || ' has ' || CAST(credits_posted - debits_posted - debits_pending AS TEXT) AS violation
      FROM accounts WHERE kind = 'buyer' AND credits_posted - debits_posted - debits_pending < 0`,
  },
  {
    invariant: 'what is held equals the open calls, one hold a call',
    violations: `SELECT COALESCE(calls.id, hold.call_id, hold.id) || ': the call holds ' || COALESCE(CAST(calls.hold AS TEXT), 'nothing')
        || ', its open transfer is ' || COALESCE(CAST(hold.amount AS TEXT), 'absent') AS violation
      FROM (SELECT * FROM calls WHERE state IN ('held', 'dispatched')) AS calls
      FULL JOIN (${OPEN_HOLDS}) AS hold ON hold.call_id = calls.id
      WHERE calls.id IS NULL OR hold.id IS NULL OR calls.hold <> hold.amount OR calls.account_id <> hold.debit_account`,
  },
  {
    invariant: 'a hold resolves at most once, between its own accounts, for at most its amount',
    violations: `SELECT resolution.id || ' does not resolve ' || resolution.pending_id AS violation
      FROM transfers AS resolution LEFT JOIN transfers AS hold ON hold.id = resolution.pending_id
      WHERE resolution.pending_id IS NOT NULL AND (hold.id IS NULL OR hold.kind <> 'pending'
        OR hold.debit_account <> resolution.debit_account OR hold.credit_account <> resolution.credit_account
        OR hold.amount < resolution.amount
        OR (SELECT COUNT(*) FROM transfers AS other WHERE other.pending_id = hold.id) > 1)`,
  },
  {
    invariant: 'a resolved call has the transfer of its outcome, for its charge',
    violations: `SELECT calls.id || ' is ' || calls.state || ' for ' || CAST(calls.charge AS TEXT) || ', its transfer is '
        || COALESCE(done.kind || ' of ' || CAST(done.amount AS TEXT), 'absent') AS violation
      FROM calls LEFT JOIN transfers AS done ON done.call_id = calls.id AND done.kind IN ('post', 'void')
      WHERE calls.state IN ('captured', 'released', 'unknown') AND (done.id IS NULL OR done.amount <> calls.charge
        OR done.kind <> CASE WHEN calls.state = 'captured' THEN 'post' ELSE 'void' END)`,
  },
  {
    invariant: "the platform has its part of every charge, rounded down, from the charge's seller",
    // Two joins, each along an index: a full join of what is reckoned with what is found would compare each with each.
    violations: `SELECT calls.id || ': the fee is ' || CAST(${FEE} AS TEXT) || ', its transfer is '
        || COALESCE('of ' || CAST(fee.amount AS TEXT), 'absent') AS violation
      FROM calls LEFT JOIN transfers AS fee ON fee.id = 'fee_' || substr(calls.id, 6)
      WHERE charge > 0 AND fee_bps > 0 AND ${FEE} > 0 AND (fee.id IS NULL OR fee.amount <> ${FEE} OR fee.kind <> 'direct'
        OR fee.call_id <> calls.id OR fee.debit_account <> 'seller:' || calls.seller_id OR fee.credit_account <> 'platform')
      UNION ALL SELECT fee.id || ' is a fee, and its call owes none' AS violation
      FROM transfers AS fee LEFT JOIN calls ON calls.id = fee.call_id
      WHERE fee.credit_account = 'platform' AND fee.kind = 'direct' AND fee.call_id IS NOT NULL
        AND (calls.id IS NULL OR ${FEE} = 0 OR fee.id <> 'fee_' || substr(calls.id, 6))`,
  },
  {
    invariant: 'no charge is above its hold',
    violations: `SELECT id || ' charged ' || CAST(charge AS TEXT) || ' of ' || CAST(hold AS TEXT) AS violation
      FROM calls WHERE charge > hold`,
  },
  {
    invariant: 'a captured call has a receipt, and no other call has one',
    violations: `SELECT COALESCE(calls.id, receipts.id) || CASE WHEN calls.id IS NULL
          THEN ' is a receipt without a captured call of its account' ELSE ' is captured without a receipt' END AS violation
      FROM (SELECT * FROM calls WHERE state = 'captured') AS calls
      FULL JOIN receipts ON receipts.call_id = calls.id AND receipts.account_id = calls.account_id
      WHERE calls.id IS NULL OR receipts.id IS NULL`,
  },
  {
    invariant: 'what a key has reserved of a day equals its calls of that day',
    violations: `SELECT COALESCE(key_days.key_id, spent.key_id) || ' on ' || COALESCE(key_days.day, spent.day) || ' has reserved '
        || CAST(COALESCE(key_days.reserved, 0) AS TEXT) || ', its calls come to ' || CAST(COALESCE(spent.total, 0) AS TEXT) AS violation
      FROM key_days FULL JOIN (
        SELECT key_id, day, SUM(CASE WHEN state IN ('held', 'dispatched') THEN hold ELSE charge END) AS total
        FROM calls GROUP BY key_id, day
      ) AS spent ON spent.key_id = key_days.key_id AND spent.day = key_days.day
      WHERE COALESCE(key_days.reserved, 0) <> COALESCE(spent.total, 0)`,
  },
];

/** Every invariant of money and of states with its violations, in a fixed order: a few statements over the rows. */
export async function checkMoney(sql: Sql): Promise<readonly InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const { invariant, violations } of INVARIANTS) {
    const rows = await sql.rows(`${violations} LIMIT ${SHOWN}`);
    results.push({ invariant, violations: rows.map((row) => text(row, 'violation')) });
  }
  return results;
}

/** Those, and each receipt's own truth: about a millisecond a receipt, for its signer is recovered from its signature. */
export async function checkLedger(sql: Sql): Promise<readonly InvariantResult[]> {
  return [...(await checkMoney(sql)), await checkReceipts(sql)];
}

function columnEqualsTransfers(column: string, transfers: string, side: 'debits' | 'credits'): SqlInvariant {
  const account = side === 'debits' ? 'debit_account' : 'credit_account';
  return {
    invariant: `an account's ${column.replace('_', ' ')} equal its transfers`,
    violations: `SELECT accounts.id || ' has ' || CAST(accounts.${column} AS TEXT) || ', its transfers come to '
        || CAST(COALESCE(sums.total, 0) AS TEXT) AS violation
      FROM accounts LEFT JOIN (
        SELECT entries.${account} AS account_id, SUM(entries.amount) AS total FROM (${transfers}) AS entries GROUP BY entries.${account}
      ) AS sums ON sums.account_id = accounts.id
      WHERE accounts.${column} <> COALESCE(sums.total, 0)`,
  };
}

/**
 * Each account's receipts are numbered without a gap, linked by their digests, signed by a key of the time, and say
 * what their calls say.
 */
async function checkReceipts(sql: Sql): Promise<InvariantResult> {
  const signers = await publishedKeys(sql);
  const violations: string[] = [];
  let after: readonly Binding[] = ['', 0];
  let previous: { readonly account: string; readonly number: number; readonly digest: string } | undefined;
  for (;;) {
    const rows = await sql.rows(
      `SELECT receipts.account_id, receipts.number, receipts.message, receipts.digest, receipts.signature, receipts.signer,
          calls.id AS call_id, calls.endpoint, calls.seller_id, calls.request_digest, CAST(calls.charge AS TEXT) AS charge
        FROM receipts JOIN calls ON calls.id = receipts.call_id
        WHERE (receipts.account_id, receipts.number) > (?, CAST(? AS BIGINT))
        ORDER BY receipts.account_id, receipts.number LIMIT ${PAGE}`,
      after,
    );
    for (const row of rows) {
      const account = text(row, 'account_id');
      const number = integer(row, 'number');
      const receipt = receiptOf(row);
      const verdict = verifyChain([receipt], { signers }, previous?.account === account ? previous : undefined);
      if (!verdict.valid) violations.push(`receipt ${number} of ${account}: ${verdict.reason}`);
      const { message } = receipt;
      if (
        message.account !== account ||
        message.number !== number ||
        message.receiptId.slice('rcpt_'.length) !== text(row, 'call_id').slice('call_'.length) ||
        message.endpoint !== text(row, 'endpoint') ||
        message.seller !== text(row, 'seller_id') ||
        message.requestDigest !== `0x${text(row, 'request_digest')}` ||
        message.amountMicroUsdc !== text(row, 'charge')
      ) {
        violations.push(`receipt ${number} of ${account} does not say what its call says`);
      }
      previous = { account, number, digest: receipt.digest };
    }
    const last = rows.at(-1);
    if (last === undefined || violations.length >= SHOWN) break;
    after = [text(last, 'account_id'), integer(last, 'number')];
  }
  return {
    invariant: "each account's receipts are numbered without a gap, linked, signed and true",
    violations: violations.slice(0, SHOWN),
  };
}
