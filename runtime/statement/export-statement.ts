/**
 * Makes the statement of one account out of the books. Invariant: what it says is what the ledger holds; a closing
 * balance that does not come out of the account's own transfers is an error and never a signed paper.
 */

import { isoTime, type Clock } from '../clock.js';
import { BrokenInvariant } from '../ledger/broken-invariant.js';
import { receiptOf } from '../ledger/call-record.js';
import type { AccountId } from '../ledger/ledger.js';
import { NO_DIGEST } from '../receipt/receipt-type.js';
import type { Receipt } from '../receipt/receipt.js';
import type { SignDigest } from '../receipt/sign-digest.js';
import { RefusedCommand, unknownAccount } from '../refused-command.js';
import { amount, integer, text } from '../store/column.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';
import { depositsDigest } from './deposits-digest.js';
import { statementDigest, type StatedDeposit, type Statement, type StatementMessage } from './statement.js';

export interface StatementRequest {
  readonly accountId: AccountId;
  /** Seconds since the Unix epoch; the beginning of the account where it is left out. */
  readonly since?: number;
  /** The first second that does not belong to it; now where it is left out. */
  readonly until?: number;
  /** The first second in which the key that signs it may sign: it is dated no earlier, even where the clock was set back. */
  readonly keyBeginsAt?: number | undefined;
  readonly maxReceipts?: number;
}

/** A statement is written and read as one text, of which Node takes 512 MB; a receipt has up to 1.8 KB of it. */
const MAX_RECEIPTS = 200_000;

/**
 * @throws RefusedCommand where no buyer has the account, the time is not over or ends before it begins, too many receipts
 *   belong to it, or charges are dated before the deposit that paid for them.
 * @throws BrokenInvariant where the books contradict themselves.
 */
export async function exportStatement(
  store: Store,
  clock: Clock,
  sign: SignDigest,
  request: StatementRequest,
): Promise<Statement> {
  const now = Math.floor(clock.nowMs() / 1000);
  const { since = 0, until = now, keyBeginsAt = 0, maxReceipts = MAX_RECEIPTS } = request;
  const issuedAt = Math.max(now, keyBeginsAt);
  if (until > now)
    throw new RefusedCommand(`a statement until ${isoTime(until)} is not possible yet: choose a time that is over`);
  if (since > until) {
    throw new RefusedCommand(
      `a statement cannot begin at ${isoTime(since)} and end at ${isoTime(until)}: ` +
        (since > now ? 'choose a beginning that is over' : 'choose an end that is not before its beginning'),
    );
  }
  await closeTime(store, request.accountId, now);
  return store.patientSnapshot(async (sql) => {
    await assertBuyer(sql, request.accountId);
    const entries = await readEntries(sql, request.accountId, { since, until, maxReceipts });
    await assertWholeBooks(sql, request.accountId);
    const message = messageOf(request.accountId, { since, until, issuedAt }, entries);
    await assertNothingOwed(sql, message);
    const { deposits, receipts } = entries;
    return { message, deposits, receipts, ...(await sign(statementDigest(message))) };
  });
}

/**
 * From now on no entry of the account is made in a time before this one (`entryTimeMs`): what is read afterwards is all
 * that the time of the statement will ever hold. A batch that was planned before knows nothing of it, and is refused on
 * SQLite because the row is written: where the time is closed already, so it was when that was done. It is closed until
 * now, and not until the statement ends, so that the key that signs it is not ended before (`retireKey`).
 */
async function closeTime(store: Store, accountId: AccountId, now: number): Promise<void> {
  await store.write((sql) =>
    sql.rows(
      `UPDATE accounts SET stated_until_ms = CAST(? AS BIGINT)
        WHERE id = ? AND kind = 'buyer' AND stated_until_ms < CAST(? AS BIGINT)`,
      [now * 1000, accountId, now * 1000],
    ),
  );
}

interface Entries {
  readonly openingMicroUsdc: bigint;
  readonly deposits: readonly StatedDeposit[];
  readonly opening: { readonly number: number; readonly digest: string };
  readonly receipts: readonly Receipt[];
}

async function readEntries(
  sql: Sql,
  accountId: AccountId,
  { since, until, maxReceipts }: Required<Pick<StatementRequest, 'since' | 'until' | 'maxReceipts'>>,
): Promise<Entries> {
  const opening = await chainEndBefore(sql, accountId, since);
  const closing = await chainEndBefore(sql, accountId, until);
  const count = closing.number - opening.number;
  if (count > maxReceipts) {
    throw new RefusedCommand(
      `${accountId} has ${count} receipts from ${isoTime(since)} until ${isoTime(until)}, and a statement holds at most ` +
        `${maxReceipts}: export shorter times, each from where the one before it ends`,
    );
  }
  const deposited = await sql.rows(
    `SELECT CAST(COALESCE(SUM(amount), 0) AS TEXT) AS total FROM transfers
      WHERE kind = 'direct' AND credit_account = ? AND created_at_ms < CAST(? AS BIGINT)`,
    [accountId, since * 1000],
  );
  const charged = await sql.rows(
    `SELECT CAST(COALESCE(SUM(calls.charge), 0) AS TEXT) AS total FROM receipts JOIN calls ON calls.id = receipts.call_id
      WHERE receipts.account_id = ? AND receipts.number <= CAST(? AS BIGINT)`,
    [accountId, opening.number],
  );
  const deposits = await sql.rows(
    `SELECT id, COALESCE(reference, id) AS reference, CAST(amount AS TEXT) AS amount, created_at_ms FROM transfers
      WHERE kind = 'direct' AND credit_account = ? AND created_at_ms >= CAST(? AS BIGINT) AND created_at_ms < CAST(? AS BIGINT)
      ORDER BY sequence`,
    [accountId, since * 1000, until * 1000],
  );
  const receipts = await sql.rows(
    `SELECT message, digest, signature, signer FROM receipts
      WHERE account_id = ? AND number > CAST(? AS BIGINT) AND number <= CAST(? AS BIGINT) ORDER BY number`,
    [accountId, opening.number, closing.number],
  );
  return {
    openingMicroUsdc: amount(deposited[0]!, 'total') - amount(charged[0]!, 'total'),
    deposits: deposits.map((row) => ({
      id: text(row, 'id'),
      reference: text(row, 'reference'),
      amountMicroUsdc: text(row, 'amount'),
      creditedAt: Math.floor(integer(row, 'created_at_ms') / 1000),
    })),
    opening,
    receipts: receipts.map(receiptOf),
  };
}

/** The receipt before the first one whose call was captured at `seconds` or later: where one statement ends and the next begins. */
async function chainEndBefore(
  sql: Sql,
  accountId: AccountId,
  seconds: number,
): Promise<{ readonly number: number; readonly digest: string }> {
  const [row] = await sql.rows(
    `SELECT number, digest FROM receipts WHERE account_id = ? AND number < COALESCE(
        (SELECT MIN(later.number) FROM receipts AS later JOIN calls ON calls.id = later.call_id
          WHERE later.account_id = ? AND calls.account_id = ? AND calls.finished_at_ms >= CAST(? AS BIGINT)),
        CAST(? AS BIGINT))
      ORDER BY number DESC LIMIT 1`,
    [accountId, accountId, accountId, seconds * 1000, Number.MAX_SAFE_INTEGER],
  );
  return row === undefined
    ? { number: 0, digest: NO_DIGEST }
    : { number: integer(row, 'number'), digest: text(row, 'digest') };
}

async function assertBuyer(sql: Sql, accountId: AccountId): Promise<void> {
  const rows = await sql.rows("SELECT id FROM accounts WHERE id = ? AND kind = 'buyer'", [accountId]);
  if (rows.length === 1) return;
  throw unknownAccount(accountId);
}

/** Deposits less receipts, over all time, is the balance that the account has: there is no other way to move its money. */
async function assertWholeBooks(sql: Sql, accountId: AccountId): Promise<void> {
  const [row] = await sql.rows(
    `SELECT CAST(accounts.credits_posted - accounts.debits_posted AS TEXT) AS posted,
        CAST((SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE kind = 'direct' AND credit_account = accounts.id)
          - (SELECT COALESCE(SUM(calls.charge), 0) FROM receipts JOIN calls ON calls.id = receipts.call_id
            WHERE receipts.account_id = accounts.id) AS TEXT) AS stated
      FROM accounts WHERE id = ?`,
    [accountId],
  );
  const [posted, stated] = [amount(row!, 'posted'), amount(row!, 'stated')];
  if (posted === stated) return;
  throw new BrokenInvariant(
    `${accountId} has ${posted} micro-usdc, its deposits less its receipts come to ${stated}: see "tollgate ledger check"`,
  );
}

/** Where the clock was set back after a deposit, what it paid for may be dated before it: then something would be owed. */
async function assertNothingOwed(sql: Sql, message: StatementMessage): Promise<void> {
  const { account, since, until, openingMicroUsdc, closingMicroUsdc } = message;
  const owedAt = BigInt(openingMicroUsdc) < 0n ? since : BigInt(closingMicroUsdc) < 0n ? until : undefined;
  if (owedAt === undefined) return;
  const [row] = await sql.rows(
    `SELECT MIN(created_at_ms) AS next_ms FROM transfers
      WHERE kind = 'direct' AND credit_account = ? AND created_at_ms >= CAST(? AS BIGINT)`,
    [account, owedAt * 1000],
  );
  throw new RefusedCommand(
    `${account} cannot be stated from ${isoTime(since)} until ${isoTime(until)}: the clock was set back after a deposit of ` +
      `${isoTime(integer(row!, 'next_ms') / 1000)}, so that charges are dated before what paid for them; choose times that ` +
      'are later than that deposit, or earlier than those charges',
  );
}

function messageOf(
  accountId: AccountId,
  { since, until, issuedAt }: Pick<StatementMessage, 'since' | 'until' | 'issuedAt'>,
  { openingMicroUsdc, deposits, opening, receipts }: Entries,
): StatementMessage {
  const deposited = sum(deposits);
  const charged = sum(receipts.map((receipt) => receipt.message));
  const last = receipts.at(-1);
  return {
    account: accountId,
    since,
    until,
    openingMicroUsdc: openingMicroUsdc.toString(),
    depositedMicroUsdc: deposited.toString(),
    chargedMicroUsdc: charged.toString(),
    closingMicroUsdc: (openingMicroUsdc + deposited - charged).toString(),
    depositsDigest: depositsDigest(deposits),
    openingNumber: opening.number,
    openingDigest: opening.digest,
    closingNumber: last?.message.number ?? opening.number,
    closingDigest: last?.digest ?? opening.digest,
    issuedAt,
  };
}

function sum(entries: readonly { readonly amountMicroUsdc: string }[]): bigint {
  return entries.reduce((total, { amountMicroUsdc }) => total + BigInt(amountMicroUsdc), 0n);
}
