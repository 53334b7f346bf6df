/**
 * What this user may not read is refused like a document that is wrong, and does not end the generation of the others.
 * Any other error of the file system is the disk's, and does.
 */

import { SpecError, type Place } from '../report/findings.js';

export const UNREADABLE = 'unreadable-file';
export const MAKE_READABLE = 'let this user read it, for example with chmod u+r, or u+rx where it is a folder';

/** Whether the system says that this user may not. */
export function isForbidden(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

export function forbidden(place: Place): SpecError {
  return new SpecError(place, UNREADABLE, 'this user may not read the file', MAKE_READABLE);
}
