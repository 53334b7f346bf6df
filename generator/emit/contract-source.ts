/** The text of `generator/contract.ts`, for the copy in `generated/`. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The source is read from the package's own folder: compiled code stands under `dist/`, where the contract is only
 * `.js` and `.d.ts`. Throws where the package was installed without its sources.
 */
export function contractSource(): string {
  return readFileSync(join(packageRoot(), 'generator', 'contract.ts'), 'utf8');
}

/** The nearest folder above this module whose package.json is Tollgate's. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'tollgate') {
      return folder;
    }
    const above = dirname(folder);
    if (above === folder) throw new Error('found no package.json named tollgate above the generator: reinstall it');
    folder = above;
  }
}
