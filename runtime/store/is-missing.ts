import { statSync } from 'node:fs';

/**
 * Whether a file of SQLite is not there, or empty, which comes to the same: it would make a new one of it. What cannot
 * be looked at is told when it is opened.
 */
export function isMissing(path: string): boolean {
  try {
    return statSync(path).size === 0;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
