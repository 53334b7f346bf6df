/** Files that the operator names. What is wrong with one is told with its name and in words. */

import { readFileSync, writeFileSync } from 'node:fs';

import { RefusedCommand } from '../refused-command.js';
import { hasRepeatedMember } from './repeated-member.js';
import { UsageError } from './usage-error.js';

/**
 * Its content; `-` is standard input.
 * @throws UsageError
 */
export function readFile(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new UsageError(`${nameOf(file)} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * A byte order mark at its beginning is passed over (RFC 8259, section 8.1), for some editors and shells write one.
 * @throws UsageError; RefusedCommand where it is not JSON, or names a field twice, and so no receipt or statement either
 */
export function readJson(file: string): unknown {
  const text = readFile(file).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    throw new RefusedCommand(`${nameOf(file)} is not JSON (${(error as Error).message})`, { cause: error });
  }
  if (!hasRepeatedMember(text, value)) return value;
  throw new RefusedCommand(
    `${nameOf(file)} has a field twice, of which readers take the one or the other: trust neither`,
  );
}

/** @throws UsageError */
export function writeFile(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${reasonOf(error, 'its folder is not there')}`, { cause: error });
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function reasonOf(error: unknown, missing = 'there is no such file'): string {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return missing;
  if (code === 'EISDIR') return 'it is a folder';
  return code === 'EACCES' ? 'this user may not' : code;
}
