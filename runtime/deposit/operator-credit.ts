/**
 * Money that an operator credits by hand, as `tollgate account credit` does: an invoice that was paid, a test credit.
 * It is credited once for each reference, so that a command that is repeated after a lost answer changes nothing.
 */

import { newId, type Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import type { AccountId, Ledger } from '../ledger/ledger.js';
import { formatUsdc, type MicroUsdc } from '../ledger/micro-usdc.js';
import { RefusedCommand } from '../refused-command.js';
import { UncertainCommit } from '../store/store-fault.js';

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

/**
 * @throws RefusedCommand where the amount is not possible, the account does not exist, or the reference is empty.
 * @throws GatewayError where it is not known whether it was credited: it names the reference with which to ask again, for
 *   without one that would be another credit.
 */
export async function creditByOperator(
  ledger: Ledger,
  clock: Clock,
  { accountId, amountMicroUsdc, reference }: OperatorCredit,
): Promise<Credited> {
  const name = reference?.trim().toLowerCase();
  if (name === '' || (name !== undefined && name.length > 200)) {
    throw new RefusedCommand('a reference has from 1 to 200 characters');
  }
  const asked = name ?? newId(clock, 'credit');
  const booked = `operator:${asked}`;
  try {
    return { credited: await ledger.deposit(accountId, amountMicroUsdc, booked), reference: booked };
  } catch (error) {
    if (!(error instanceof UncertainCommit)) throw error;
    throw creditNotKnown({ accountId, amountMicroUsdc, reference: asked }, error);
  }
}

function creditNotKnown(
  { accountId, amountMicroUsdc, reference }: Required<OperatorCredit>,
  cause: UncertainCommit,
): GatewayError {
  const amount = formatUsdc(amountMicroUsdc);
  return new GatewayError(
    'STORE_UNAVAILABLE',
    `the database failed while ${amount} USDC were credited to ${accountId}: whether they were is not known yet`,
    `run "tollgate account credit ${accountId} ${amount} --reference '${reference}'" when it is back: a reference is credited once`,
    { cause },
  );
}
