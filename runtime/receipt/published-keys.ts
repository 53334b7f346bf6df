/**
 * The register of the keys that have signed receipts, with the time for which each was in use: what
 * `/.well-known/tollgate-receipt-keys.json` shows and a verifier trusts. A key is registered before it signs and never
 * removed, so that receipts verify for good.
 */

import type { Clock } from '../clock.js';
import { RefusedCommand } from '../refused-command.js';
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
 * Registers a key that signs from now on, beside the others: two gateways on one database may each have a key of their
 * own, and only `retireKey` ends one. Repeating it changes nothing.
 */
export async function publishKey(store: Store, clock: Clock, address: string): Promise<void> {
  await store.write(async (sql) => {
    const now = seconds(clock);
    // A key that comes back within the second in which it was ended goes on, as if it had not been.
    await sql.rows(
      `INSERT INTO receipt_keys (address, valid_from)
        SELECT ?, CAST(? AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM receipt_keys WHERE address = ? AND valid_until IS NULL)
        ON CONFLICT (address, valid_from) DO UPDATE SET valid_until = NULL`,
      [address, now, address],
    );
  });
}

/**
 * Ends the time of a key, `overlapMs` from now: until then a gateway that has not heard of it may go on signing. Where the
 * clock was set back, that is later: with the latest time of what the key has signed, or that the gateway may give to what
 * it signs next.
 * @returns its last second, since the Unix epoch.
 * @throws RefusedCommand where no key of this address signs, or it is the only one that does.
 */
export async function retireKey(store: Store, clock: Clock, address: string, overlapMs: number): Promise<number> {
  const signedUntil = await store.patientSnapshot((sql) => latestTimeOf(sql, address));
  return store.write(async (sql) => {
    const open = await sql.rows('SELECT address, valid_from FROM receipt_keys WHERE valid_until IS NULL');
    const addresses = open.map((row) => text(row, 'address'));
    const key = open.find((row) => text(row, 'address') === address);
    if (key === undefined) {
      throw new RefusedCommand(`no key ${address} signs receipts: "tollgate receipt keys" shows those that do`);
    }
    if (addresses.length === 1) {
      throw new RefusedCommand(
        `${address} is the only key that signs receipts: start a gateway with another one first`,
      );
    }
    const overlapEnd = seconds(clock) + Math.ceil(overlapMs / 1000);
    const until = Math.max(overlapEnd, integer(key, 'valid_from'), signedUntil);
    await sql.rows(
      'UPDATE receipt_keys SET valid_until = CAST(? AS BIGINT) WHERE address = ? AND valid_until IS NULL',
      [until, address],
    );
    return until;
  });
}

/**
 * The second of the latest receipt that the key has signed, or in which an account was stated: the entries of such an
 * account are dated from there on (`entryTimeMs`). It reads every receipt, which may take minutes.
 */
async function latestTimeOf(sql: Sql, address: string): Promise<number> {
  const [row] = await sql.rows(
    `SELECT MAX(latest) AS latest FROM (
        SELECT MAX(calls.finished_at_ms) AS latest FROM receipts JOIN calls ON calls.id = receipts.call_id
          WHERE receipts.signer = ?
        UNION ALL SELECT MAX(stated_until_ms) FROM accounts) AS times`,
    [address],
  );
  return Math.floor(integer(row!, 'latest') / 1000);
}

/** Every key that ever signed, the oldest first; of those of one second, which a quick rotation leaves, the one that ended. */
export async function publishedKeys(sql: Sql): Promise<readonly PublishedKey[]> {
  const rows = await sql.rows(
    `SELECT address, valid_from, valid_until FROM receipt_keys
      ORDER BY valid_from, valid_until IS NULL, valid_until, address`,
  );
  return rows.map((row) => {
    const validUntil = optionalInteger(row, 'valid_until');
    return {
      address: text(row, 'address'),
      validFrom: integer(row, 'valid_from'),
      ...(validUntil === undefined ? {} : { validUntil }),
    };
  });
}

/** The time in which this key may sign; nothing where it is not registered. */
export async function timeOfKey(sql: Sql, address: string): Promise<Partial<Omit<PublishedKey, 'address'>>> {
  return timeOf(await publishedKeys(sql), address) ?? {};
}

/** Where a key has several times, the one that goes on, or else the last: by a clock that was set back, they overlap. */
export function timeOf(keys: readonly PublishedKey[], address: string): PublishedKey | undefined {
  const times = keys.filter((key) => key.address === address);
  return times.find(({ validUntil }) => validUntil === undefined) ?? times.at(-1);
}

function seconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}
