/**
 * Buyers' accounts: made, listed, frozen. What is on them is the ledger's business; a new account has nothing.
 */

import { newId, type Clock } from '../clock.js';
import type { AccountId } from '../ledger/ledger.js';
import type { MicroUsdc } from '../ledger/micro-usdc.js';
import { unknownAccount } from '../refused-command.js';
import { amount, integer, text } from '../store/column.js';
import type { Store } from '../store/store.js';
import type { Authenticator } from './authenticate.js';

export interface Account {
  readonly accountId: AccountId;
  readonly name: string;
  readonly frozen: boolean;
  readonly availableMicroUsdc: MicroUsdc;
  readonly heldMicroUsdc: MicroUsdc;
  readonly createdAtMs: number;
}

export interface Accounts {
  create(name: string): Promise<AccountId>;
  /** Every buyer, the oldest first. */
  list(): Promise<readonly Account[]>;
  /**
   * From now on its keys are refused and nothing can be held; what is under way is finished.
   * @throws RefusedCommand where no buyer has the account.
   */
  freeze(accountId: AccountId): Promise<void>;
  /** @throws RefusedCommand where no buyer has the account. */
  unfreeze(accountId: AccountId): Promise<void>;
}

export function createAccounts(
  store: Store,
  { clock, authenticator }: { readonly clock: Clock; readonly authenticator: Authenticator },
): Accounts {
  async function setStatus(accountId: AccountId, status: 'active' | 'frozen'): Promise<void> {
    const updated = await store.write((sql) =>
      sql.rows("UPDATE accounts SET status = ? WHERE id = ? AND kind = 'buyer' RETURNING id", [status, accountId]),
    );
    authenticator.forget();
    if (updated.length === 0) throw unknownAccount(accountId);
  }

  return {
    create: async (name) => {
      const accountId = newId(clock, 'acct') as AccountId;
      await store.write((sql) =>
        sql.rows("INSERT INTO accounts (id, kind, name, created_at_ms) VALUES (?, 'buyer', ?, ?)", [
          accountId,
          name,
          clock.nowMs(),
        ]),
      );
      return accountId;
    },

    list: async () => {
      const rows = await store.read.rows(
        `SELECT id, name, status, created_at_ms, CAST(debits_pending AS TEXT) AS held,
          CAST(credits_posted - debits_posted - debits_pending AS TEXT) AS available
          FROM accounts WHERE kind = 'buyer' ORDER BY created_at_ms, id`,
      );
      return rows.map((row) => ({
        accountId: text(row, 'id') as AccountId,
        name: text(row, 'name'),
        frozen: text(row, 'status') === 'frozen',
        availableMicroUsdc: amount(row, 'available'),
        heldMicroUsdc: amount(row, 'held'),
        createdAtMs: integer(row, 'created_at_ms'),
      }));
    },

    freeze: (accountId) => setStatus(accountId, 'frozen'),
    unfreeze: (accountId) => setStatus(accountId, 'active'),
  };
}
