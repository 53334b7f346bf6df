/**
 * Copies what the data directory keeps into a new folder. Invariant: the folder is there whole or not at all, also after
 * a kill, and only its owner can read it.
 *
 * The database comes first, so that a key that is copied is never older than what it signed.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { systemClock } from '../clock.js';
import type { Config } from '../config.js';
import { configuredStore } from '../credential/configured-store.js';
import { credentialsFile, CredentialStoreError } from '../credential/credential-store.js';
import { receiptKeyFile } from '../receipt/receipt-key.js';
import { copySqlite } from './copy-sqlite.js';

/** Nothing was backed up. The message says why and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

export interface Backup {
  readonly dir: string;
  /** The names of its files. */
  readonly files: readonly string[];
}

/**
 * @param database the file of a SQLite database; left out where there is none.
 * @throws BackupError
 */
export async function backUp(config: Config, database: string | undefined, out: string): Promise<Backup> {
  const whole = resolve(out);
  if (existsSync(whole)) {
    throw new BackupError(`${whole} exists, and nothing is overwritten: name a folder that does not`);
  }
  const dir = `${whole}.part`;
  let written = dir;
  makeFolder(dir);
  const files: string[] = [];
  const copy = (from: string, name: string): void => {
    const bytes = readIfThere(from);
    if (bytes === undefined) return;
    write(join(dir, name), bytes);
    files.push(name);
  };
  try {
    if (database !== undefined) {
      write(join(dir, 'tollgate.db'), Buffer.alloc(0));
      await copySqlite(database, join(dir, 'tollgate.db'));
      files.push('tollgate.db');
    }
    if (config.receiptKey === undefined) copy(receiptKeyFile(config.dataDir), 'receipt.key');
    copy(credentialsFile(config.dataDir), 'credentials.json');
    if (config.vaultKey === undefined) {
      copy(config.vaultKeyFile, 'vault.key');
      // There while the key is being replaced, when either may be the right one.
      copy(`${config.vaultKeyFile}.next`, 'vault.key.next');
    }
    assertCredentialsOpen(config, dir);
    syncFolder(dir);
    renameSync(dir, whole);
    written = whole;
    syncFolder(dirname(whole));
  } catch (error) {
    rmSync(written, { recursive: true, force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error;
    throw new BackupError(`nothing was backed up: ${message}`, { cause: error });
  }
  return { dir: whole, files };
}

/** A key may have been replaced between the two copies. */
function assertCredentialsOpen(config: Config, dir: string): void {
  const store = configuredStore({ ...config, dataDir: dir, vaultKeyFile: join(dir, 'vault.key') }, systemClock);
  try {
    store.read();
  } catch (error) {
    if (!(error instanceof CredentialStoreError)) throw error;
    throw new BackupError(
      'nothing was backed up: the stored credentials cannot be opened with their key; if that was replaced just now, run ' +
        'this again, and else "tollgate credential list" says what is wrong',
      { cause: error },
    );
  }
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BackupError(
      code === 'EEXIST'
        ? `${dir} exists: another backup is being made there, or one was killed; if none is, remove it`
        : `cannot make the folder ${dir} (${code ?? 'unknown error'}): name one in a folder that exists and that this user can write`,
      { cause: error },
    );
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function write(path: string, bytes: Uint8Array): void {
  writeFileSync(path, bytes, { flag: 'wx', mode: 0o600, flush: true });
}

/** Else the names of the files may be lost with the power. */
function syncFolder(dir: string): void {
  const folder = openSync(dir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
