/**
 * Makes a folder and those above it that are missing, one by one: Node's own `recursive` never comes back where a folder
 * refuses any other with "no such file", as `/proc` does.
 */

import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * A folder that is there is left as it is.
 * @throws Error that names the folder which cannot be made, and says what to do
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  const above = dirname(folder);
  if (above !== folder && !existsSync(above)) await makeFolder(above);
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && existsSync(folder) && (await stat(folder)).isDirectory()) return;
    const fault = FAULTS[code ?? ''] ?? (error as Error).message;
    throw new Error(`the folder ${folder} cannot be made: ${fault}; name another place`, { cause: error });
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write above it',
  EEXIST: 'something else has its name',
  ENOENT: 'what is above it takes no folder',
  ENOTDIR: 'what is above it is no folder',
  EROFS: 'what is above it can only be read',
};
