/**
 * API keys: made, listed, revoked. A key is shown once, when it is made; afterwards the database has its hash alone.
 */

import { newId, type Clock } from '../clock.js';
import type { Secret } from '../credential/secret.js';
import type { AccountId, KeyId } from '../ledger/ledger.js';
import { RefusedCommand, unknownAccount } from '../refused-command.js';
import { integer, optionalInteger, text } from '../store/column.js';
import type { Row } from '../store/sql.js';
import type { Store } from '../store/store.js';
import { hashOfApiKey, newApiKey, prefixOfApiKey } from './api-key.js';
import type { Authenticator } from './authenticate.js';
import { limitsOf, type KeyLimits } from './key-limits.js';

export interface NewKey extends KeyLimits {
  readonly accountId: AccountId;
  readonly name: string;
  /** Epoch milliseconds from which the key is refused; never where it is absent. */
  readonly expiresAtMs?: number;
}

export interface KeyRecord extends NewKey {
  readonly keyId: KeyId;
  /** The beginning of the key, to tell it from others. */
  readonly prefix: string;
  readonly createdAtMs: number;
  readonly revokedAtMs?: number;
}

export interface Keys {
  /**
   * Makes a key. The secret cannot be had again.
   * @throws RefusedCommand where no buyer has the account, or the key would have expired already.
   */
  create(key: NewKey): Promise<{ readonly keyId: KeyId; readonly apiKey: Secret }>;
  /** The keys of one account, or all, the oldest first. */
  list(accountId?: AccountId): Promise<readonly KeyRecord[]>;
  /**
   * Refuses the key from now on. Revoking it again changes nothing.
   * @param key its id, or the beginning of the key that `list` shows.
   * @throws RefusedCommand where there is none, or more than one.
   */
  revoke(key: string): Promise<KeyRecord>;
}

const COLUMNS = `id, account_id, prefix, name, CAST(daily_limit AS TEXT) AS daily_limit,
  CAST(max_price AS TEXT) AS max_price, providers, created_at_ms, expires_at_ms, revoked_at_ms`;

export function createKeys(
  store: Store,
  { clock, authenticator }: { readonly clock: Clock; readonly authenticator: Authenticator },
): Keys {
  return {
    create: async (key) => {
      if (key.expiresAtMs !== undefined && key.expiresAtMs <= clock.nowMs()) {
        throw new RefusedCommand(
          `a key that expires at ${new Date(key.expiresAtMs).toISOString()} could never be used`,
        );
      }
      const keyId = newId(clock, 'key') as KeyId;
      const apiKey = newApiKey(clock);
      const inserted = await store.write((sql) =>
        sql.rows(
          `INSERT INTO api_keys (id, account_id, hash, prefix, name, daily_limit, max_price, providers, created_at_ms, expires_at_ms)
            SELECT ?, accounts.id, ?, ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT), ?, CAST(? AS BIGINT), CAST(? AS BIGINT)
            FROM accounts WHERE accounts.id = ? AND accounts.kind = 'buyer' RETURNING id`,
          [
            keyId,
            hashOfApiKey(apiKey.reveal()),
            prefixOfApiKey(apiKey),
            key.name,
            key.dailyLimitMicroUsdc?.toString() ?? null,
            key.maxPriceMicroUsdc?.toString() ?? null,
            key.providers === undefined ? null : JSON.stringify(key.providers),
            clock.nowMs(),
            key.expiresAtMs ?? null,
            key.accountId,
          ],
        ),
      );
      if (inserted.length === 0) throw unknownAccount(key.accountId);
      return { keyId, apiKey };
    },

    list: async (accountId) => {
      const rows = await store.read.rows(
        `SELECT ${COLUMNS} FROM api_keys ${accountId === undefined ? '' : 'WHERE account_id = ?'} ORDER BY created_at_ms, id`,
        accountId === undefined ? [] : [accountId],
      );
      return rows.map(recordOf);
    },

    revoke: async (key) => {
      const revoked = await store.write(async (sql) => {
        const found = await sql.rows('SELECT id FROM api_keys WHERE id = ? OR prefix = ? LIMIT 2', [key, key]);
        if (found.length !== 1) {
          const what = found.length === 0 ? 'no key is' : 'more than one key is';
          throw new RefusedCommand(`${what} called "${key}": "tollgate key list" shows the ids`);
        }
        return sql.rows(
          `UPDATE api_keys SET revoked_at_ms = COALESCE(revoked_at_ms, ?) WHERE id = ? RETURNING ${COLUMNS}`,
          [clock.nowMs(), text(found[0]!, 'id')],
        );
      });
      authenticator.forget();
      return recordOf(revoked[0]!);
    },
  };
}

function recordOf(row: Row): KeyRecord {
  const expiresAtMs = optionalInteger(row, 'expires_at_ms');
  const revokedAtMs = optionalInteger(row, 'revoked_at_ms');
  return {
    keyId: text(row, 'id') as KeyId,
    accountId: text(row, 'account_id') as AccountId,
    prefix: text(row, 'prefix'),
    name: text(row, 'name'),
    ...limitsOf(row),
    createdAtMs: integer(row, 'created_at_ms'),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...(revokedAtMs === undefined ? {} : { revokedAtMs }),
  };
}
