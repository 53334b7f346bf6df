import { GatewayError } from '../gateway-error.js';
import type { AccountId } from '../ledger/ledger.js';

export function accountFrozen(accountId: AccountId): GatewayError {
  return new GatewayError(
    'ACCOUNT_FROZEN',
    `the account ${accountId} is frozen`,
    'ask the operator of the gateway to unfreeze it; its balance is untouched',
  );
}
