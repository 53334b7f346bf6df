import { existsSync, fchownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Gives a new file to the user and the group of the file whose place it is to take, or else of the folder. Otherwise the
 * gateway, which runs as that user, could not read what a command leaves that root runs. Nobody but root can give files
 * away, nor has to: the folder is its user's alone.
 * @param file that is open.
 * @param path where it is.
 * @param place where it is to come, if that is another path.
 */
export function giveToOwner(file: number, path: string, place = path): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(place !== path && existsSync(place) ? place : dirname(place));
  fchownSync(file, uid, gid);
}
