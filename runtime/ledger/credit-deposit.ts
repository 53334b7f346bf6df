/**
 * Brings money in from outside, once for each reference: debits the deposits account, credits the buyer.
 */

import type { Clock } from '../clock.js';
import { newId } from '../clock.js';
import { amount, text } from '../store/column.js';
import type { Sql } from '../store/sql.js';
import type { AccountId } from './ledger.js';
import { formatUsdc, type MicroUsdc } from './micro-usdc.js';

export interface Deposit {
  readonly accountId: AccountId;
  readonly amountMicroUsdc: MicroUsdc;
  readonly reference: string;
}

/** A billion USDC: more is a mistake, and the books' columns could overflow after enough of them. */
const MAX_DEPOSIT: MicroUsdc = 1_000_000_000_000_000n;

/**
 * False where the same was credited before: the reference names one deposit, of one amount to one account.
 * @throws RangeError where the amount is not from 1 micro-USDC to a billion USDC, no buyer has the account, or the
 *   reference was credited with another amount or to another account.
 */
export async function creditDeposit(sql: Sql, deposit: Deposit, clock: Clock): Promise<boolean> {
  const { accountId, amountMicroUsdc, reference } = deposit;
  if (amountMicroUsdc <= 0n || amountMicroUsdc > MAX_DEPOSIT) {
    throw new RangeError(`cannot credit ${amountMicroUsdc} micro-usdc: from 1 to ${MAX_DEPOSIT} is possible`);
  }
  const [buyer] = await sql.rows("SELECT id FROM accounts WHERE id = ? AND kind = 'buyer'", [accountId]);
  if (buyer === undefined) {
    throw new RangeError(`no buyer has the account ${accountId}: "tollgate account list" shows those that exist`);
  }
  const inserted = await sql.rows(
    `INSERT INTO transfers (id, kind, debit_account, credit_account, amount, reference, created_at_ms)
      VALUES (?, 'direct', 'deposits', ?, CAST(? AS BIGINT), ?, ?)
      ON CONFLICT (reference) DO NOTHING RETURNING id`,
    [newId(clock, 'dep'), accountId, amountMicroUsdc.toString(), reference, clock.nowMs()],
  );
  if (inserted.length === 0) {
    await assertSameDeposit(sql, deposit);
    return false;
  }
  await sql.rows("UPDATE accounts SET debits_posted = debits_posted + CAST(? AS BIGINT) WHERE id = 'deposits'", [
    amountMicroUsdc.toString(),
  ]);
  await sql.rows('UPDATE accounts SET credits_posted = credits_posted + CAST(? AS BIGINT) WHERE id = ?', [
    amountMicroUsdc.toString(),
    accountId,
  ]);
  return true;
}

async function assertSameDeposit(sql: Sql, { accountId, amountMicroUsdc, reference }: Deposit): Promise<void> {
  const [before] = await sql.rows(
    'SELECT credit_account, CAST(amount AS TEXT) AS amount FROM transfers WHERE reference = ?',
    [reference],
  );
  if (before === undefined) return;
  const [account, credited] = [text(before, 'credit_account'), amount(before, 'amount')];
  if (account === accountId && credited === amountMicroUsdc) return;
  throw new RangeError(
    `"${reference}" was credited before, with ${formatUsdc(credited)} USDC to ${account}: take another reference for another payment`,
  );
}
