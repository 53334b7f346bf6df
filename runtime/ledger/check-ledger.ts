/**
 * Recomputes the books from their rows and names every contradiction: what `tollgate ledger check` prints, and what
 * every test of money ends with. It trusts nothing that the ledger keeps beside the transfers: no balance, no state, no
 * digest. Read in one snapshot, so that it holds at any moment, also while calls run.
 */

import { GatewayError } from '../gateway-error.js';
import { verifyChain } from '../receipt/verify-receipt.js';
import { publishedKeys } from '../receipt/published-keys.js';
import type { Receipt, ReceiptMessage } from '../receipt/receipt.js';
import { NO_DIGEST } from '../receipt/receipt-type.js';
import { DamagedColumn, integer, optionalInteger, optionalText, text } from '../store/column.js';
import type { Binding, Row, Sql } from '../store/sql.js';
import { receiptOf } from './call-record.js';
import type { InvariantResult } from './ledger.js';
import { WHOLE_BOOKS, type SqlInvariant } from './money-invariants.js';

/** How many violations of one kind are told: the first show what is wrong, and the rest would fill the terminal. */
const SHOWN = 20;

/** How many receipts are in memory at once. */
const PAGE = 500;

/** Every one of these invariants with its violations, in a fixed order: a few statements over the rows. */
export async function checkMoney(
  sql: Sql,
  invariants: readonly SqlInvariant[] = WHOLE_BOOKS,
): Promise<readonly InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const { invariant, violations } of invariants) {
    const rows = await sql.rows(`${violations} LIMIT ${SHOWN}`);
    results.push({ invariant, violations: rows.map((row) => text(row, 'violation')) });
  }
  return results;
}

/** Checks all of the money, and every receipt. A receipt's signer is recovered from its signature. */
export async function checkLedger(sql: Sql): Promise<readonly InvariantResult[]> {
  return [...(await checkMoney(sql)), await checkReceipts(sql)];
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
      `SELECT receipts.id, receipts.account_id, receipts.number, receipts.message, receipts.digest, receipts.signature,
          receipts.signer, calls.id AS call_id, calls.endpoint, calls.seller_id, calls.request_digest,
          calls.idempotency_digest, calls.upstream_status, calls.finished_at_ms, CAST(calls.charge AS TEXT) AS charge
        FROM receipts JOIN calls ON calls.id = receipts.call_id
        WHERE (receipts.account_id, receipts.number) > (?, CAST(? AS BIGINT))
        ORDER BY receipts.account_id, receipts.number LIMIT ${PAGE}`,
      after,
    );
    for (const row of rows) {
      const account = text(row, 'account_id');
      const number = integer(row, 'number');
      const receipt = readReceipt(row);
      if (receipt === undefined) violations.push(`receipt ${number} of ${account} holds no message`);
      else {
        const verdict = verifyChain([receipt], { signers }, previous?.account === account ? previous : undefined);
        if (!verdict.valid) violations.push(`receipt ${number} of ${account}: ${verdict.reason}`);
        if (!saysWhatItsCallSays(row, receipt.message)) {
          violations.push(`receipt ${number} of ${account} does not say what its call says`);
        }
      }
      previous = { account, number, digest: text(row, 'digest') };
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

/** Undefined if the message is no JSON object: then there is nothing to compare. */
function readReceipt(row: Row): Receipt | undefined {
  try {
    const receipt = receiptOf(row);
    return typeof receipt.message === 'object' && receipt.message !== null ? receipt : undefined;
  } catch (error) {
    if (!(error instanceof GatewayError && error.cause instanceof DamagedColumn)) throw error;
    return undefined;
  }
}

/** @param message may lack members, or have others */
function saysWhatItsCallSays(row: Row, message: Partial<ReceiptMessage>): boolean {
  const number = text(row, 'call_id').slice('call_'.length);
  const idempotencyDigest = optionalText(row, 'idempotency_digest');
  return (
    message.receiptId === text(row, 'id') &&
    message.receiptId === `rcpt_${number}` &&
    message.account === text(row, 'account_id') &&
    message.number === integer(row, 'number') &&
    message.endpoint === text(row, 'endpoint') &&
    message.seller === text(row, 'seller_id') &&
    message.requestDigest === `0x${text(row, 'request_digest')}` &&
    message.idempotencyDigest === (idempotencyDigest === undefined ? NO_DIGEST : `0x${idempotencyDigest}`) &&
    message.upstreamStatus === optionalInteger(row, 'upstream_status') &&
    message.amountMicroUsdc === text(row, 'charge') &&
    message.issuedAt === Math.floor((optionalInteger(row, 'finished_at_ms') ?? NaN) / 1000)
  );
}
