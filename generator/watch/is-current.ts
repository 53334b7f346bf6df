/** Whether a provider's part of a catalogue was made from the files that are there now. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestProvider } from '../contract.js';
import { sha256 } from '../emit/sha256.js';
import { isForbidden } from '../load/forbidden.js';
import type { ProviderSource } from '../settings/discover-providers.js';

/** By the digests of all files that it was made from, those that it refers to among them. */
export async function isCurrent(source: ProviderSource, made: ManifestProvider): Promise<boolean> {
  const before = new Map(made.sources.map((file) => [file.file, file.sha256]));
  const now = [source.file, source.settingsFile, source.overlayFile].flatMap((file) => file ?? []);
  if (now.some((file) => !before.has(file))) return false;
  for (const [file, digest] of before) {
    try {
      if (sha256(await readFile(join(source.specsDir, file))) !== digest) return false;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR' || isForbidden(error)) return false;
      throw error;
    }
  }
  return true;
}
