/**
 * Where the key that signs receipts comes from: the operator's configuration, or a file of the data directory that is
 * made once. Invariant: the key is in no message, and a file that others can read is refused, since whoever has it can
 * sign receipts in the gateway's name.
 */

import { openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../clock.js';
import { Secret } from '../credential/secret.js';
import { readableByOthers, writeNewKey } from '../private-file.js';
import { makePrivateFolder } from '../private-folder.js';

/** There is no receipt key to sign with. The message says why and what to do, and never holds the key. */
export class ReceiptKeyError extends Error {
  override readonly name = 'ReceiptKeyError';
}

export interface ReceiptKeySource {
  /** `TOLLGATE_RECEIPT_KEY`: 32 bytes in hex, with or without `0x`. */
  readonly configured?: Secret;
  readonly dataDirectory: string;
  readonly clock: Clock;
}

const FILE_NAME = 'receipt.key';
const NEXT_FILE_NAME = 'receipt.key.next';

const WAIT_MS = 20;
const MOST_WAITS = 25;

/** What an operator does where the key that signs has an end. */
export const ANOTHER_KEY =
  'run "tollgate receipt rotate-key", or, where TOLLGATE_RECEIPT_KEY is set, set it to another key and start again';

/** The order of secp256k1: a private key is from 1 to one less. SEC 2, section 2.4.1. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export function receiptKeyFile(dataDirectory: string): string {
  return join(dataDirectory, FILE_NAME);
}

/**
 * The private key in `0x` hex.
 * @throws ReceiptKeyError in words for the operator.
 */
export function readReceiptKey({ configured, dataDirectory, clock }: ReceiptKeySource): Secret {
  if (configured !== undefined) return parse(configured.reveal(), 'TOLLGATE_RECEIPT_KEY');
  return readOrMake(FILE_NAME, dataDirectory, clock);
}

/**
 * The key that follows the one in use: made once, and found again where a rotation was interrupted.
 * @throws ReceiptKeyError where the key is configured, and so is not ours to replace.
 */
export function readNextReceiptKey({ configured, dataDirectory, clock }: ReceiptKeySource): Secret {
  if (configured === undefined) return readOrMake(NEXT_FILE_NAME, dataDirectory, clock);
  throw new ReceiptKeyError(
    'the receipt key comes from TOLLGATE_RECEIPT_KEY: set it to another ("openssl rand -hex 32" prints one), start every ' +
      'gateway anew, then end the key before with "tollgate receipt retire-key <address>"',
  );
}

/** Puts the next key in the place of the one in use, in one step. */
export function adoptNextReceiptKey(dataDirectory: string): void {
  renameSync(join(dataDirectory, NEXT_FILE_NAME), join(dataDirectory, FILE_NAME));
}

function readOrMake(name: string, dataDirectory: string, clock: Clock): Secret {
  const path = join(dataDirectory, name);
  const made = makeFile(path, dataDirectory, clock);
  if (made !== undefined) return made;
  const { fault, text } = readThere(path);
  if (fault === undefined) return parse(text, path);
  throw new ReceiptKeyError(
    `the receipt key ${path} ${fault}, and replace the key with "tollgate receipt rotate-key" if someone may have read it`,
  );
}

function readThere(path: string): { readonly fault: string | undefined; readonly text: string } {
  try {
    let text = readFileSync(path, 'utf8');
    // Another start has made the file, and is about to write the key.
    for (let waits = 0; text === '' && waits < MOST_WAITS; waits += 1) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
      text = readFileSync(path, 'utf8');
    }
    return { fault: readableByOthers(path), text };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ReceiptKeyError(
      `the receipt key ${path} cannot be read (${code}): its owner has to be the user of the gateway, who runs the commands too`,
      { cause: error },
    );
  }
}

/** Writes a new key, unless the file is there; `wx` makes two starts at the same moment agree on one key. */
function makeFile(path: string, directory: string, clock: Clock): Secret | undefined {
  let file: number;
  let made = false;
  try {
    makePrivateFolder(directory);
    made = true;
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    // The directory that exists already is no error; one whose name a file has is.
    if (made && code === 'EEXIST') return undefined;
    throw new ReceiptKeyError(
      `cannot write the receipt key ${path} (${code}): make ${directory} a directory that this user can write (TOLLGATE_DATA_DIR names it), or set TOLLGATE_RECEIPT_KEY`,
      { cause: error },
    );
  }
  try {
    return new Secret(writeNewKey(file, path, () => newPrivateKey(clock), receiptKeyFile(directory)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ReceiptKeyError(
      `cannot write the receipt key ${path} (${code ?? message}): see that its disk has room, or set TOLLGATE_RECEIPT_KEY`,
      { cause: error },
    );
  }
}

function newPrivateKey(clock: Clock): string {
  for (;;) {
    const key = `0x${Buffer.from(clock.randomBytes(32)).toString('hex')}`;
    if (isPrivateKey(key)) return key;
  }
}

function parse(text: string, source: string): Secret {
  const digits = text.trim().replace(/^0x/i, '').toLowerCase();
  const key = `0x${digits}`;
  if (!/^[0-9a-f]{64}$/.test(digits) || !isPrivateKey(key)) {
    throw new ReceiptKeyError(
      `${source} holds no receipt key: 64 hex digits of a secp256k1 private key are needed, as "openssl rand -hex 32" prints them`,
    );
  }
  return new Secret(key);
}

function isPrivateKey(key: string): boolean {
  const number = BigInt(key);
  return number > 0n && number < CURVE_ORDER;
}
