/**
 * The register of the keys that have signed receipts, with the time for which each was in use: what
 * `/.well-known/tollgate-receipt-keys.json` shows and a verifier trusts. A key is registered before it signs and never
 * removed, so that receipts verify for good.
 */

import type { Clock } from '../clock.js';
import { integer, optionalInteger, text } from '../store/column.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';

export interface PublishedKey {
  /** With EIP-55 check-sum. */
  readonly address: string;
  /** Seconds since the Unix epoch, as a receipt's `issuedAt`; both ends belong to the time. */
  readonly validFrom: number;
  readonly validUntil?: number;
}

/**
 * Registers the key that signs from now on and ends the time of every other. Gateways that share a database share a
 * key. Repeating it changes nothing.
 */
export async function publishKey(store: Store, clock: Clock, address: string): Promise<void> {
  const now = Math.floor(clock.nowMs() / 1000);
  await store.write(async (sql) => {
    await sql.rows(
      'UPDATE receipt_keys SET valid_until = CASE WHEN valid_from > ? THEN valid_from ELSE ? END WHERE valid_until IS NULL AND address <> ?',
      [now, now, address],
    );
    // A key that comes back within the second in which it was ended goes on, as if it had not been.
    await sql.rows(
      `INSERT INTO receipt_keys (address, valid_from)
        SELECT ?, CAST(? AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM receipt_keys WHERE address = ? AND valid_until IS NULL)
        ON CONFLICT (address, valid_from) DO UPDATE SET valid_until = NULL`,
      [address, now, address],
    );
  });
}

/** Every key that ever signed, the oldest first. */
export async function publishedKeys(sql: Sql): Promise<readonly PublishedKey[]> {
  const rows = await sql.rows('SELECT address, valid_from, valid_until FROM receipt_keys ORDER BY valid_from, address');
  return rows.map((row) => {
    const validUntil = optionalInteger(row, 'valid_until');
    return {
      address: text(row, 'address'),
      validFrom: integer(row, 'valid_from'),
      ...(validUntil === undefined ? {} : { validUntil }),
    };
  });
}
