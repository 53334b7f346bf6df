/** Files that hold a key: readable by their owner alone, and whole on the disk before anything relies on them. */

import { closeSync, fchmodSync, fsyncSync, rmSync, statSync, writeSync } from 'node:fs';

import { giveToOwner } from './give-to-owner.js';

/**
 * Writes a new key into a file that was just made, and closes it. If that fails the file is removed: on a disk that is
 * full it would stay, empty, and be no key at the next start.
 * @param newKey makes it, as a text of one line.
 * @param place where the file is to come, if that is another path: see `giveToOwner`
 * @throws what the system says
 */
export function writeNewKey(file: number, path: string, newKey: () => string, place = path): string {
  try {
    const key = newKey();
    fchmodSync(file, 0o600);
    giveToOwner(file, path, place);
    writeSync(file, `${key}\n`);
    fsyncSync(file);
    return key;
  } catch (error) {
    rmSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** What is wrong if others can read the file, as the predicate of a sentence, with the remedy; undefined if none can. */
export function readableByOthers(path: string): string | undefined {
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return undefined;
  return `can be read by others (mode ${mode.toString(8).padStart(4, '0')}): run chmod 600 ${path}`;
}
