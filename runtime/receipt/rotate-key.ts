/**
 * Replaces the key of the data directory. Invariant: at every moment, also after a crash between two steps, the key in
 * the file is published and not yet at its end; so no receipt is signed that will not verify. A rotation that was
 * interrupted goes on with the key that it had made.
 */

import type { Clock } from '../clock.js';
import type { Store } from '../store/store.js';
import { addressOfKey } from './address-of-key.js';
import { publishedKeys, publishKey, retireKey, timeOf } from './published-keys.js';
import { adoptNextReceiptKey, readNextReceiptKey, readReceiptKey, type ReceiptKeySource } from './receipt-key.js';

export interface Rotation {
  /** The addresses of the key before and of the key that signs from now on. */
  readonly from: string;
  readonly to: string;
  /** The last second, since the Unix epoch, in which the key before may sign; absent where it never signed. */
  readonly until?: number;
  /** Of the other keys that sign: those of gateways with another data directory, which go on with them. */
  readonly others: readonly string[];
}

/**
 * @param overlapMs how long the key before may still sign, for the gateways that run.
 * @throws ReceiptKeyError where the key does not come from the data directory.
 */
export async function rotateKey(
  store: Store,
  clock: Clock,
  source: ReceiptKeySource,
  overlapMs: number,
): Promise<Rotation> {
  const next = readNextReceiptKey(source);
  const [from, to] = [addressOfKey(readReceiptKey(source)), addressOfKey(next)];
  await publishKey(store, clock, to);
  const published = await publishedKeys(store.read);
  const before = timeOf(published, from);
  const signing = published.filter(({ validUntil }) => validUntil === undefined).map(({ address }) => address);
  const until =
    before === undefined ? undefined : (before.validUntil ?? (await retireKey(store, clock, from, overlapMs)));
  adoptNextReceiptKey(source.dataDirectory);
  const others = signing.filter((address) => address !== from && address !== to);
  return { from, to, ...(until === undefined ? {} : { until }), others };
}
