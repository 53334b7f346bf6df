/**
 * Money that an operator credits by hand, as `tollgate account credit` does: an invoice that was paid, a test credit.
 * It is credited once for each reference, so that a command that is repeated after a lost answer changes nothing.
 */

import { newId, type Clock } from '../clock.js';
import type { AccountId, Ledger } from '../ledger/ledger.js';
import type { MicroUsdc } from '../ledger/micro-usdc.js';

export interface OperatorCredit {
  readonly accountId: AccountId;
  readonly amountMicroUsdc: MicroUsdc;
  /** The operator's own name of the payment, letter case and outer spaces aside. Without one, each credit is another. */
  readonly reference?: string;
}

export interface Credited {
  /** False where the reference was credited before. */
  readonly credited: boolean;
  /** As it stands in the books. */
  readonly reference: string;
}

/** @throws RangeError where the amount is not possible, the account does not exist, or the reference is empty. */
export async function creditByOperator(
  ledger: Ledger,
  clock: Clock,
  { accountId, amountMicroUsdc, reference }: OperatorCredit,
): Promise<Credited> {
  const name = reference?.trim().toLowerCase();
  if (name === '' || (name !== undefined && name.length > 200)) {
    throw new RangeError('a reference has from 1 to 200 characters');
  }
  const booked = `operator:${name ?? newId(clock, 'credit')}`;
  return { credited: await ledger.deposit(accountId, amountMicroUsdc, booked), reference: booked };
}
