/** What the generator itself is made of: another version of it, or of a package that it uses, makes other output. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../emit/contract-source.js';

/** Where npm writes down the exact packages that it installed. */
const INSTALLED = 'node_modules/.package-lock.json';

let known: { readonly digest: string | undefined } | undefined;

/**
 * SHA-256 over the version of Node.js, the generator's code and the installed packages. `undefined` where it cannot be
 * told which packages those are. Read once: what a process has loaded stays what it is.
 */
export function generatorDigest(): string | undefined {
  known ??= { digest: readDigest() };
  return known.digest;
}

function readDigest(): string | undefined {
  const root = packageRoot();
  const installed = above(root)
    .map((folder) => join(folder, INSTALLED))
    .find((file) => existsSync(file));
  if (installed === undefined) return undefined;
  const code = dirname(dirname(fileURLToPath(import.meta.url)));
  const files = readdirSync(code, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.(ts|js|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256').update(process.version);
  for (const file of [...files, join(root, 'package.json'), join(root, 'generator', 'contract.ts'), installed]) {
    const bytes = readFileSync(file);
    hash.update(`\n${String(bytes.length)}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** The folder itself and those that hold it, where a package's dependencies may lie. */
function above(folder: string): readonly string[] {
  const folders = [folder];
  for (let next = dirname(folder); next !== folders.at(-1); next = dirname(next)) folders.push(next);
  return folders;
}
