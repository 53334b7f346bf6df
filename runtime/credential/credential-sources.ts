/**
 * Where the operator's values come from: the environment, files that it names, and the encrypted store, in this order;
 * the first that has a value for a variable wins. Several keys of one scheme stand in `<variable>_1`, `<variable>_2`, …
 * without a gap, or in a file with one a line, or one PEM behind the other.
 *
 * Files and the store are read again when they change. One that cannot be read leaves what was read before in use, and
 * is told for as long as that lasts; it never ends the gateway.
 */

import { readFileSync, statSync } from 'node:fs';

import type { CredentialStore, StoredCredentials } from './credential-store.js';
import { CredentialStoreError } from './credential-store.js';
import type { CredentialValues } from './credential-values.js';
import { keysOfText } from './keys-of-text.js';
import { Secret } from './secret.js';

export interface CredentialSourcesOptions {
  /** The value of a variable of the environment. */
  readonly variable: (name: string) => Secret | undefined;
  /** The names of those that begin with `TOLLGATE_CREDENTIAL_`. */
  readonly names: readonly string[];
  readonly store: CredentialStore;
  /** Asked where nothing else has a value. */
  readonly otherwise?: (variable: string) => Secret | undefined;
  /** Told when something can be read no more, or again. */
  readonly onChange?: (problems: readonly string[]) => void;
}

const FILE = '_FILE';
const MOST_FILE_BYTES = 65_536;

/** What is read again when it changes. */
interface Followed<Value> {
  /** The files that it is read from. */
  readonly paths: readonly string[];
  readonly read: () => Value;
  /** How the files were when they were last read. */
  stamp: string;
  value: Value;
  problem?: string;
}

export class CredentialSources implements CredentialValues {
  #version = 0;
  #known = new Map<string, readonly Secret[]>();
  readonly #files: ReadonlyMap<string, Followed<readonly Secret[]>>;
  readonly #store: Followed<StoredCredentials>;
  #missingKeyFile: string | undefined;

  constructor(private readonly options: CredentialSourcesOptions) {
    const { names, store, variable } = options;
    this.#files = new Map(
      names
        .filter((name) => name.endsWith(FILE))
        .map((name) => {
          const path = variable(name)!.reveal().trim();
          return [
            name.slice(0, -FILE.length),
            { paths: [path], read: () => readKeys(name, path), stamp: '', value: [] },
          ];
        }),
    );
    this.#store = { paths: store.paths, read: () => store.read(), stamp: '', value: new Map() };
    this.refresh();
  }

  get version(): number {
    return this.#version;
  }

  /** What cannot be read now, each in a line for the operator. */
  get problems(): readonly string[] {
    const problems = [...this.#files.values(), this.#store].flatMap(({ problem }) => problem ?? []);
    // With something stored, the store has told it.
    return this.#store.problem === undefined
      ? [...problems, ...(this.#missingKeyFile === undefined ? [] : [this.#missingKeyFile])]
      : problems;
  }

  get(variable: string, isAlone: boolean): readonly Secret[] {
    const key = `${variable} ${isAlone}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#find(variable, isAlone);
    if (found.length > 0) this.#known.set(key, found);
    return found;
  }

  /**
   * Reads again what has changed.
   * @param all also what seems not to have.
   */
  refresh(all = false): void {
    const before = this.problems.join('\n');
    let isChanged = false;
    this.#missingKeyFile = this.options.store.missingKeyFile();
    for (const followed of [...this.#files.values(), this.#store]) {
      if (follow(followed, all)) isChanged = true;
    }
    if (isChanged) {
      this.#known = new Map();
      this.#version += 1;
    }
    if (this.problems.join('\n') !== before) this.options.onChange?.(this.problems);
  }

  #find(variable: string, isAlone: boolean): readonly Secret[] {
    const keys = [this.options.variable(variable)];
    for (let number = 1; !isAlone && (number === 1 || keys.at(-1) !== undefined); number += 1) {
      keys.push(this.options.variable(`${variable}_${number}`));
    }
    const set = keys.filter((key) => key !== undefined);
    if (set.length > 0) return set;
    const file = isAlone ? undefined : this.#files.get(variable);
    if (file !== undefined && file.value.length > 0) return file.value;
    const stored = this.#store.value.get(variable);
    if (stored !== undefined) return stored;
    const other = this.options.otherwise?.(variable);
    return other === undefined ? [] : [other];
  }
}

/** @returns whether it was read anew. */
function follow(followed: Followed<unknown>, all: boolean): boolean {
  const stamp = followed.paths.map(stampOf).join('; ');
  // What stood in the way, such as too many open files, may be gone while the file is as it was.
  if (stamp === followed.stamp && !all && followed.problem === undefined) return false;
  followed.stamp = stamp;
  try {
    followed.value = followed.read();
    followed.problem = undefined;
    return true;
  } catch (error) {
    if (!(error instanceof CredentialStoreError)) throw error;
    followed.problem = error.message;
    return false;
  }
}

/** Changes whenever the file does: also where another one is put in its place, as by links of mounted volumes. */
function stampOf(path: string): string {
  try {
    const { dev, ino, size, mode, mtimeMs, ctimeMs } = statSync(path);
    return [dev, ino, size, mode, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
}

/** Neither a file's path, which may be a mistaken secret, nor its content is told. */
function readKeys(variable: string, path: string): readonly Secret[] {
  const fault = (what: string): CredentialStoreError => new CredentialStoreError(`the file of ${variable} ${what}`);
  let text: string;
  try {
    const { mode, size } = statSync(path);
    if ((mode & 0o002) !== 0) throw fault('can be written by anybody: run chmod o-w on it');
    if (size > MOST_FILE_BYTES) throw fault(`is larger than ${MOST_FILE_BYTES} bytes, and so holds no keys`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof CredentialStoreError) throw error;
    throw fault(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  const keys = keysOfText(text);
  if (keys.length === 0) throw fault('holds no key: write one a line');
  return keys.map((key) => new Secret(key));
}
