/**
 * Makes a folder that this user alone may enter. Those above it that are missing are made first, one by one: Node's own
 * `recursive` never comes back where a folder refuses any other with "no such file", as `/proc` does.
 */

import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A folder that is there is left as it is.
 * @throws the file system's own error where it cannot be made, or something else has its name
 */
export function makePrivateFolder(path: string): void {
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makePrivateFolder(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(path);
    if (!isThere || !statSync(path).isDirectory()) throw error;
  }
}
