/** What `--only` keeps of the catalogue that is there: the shares of the providers that are not generated. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CATALOGUE_FORMAT, type Manifest } from '../contract.js';
import { writtenShares, type CatalogueShare } from '../emit/catalogue-files.js';
import { sha256 } from '../emit/sha256.js';

/**
 * @param types whether the types are made of the providers that are generated: a catalogue has them of all or of none
 * @throws Error where there is no catalogue to keep anything of, or none that this generator wrote in the same form
 */
export async function earlierShares(
  outDir: string,
  only: readonly string[],
  types: boolean,
): Promise<readonly CatalogueShare[]> {
  const catalogue = await readText(join(outDir, 'catalogue.json'));
  const manifest = JSON.parse(await readText(join(outDir, 'manifest.json'))) as Manifest;
  const { format }: { readonly format: unknown } = manifest;
  if (format !== CATALOGUE_FORMAT) {
    throw new Error(`${outDir} is of format ${String(format)}, not ${String(CATALOGUE_FORMAT)}: generate all of it`);
  }
  if (sha256(catalogue) !== manifest.catalogue) {
    throw new Error(
      `${join(outDir, 'catalogue.json')} is not what its manifest names: run generate without --only first`,
    );
  }
  for (const { id, files } of manifest.providers) {
    if (only.includes(id) || files.some(({ file }) => file.endsWith('/endpoints.ts')) === types) continue;
    const remedy = types ? 'add --no-types' : 'leave out --no-types';
    throw new Error(`${outDir} has ${types ? 'no ' : ''}types of ${id}: ${remedy}, or run generate without --only`);
  }
  return writtenShares(catalogue, manifest);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`${file} is not there: run generate without --only first`, { cause: error });
  }
}
