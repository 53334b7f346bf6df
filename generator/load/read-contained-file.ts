/**
 * Reads files of one provider and no others: whatever a reference says, links included, what is read lies inside the
 * provider's folder. The check is made on the path as written, and again on the path that the file system resolves.
 */

import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isForbidden } from './forbidden.js';

/** The largest file that is read. JSON of 50 MB is fine; text much beyond it does not fit one JavaScript string. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

export type ContainedFile =
  { readonly bytes: Uint8Array } | { readonly fault: 'outside' | 'missing' | 'too large' | 'forbidden' };

/**
 * @param root absolute path of the folder (or of the one file) that may be read
 * @param file absolute path
 */
export async function readContainedFile(root: string, file: string): Promise<ContainedFile> {
  if (file.includes('\0') || !contains(root, file)) return { fault: 'outside' };
  try {
    const [realRoot, realFile] = await Promise.all([realpath(root), realpath(file)]);
    if (!contains(realRoot, realFile)) return { fault: 'outside' };
    const status = await stat(realFile);
    if (!status.isFile()) return { fault: 'missing' };
    if (status.size > MAX_FILE_BYTES) return { fault: 'too large' };
    return { bytes: await readFile(realFile) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') {
      return { fault: 'missing' };
    }
    if (isForbidden(error)) return { fault: 'forbidden' };
    throw error;
  }
}

function contains(root: string, file: string): boolean {
  return file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}
