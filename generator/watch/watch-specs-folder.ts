/** Tells which providers are touched while somebody works below `specs/`. It looks at names alone, not at contents. */

import { once } from 'node:events';
import { relative, resolve, sep } from 'node:path';
import { watch } from 'chokidar';
import { touchedProviders } from './touched-providers.js';

/**
 * Resolves when nothing that happens from now on is missed.
 * @param onFault told where the system does not let a folder be watched.
 */
export async function watchSpecsFolder(
  specsDir: string,
  onTouched: (provider: string) => void,
  onFault: (message: string) => void,
): Promise<void> {
  const root = resolve(specsDir);
  const below = (path: string): string => relative(root, resolve(root, path)).split(sep).join('/');
  const watcher = watch(root, {
    ignoreInitial: true,
    ignored: (path) => below(path) !== '' && touchedProviders(below(path)).length === 0,
  });
  watcher.on('all', (_event, path) => {
    for (const provider of touchedProviders(below(path))) onTouched(provider);
  });
  watcher.on('error', (error) => {
    onFault((error as Error).message);
  });
  await once(watcher, 'ready');
}
