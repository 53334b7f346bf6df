/** The files that a provider may have been made from: all that lies in its folder, whether anything refers to it or not. */

import { lstatSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { byCodePoint } from '../emit/code-point-order.js';
import { isForbidden } from '../load/forbidden.js';
import type { ProviderSource } from '../settings/discover-providers.js';

/**
 * Paths below `specs/`, sorted. `undefined` where a link is among them: what it leads to may change without a trace
 * here. Likewise where this user may not look.
 */
export function sourceFiles(source: ProviderSource): readonly string[] | undefined {
  try {
    return filesOf(source);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function filesOf({ specsDir, root, file }: ProviderSource): readonly string[] | undefined {
  if (root === file) return lstatSync(join(specsDir, file)).isFile() ? [file] : undefined;
  const entries = readdirSync(join(specsDir, root), { recursive: true, withFileTypes: true });
  if (!entries.every((entry) => entry.isFile() || entry.isDirectory())) return undefined;
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(specsDir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort(byCodePoint);
}
