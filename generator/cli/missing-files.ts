/** Which files a loaded document refers to that were not there: its relative references that nothing was found for. */

import { posix } from 'node:path';
import { FILES_KEY } from '../load/bring-references-inside.js';

/**
 * Paths below the document's folder, with forward slashes; what lies outside of it is left out. A reference that was
 * found has become an internal one by now. Those in examples and extensions are among them too: most lead nowhere.
 */
export function missingFiles(document: object, file: string): readonly string[] {
  const { [FILES_KEY]: others = {}, ...root } = document as Partial<Record<string, object>>;
  const texts = [[file, root] as const, ...Object.entries(others)];
  const missing = new Set<string>();
  for (const [from, text] of texts) {
    const pending: unknown[] = [text];
    while (pending.length > 0) {
      const value = pending.pop();
      if (typeof value !== 'object' || value === null) continue;
      for (const item of Object.values(value)) pending.push(item);
      const reference = Array.isArray(value) ? undefined : (value as { readonly $ref?: unknown }).$ref;
      if (typeof reference !== 'string' || !/^[^#:?]+($|[#?])/.test(reference)) continue;
      const path = posix.join(posix.dirname(from), reference.replace(/[#?].*$/s, ''));
      if (!path.startsWith('../') && !posix.isAbsolute(path)) missing.add(path);
    }
  }
  return [...missing].sort();
}
