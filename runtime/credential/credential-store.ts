/**
 * The operator's credentials in one file of the data directory, encrypted and authenticated by AES-256-GCM with a random
 * nonce for each writing. Whoever has the file and not the key learns how large it is, and nothing else; whoever changes
 * it is noticed.
 *
 * The key is `TOLLGATE_VAULT_KEY`, or a file that is made once. It is random, so that no derivation from a password is
 * needed. A rotation encrypts the file anew and then puts the next key in the place of the one before; until that is
 * done both keys are tried, so that a rotation may be interrupted at any point.
 */

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Clock } from '../clock.js';
import { giveToOwner } from '../give-to-owner.js';
import { readableByOthers, writeNewKey } from '../private-file.js';
import { makePrivateFolder } from '../private-folder.js';
import { Secret } from './secret.js';

/** The store cannot be used. The message says why and what to do, and holds no secret. */
export class CredentialStoreError extends Error {
  override readonly name = 'CredentialStoreError';
}

export interface CredentialStoreOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** `TOLLGATE_VAULT_KEY`; where it is left out, the key is that of `keyFile`. */
  readonly key?: Secret;
  /** `TOLLGATE_VAULT_KEY_NEXT`. */
  readonly nextKey?: Secret;
  readonly keyFile: string;
}

/** Keys by the name of their variable, such as `TOLLGATE_CREDENTIAL_GITHUB_BEARER`. */
export type StoredCredentials = ReadonlyMap<string, readonly Secret[]>;

interface StoredFile {
  readonly format: 1;
  /** Tells which key it was encrypted with: the beginning of the key's SHA-256. */
  readonly key: string;
  readonly nonce: string;
  readonly sealed: string;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function credentialsFile(dataDir: string): string {
  return join(dataDir, 'credentials.json');
}

export class CredentialStore {
  readonly path: string;

  constructor(private readonly options: CredentialStoreOptions) {
    this.path = credentialsFile(options.dataDir);
  }

  /** The files that it is read from: itself, and its key where that is a file. */
  get paths(): readonly string[] {
    const { key, keyFile } = this.options;
    return key === undefined ? [this.path, keyFile, this.#nextKeyFile] : [this.path];
  }

  /**
   * That `TOLLGATE_VAULT_KEY_FILE` names a file which is not there, in a line for the operator. With nothing stored that
   * hinders nothing yet, but it is most likely a mount that failed.
   */
  missingKeyFile(): string | undefined {
    const { key, keyFile, dataDir } = this.options;
    if (key !== undefined || keyFile === join(dataDir, 'vault.key') || existsSync(keyFile)) return undefined;
    return (
      `the file ${keyFile} that TOLLGATE_VAULT_KEY_FILE names is not there: bring it back or name another; where there ` +
      'never was one, "tollgate credential set" makes it'
    );
  }

  /** @throws CredentialStoreError where the file is broken, or none of the keys is the one that it was encrypted with. */
  read(): StoredCredentials {
    const text = readIfThere(this.path);
    return text === undefined ? new Map() : this.#open(text);
  }

  /**
   * Writes what `edit` makes of the credentials. Two changes at one time exclude each other.
   * @throws CredentialStoreError
   */
  change(edit: (credentials: Map<string, readonly Secret[]>) => void): void {
    this.#replace((credentials) => {
      edit(credentials);
      return this.#currentKey();
    });
  }

  /**
   * Encrypts the file with the next key. A key that is a file is replaced too; one of the environment is the operator's
   * to replace.
   * @throws CredentialStoreError where the key is configured and the next one is not.
   */
  rotateKey(): void {
    const { key, nextKey } = this.options;
    if (key !== undefined) {
      if (nextKey === undefined) {
        throw new CredentialStoreError(
          'the key of the credential store comes from TOLLGATE_VAULT_KEY: set TOLLGATE_VAULT_KEY_NEXT to the next one ' +
            '("openssl rand -hex 32" prints one) for this command and for every gateway, and run it again',
        );
      }
      this.#replace(() => bytesOf(nextKey));
      return;
    }
    // Where the key is lost, this ends here: a new one would stand in the place to which it has to come back.
    this.read();
    this.#currentKey();
    this.#replace(() => readOrMakeKey(this.#nextKeyFile, this.options.clock, this.options.keyFile));
    renameSync(this.#nextKeyFile, this.options.keyFile);
  }

  get #nextKeyFile(): string {
    return `${this.options.keyFile}.next`;
  }

  #currentKey(): Buffer {
    const { key, keyFile, clock } = this.options;
    return key === undefined ? readOrMakeKey(keyFile, clock) : bytesOf(key);
  }

  /** Those that the file may be encrypted with. */
  #knownKeys(): readonly Buffer[] {
    const { key, nextKey, keyFile } = this.options;
    if (key !== undefined) return [bytesOf(key), ...(nextKey === undefined ? [] : [bytesOf(nextKey)])];
    return [keyFile, this.#nextKeyFile].flatMap((path) => readKey(path) ?? []);
  }

  #open(text: string): Map<string, readonly Secret[]> {
    const file = parseFile(this.path, text);
    const known = this.#knownKeys();
    if (known.length === 0) {
      throw new CredentialStoreError(
        `the key of ${this.path}, the file ${this.options.keyFile}, is not there: bring it back, set TOLLGATE_VAULT_KEY_FILE ` +
          'to where it is, or TOLLGATE_VAULT_KEY to what it held',
      );
    }
    const key = known.find((each) => fingerprint(each) === file.key);
    if (key === undefined) {
      throw new CredentialStoreError(
        `${this.path} was encrypted with another key: set TOLLGATE_VAULT_KEY or TOLLGATE_VAULT_KEY_FILE to that one`,
      );
    }
    try {
      const sealed = Buffer.from(file.sealed, 'base64');
      const decipher = createDecipheriv(CIPHER, key, Buffer.from(file.nonce, 'base64'), { authTagLength: TAG_BYTES });
      decipher.setAAD(boundTo(file.key)).setAuthTag(sealed.subarray(sealed.byteLength - TAG_BYTES));
      const plain = decipher.update(sealed.subarray(0, sealed.byteLength - TAG_BYTES));
      const entries = JSON.parse(Buffer.concat([plain, decipher.final()]).toString('utf8')) as [string, string[]][];
      return new Map(entries.map(([name, keys]) => [name, keys.map((value) => new Secret(value))]));
    } catch (error) {
      // OpenSSL's error of an authentication that failed has neither a name nor a code of its own.
      throw new CredentialStoreError(`${this.path} is damaged or was changed: bring it back from a backup`, {
        cause: error,
      });
    }
  }

  /** The new file lies beside the old one from before that is read, which keeps any other change out. */
  #replace(edit: (credentials: Map<string, readonly Secret[]>) => Buffer): void {
    const next = `${this.path}.next`;
    makePrivateFolder(dirname(this.path));
    const file = openExclusive(next);
    try {
      giveToOwner(file, next, this.path);
      const credentials = new Map(this.read());
      const key = edit(credentials);
      const entries = [...credentials].map(([name, keys]) => [name, keys.map((secret) => secret.reveal())]);
      writeSync(file, `${JSON.stringify(this.#seal(key, JSON.stringify(entries)))}\n`);
      fsyncSync(file);
      renameSync(next, this.path);
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }

  #seal(key: Buffer, plain: string): StoredFile {
    const nonce = this.options.clock.randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(fingerprint(key)));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return {
      format: 1,
      key: fingerprint(key),
      nonce: Buffer.from(nonce).toString('base64'),
      sealed: sealed.toString('base64'),
    };
  }
}

/** What is authenticated beside the content. */
function boundTo(key: string): Buffer {
  return Buffer.from(`tollgate credentials 1 ${key}`, 'utf8');
}

function fingerprint(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

function bytesOf(key: Secret): Buffer {
  return Buffer.from(key.reveal().replace(/^0x/i, ''), 'hex');
}

function parseFile(path: string, text: string): StoredFile {
  let file: Partial<StoredFile> | null;
  try {
    file = JSON.parse(text) as Partial<StoredFile> | null;
  } catch (error) {
    throw new CredentialStoreError(`${path} is damaged: bring it back from a backup`, { cause: error });
  }
  const { format, key, nonce, sealed } = file ?? {};
  if (format !== 1 || typeof key !== 'string' || typeof nonce !== 'string' || typeof sealed !== 'string') {
    throw new CredentialStoreError(`${path} is no credential store that this gateway can read`);
  }
  return { format, key, nonce, sealed };
}

function openExclusive(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CredentialStoreError(
      code === 'EEXIST'
        ? `${path} exists: another command changes the credentials now, or one was killed; if none runs, remove the file`
        : `cannot write ${path} (${code ?? 'unknown error'}): TOLLGATE_DATA_DIR has to name a directory that this user can write`,
      { cause: error },
    );
  }
}

/** @param place where the key is to come, if that is another path. */
function readOrMakeKey(path: string, clock: Clock, place = path): Buffer {
  const known = readKey(path);
  if (known !== undefined) return known;
  makePrivateFolder(dirname(path));
  const file = openExclusive(path);
  const newKey = (): string => Buffer.from(clock.randomBytes(32)).toString('hex');
  try {
    return Buffer.from(writeNewKey(file, path, newKey, place), 'hex');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CredentialStoreError(`cannot write the key ${path} (${code ?? message}): see that its disk has room`, {
      cause: error,
    });
  }
}

function readKey(path: string): Buffer | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const fault = readableByOthers(path);
  if (fault !== undefined) {
    throw new CredentialStoreError(
      `the key ${path} ${fault}, and replace it with "tollgate credential rotate-key" if someone may have read it`,
    );
  }
  if (/^[0-9a-f]{64}$/i.test(text.trim())) return Buffer.from(text.trim(), 'hex');
  throw new CredentialStoreError(
    `${path} holds no key: 64 hex digits are needed, as "openssl rand -hex 32" prints them`,
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CredentialStoreError(`${path} cannot be read (${code ?? 'unknown error'})`, { cause: error });
  }
}
