/**
 * Brings money in from outside, once for each reference: debits the deposits account, credits the buyer.
 */

import { RefusedCommand, unknownAccount } from '../refused-command.js';
import type { Decision, DepositCommand, Outcomes } from './command.js';
import { entryTimeMs } from './entry-time.js';
import type { LedgerState } from './ledger-state.js';
import { formatUsdc, MAX_DEPOSIT } from './micro-usdc.js';

/**
 * Does nothing if the same deposit was credited before: the reference names one deposit, of one amount to one account. A
 * command that is repeated because its first outcome is unknown finds its own transfer, and is answered as it was at first.
 * @throws RefusedCommand where the amount is not from 1 micro-USDC to a billion USDC, no buyer has the account, or the
 *   reference was credited with another amount or to another account.
 */
export function creditDeposit(state: LedgerState, command: DepositCommand): Decision<Outcomes['deposit']> {
  const { accountId, amountMicroUsdc, reference } = command;
  if (amountMicroUsdc <= 0n || amountMicroUsdc > MAX_DEPOSIT) {
    throw new RefusedCommand(`cannot credit ${amountMicroUsdc} micro-usdc: from 1 to ${MAX_DEPOSIT} is possible`);
  }
  const account = state.accounts.get(accountId);
  if (account?.kind !== 'buyer') {
    throw unknownAccount(accountId);
  }
  const before = state.deposits.get(reference);
  if (before !== undefined) {
    if (before.accountId === accountId && before.amountMicroUsdc === amountMicroUsdc) {
      return { outcome: { outcome: before.transferId === command.transferId ? 'credited' : 'credited-before' } };
    }
    throw new RefusedCommand(
      `"${reference}" was credited before, with ${formatUsdc(before.amountMicroUsdc)} USDC to ${before.accountId}: take another reference for another payment`,
    );
  }
  return {
    outcome: { outcome: 'credited' },
    changes: {
      transfers: [
        {
          id: command.transferId,
          kind: 'direct',
          debitAccount: 'deposits',
          creditAccount: accountId,
          amountMicroUsdc,
          reference,
          createdAtMs: entryTimeMs(account, command.nowMs),
        },
      ],
    },
  };
}
