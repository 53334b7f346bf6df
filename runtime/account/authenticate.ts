/**
 * From an API key to the caller that it stands for. Accounts and keys change seldom and are asked for at every call, so
 * a caller is remembered for a few seconds; a change made in this process takes effect at once, one made in another
 * process within those seconds.
 */

import { LRUCache } from 'lru-cache';

import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import type { AccountId, KeyId } from '../ledger/ledger.js';
import { optionalInteger, text } from '../store/column.js';
import type { Row } from '../store/sql.js';
import type { Store } from '../store/store.js';
import { accountFrozen } from './account-frozen.js';
import { hashOfApiKey, isApiKey } from './api-key.js';
import { limitsOf, type KeyLimits } from './key-limits.js';

export interface Caller extends KeyLimits {
  readonly accountId: AccountId;
  readonly keyId: KeyId;
  readonly accountName: string;
}

export interface Authenticator {
  /** @throws GatewayError `UNAUTHENTICATED`, `ACCOUNT_FROZEN` or `STORE_UNAVAILABLE`. */
  authenticate(apiKey: string): Promise<Caller>;
  /** Forgets every caller. To be called when an account or a key was changed. */
  forget(): void;
}

/** A key as the database has it. */
interface Standing {
  readonly caller: Caller;
  readonly frozen: boolean;
  readonly revoked: boolean;
  readonly expiresAtMs?: number;
  readonly readAtMs: number;
}

const REMEMBERED = 10_000;
const REMEMBERED_MS = 5_000;

const REMEDY =
  'send "Authorization: Bearer tg_live_…" with a key that "tollgate account create" or "tollgate key create" printed';

export function createAuthenticator(store: Store, { clock }: { readonly clock: Clock }): Authenticator {
  const standings = new LRUCache<string, Standing>({ max: REMEMBERED });
  let changes = 0;

  function remembered(hash: string): Standing | undefined {
    const standing = standings.get(hash);
    const age = clock.nowMs() - (standing?.readAtMs ?? 0);
    return age >= 0 && age < REMEMBERED_MS ? standing : undefined;
  }

  async function read(apiKey: string, hash: string): Promise<Standing | undefined> {
    if (!isApiKey(apiKey)) {
      throw new GatewayError(
        'UNAUTHENTICATED',
        'the api key is missing or mistyped: its form or its check-sum is wrong',
        REMEDY,
      );
    }
    const before = changes;
    const standing = await readStanding(store, hash, clock.nowMs());
    // What was read while a change was made may be from before it.
    if (standing !== undefined && before === changes) standings.set(hash, standing);
    return standing;
  }

  return {
    authenticate: async (apiKey) => {
      const hash = hashOfApiKey(apiKey);
      const standing = remembered(hash) ?? (await read(apiKey, hash));
      if (standing === undefined) throw new GatewayError('UNAUTHENTICATED', 'the api key is not known here', REMEDY);
      const { caller, frozen, revoked, expiresAtMs } = standing;
      if (revoked) throw new GatewayError('UNAUTHENTICATED', `the api key ${caller.keyId} was revoked`, REMEDY);
      if (expiresAtMs !== undefined && expiresAtMs <= clock.nowMs()) {
        const when = new Date(expiresAtMs).toISOString();
        throw new GatewayError('UNAUTHENTICATED', `the api key ${caller.keyId} expired at ${when}`, REMEDY);
      }
      if (frozen) throw accountFrozen(caller.accountId);
      return caller;
    },

    forget: () => {
      changes += 1;
      standings.clear();
    },
  };
}

async function readStanding(store: Store, hash: string, nowMs: number): Promise<Standing | undefined> {
  const [row] = await store.read.rows(
    `SELECT api_keys.id AS key_id, api_keys.account_id, accounts.name AS account_name, accounts.status,
      CAST(api_keys.daily_limit AS TEXT) AS daily_limit, CAST(api_keys.max_price AS TEXT) AS max_price,
      api_keys.providers, api_keys.expires_at_ms, api_keys.revoked_at_ms
      FROM api_keys JOIN accounts ON accounts.id = api_keys.account_id WHERE api_keys.hash = ?`,
    [hash],
  );
  if (row === undefined) return undefined;
  const expiresAtMs = optionalInteger(row, 'expires_at_ms');
  return {
    caller: callerOf(row),
    frozen: text(row, 'status') === 'frozen',
    revoked: row['revoked_at_ms'] !== null,
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    readAtMs: nowMs,
  };
}

function callerOf(row: Row): Caller {
  return {
    accountId: text(row, 'account_id') as AccountId,
    keyId: text(row, 'key_id') as KeyId,
    accountName: text(row, 'account_name'),
    ...limitsOf(row),
  };
}
