/**
 * The books: all that money and who it belongs to are kept in. Commands of the operator need them alone, and load
 * nothing of the gateway that serves calls.
 */

import { existsSync } from 'node:fs';

import { createAccounts, type Accounts } from './account/accounts.js';
import { createAuthenticator, type Authenticator } from './account/authenticate.js';
import { createKeys, type Keys } from './account/keys.js';
import { createRatings, type Ratings } from './account/ratings.js';
import { systemClock, type Clock } from './clock.js';
import type { Config } from './config.js';
import { createLedger } from './ledger/create-ledger.js';
import type { Ledger } from './ledger/ledger.js';
import { createQuotes, type Quotes } from './ledger/quotes.js';
import { CurrentSigner } from './receipt/current-signer.js';
import { endedKeyWarning, newBooksWarning, newKeyWarning } from './receipt/new-key-warning.js';
import { publishKey, timeOfKey } from './receipt/published-keys.js';
import { readReceiptKey, receiptKeyFile } from './receipt/receipt-key.js';
import { digestSigner, type SignDigest } from './receipt/sign-digest.js';
import { createReceiptSigner } from './receipt/sign-receipt.js';
import { openStore } from './store/open-store.js';
import type { Store } from './store/store.js';

/** The store, and the rooms that keep rows in it. */
export interface Books {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly authenticator: Authenticator;
  readonly accounts: Accounts;
  readonly keys: Keys;
  readonly quotes: Quotes;
  readonly ratings: Ratings;
  /**
   * Publishes the key that signs receipts, which has to come before it signs anything. Whoever only opens the books
   * publishes none: a command may be run beside the data directory of another gateway.
   * @returns what the operator should be told of the key, if anything.
   */
  readonly publishReceiptKey: () => Promise<string | undefined>;
  /** Signs with the key that signs receipts. */
  readonly signDigest: SignDigest;
  /** The first second, since the Unix epoch, in which that key may sign; undefined where it is not published. */
  readonly keyBeginsAt: () => number | undefined;
  /**
   * Takes the key that a rotation has put into the data directory, if there is a new one.
   * Where its file was lost, that is one which nobody announced.
   */
  readonly followReceiptKey: () => Promise<FollowedKey>;
}

export interface FollowedKey {
  /** The last second, since the Unix epoch, in which the key in use may sign; undefined where it has no end. */
  readonly until: number | undefined;
  /** What the operator should be told of it, if anything. */
  readonly warning: string | undefined;
}

export interface OpenBooksOptions {
  /** Called before books are made in a database that has none; what it throws keeps them from being made. */
  readonly onNew?: () => void;
}

/**
 * Opens the database and brings its schema up to date.
 * @throws StoreNotOpened, or what `readReceiptKey` throws; both say what to do.
 */
export async function openBooks(
  config: Config,
  clock: Clock = systemClock,
  { onNew }: OpenBooksOptions = {},
): Promise<Books> {
  const keySource = { configured: config.receiptKey, dataDirectory: config.dataDir, clock };
  const keyFile = receiptKeyFile(config.dataDir);
  const hadKey = config.receiptKey === undefined && existsSync(keyFile);
  let key = readReceiptKey(keySource);
  const signer = new CurrentSigner(createReceiptSigner(key));
  let areNew = false;
  const store = await openStore({
    url: config.databaseUrl,
    clock,
    onNew: () => {
      onNew?.();
      areNew = true;
    },
  });
  let keyTime = await timeOfKey(store.read, signer.address).catch(async (error: unknown) => {
    // The database may not close either, and the first failure tells more.
    await store.close().catch(() => undefined);
    throw error;
  });
  const authenticator = createAuthenticator(store, { clock });
  const publish = async (address: string) => {
    // A key of the environment is a new one where the operator says so.
    const isNewUnsaid = config.receiptKey === undefined;
    const warning =
      (isNewUnsaid ? await newKeyWarning(store.read, address, keyFile) : undefined) ??
      (await endedKeyWarning(store.read, address));
    await publishKey(store, clock, address);
    return { warning, time: await timeOfKey(store.read, address) };
  };
  return {
    store,
    ledger: createLedger(store, {
      clock,
      signer,
      platformFeeBps: config.platformFeeBps,
      freeAnswerBytes: config.freeAnswerBytes,
      keyBeginsAtMs: () => milliseconds(keyTime.validFrom),
      keyEndsAtMs: () => milliseconds(keyTime.validUntil),
    }),
    authenticator,
    accounts: createAccounts(store, { clock, authenticator }),
    keys: createKeys(store, { clock, authenticator }),
    quotes: createQuotes(store, { clock }),
    ratings: createRatings(store, { clock }),
    publishReceiptKey: async () => {
      const { warning, time } = await publish(signer.address);
      keyTime = time;
      return warning ?? (areNew && hadKey ? newBooksWarning(keyFile) : undefined);
    },
    // Not with the key that the file has by then: a rotation meanwhile would date it after what is signed.
    signDigest: (digest) => digestSigner(key)(digest),
    keyBeginsAt: () => keyTime.validFrom,
    followReceiptKey: async () => {
      const nextKey = readReceiptKey(keySource);
      const next = createReceiptSigner(nextKey);
      let warning: string | undefined;
      if (next.address !== signer.address) {
        const published = await publish(next.address);
        warning = published.warning;
        // All in one turn, in which no batch is decided and signed.
        key = nextKey;
        keyTime = published.time;
        signer.replace(next);
      }
      keyTime = await timeOfKey(store.read, signer.address);
      return { until: keyTime.validUntil, warning };
    },
  };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
