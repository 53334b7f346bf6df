/**
 * Writes a whole catalogue into a folder of its own. The folder has its name only when it is complete, so that whoever
 * finds it finds all of it. Descriptors that are on the disk already are linked, since most of a catalogue stays the same.
 */

import { copyFile, link, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catalogueFiles, type CatalogueShare } from '../emit/catalogue-files.js';
import { DESCRIPTORS, isDescriptors } from '../emit/descriptors-file.js';

export interface VersionPart {
  readonly share: CatalogueShare;
  /** The descriptors' text, or the file that has them. */
  readonly descriptors: { readonly text: string } | { readonly file: string };
}

export function descriptorsIn(dir: string, provider: string): string {
  return join(dir, 'providers', provider, DESCRIPTORS);
}

/** Writes `<outDir>/<name>` and returns its path. Throws the file system's own errors. */
export async function writeVersion(outDir: string, name: string, parts: readonly VersionPart[]): Promise<string> {
  const staging = join(outDir, `.${name}`);
  for (const { share, descriptors } of parts) {
    const target = descriptorsIn(staging, share.provider.id);
    await mkdir(join(target, '..'), { recursive: true });
    if ('text' in descriptors) await writeFile(target, descriptors.text);
    else await linkOrCopy(descriptors.file, target);
  }
  const { catalogue, manifest } = catalogueFiles(parts.map(({ share }) => withDescriptorsAlone(share)));
  await mkdir(staging, { recursive: true });
  await writeFile(join(staging, 'catalogue.json'), catalogue);
  await writeFile(join(staging, 'manifest.json'), manifest);
  const dir = join(outDir, name);
  await rename(staging, dir);
  return dir;
}

async function linkOrCopy(file: string, target: string): Promise<void> {
  try {
    await link(file, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another file system, or one that knows no links.
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
    await copyFile(file, target);
  }
}

/** The manifest names what lies in the folder; types are no part of what is served. */
function withDescriptorsAlone(share: CatalogueShare): CatalogueShare {
  const files = share.manifest.files.filter(isDescriptors);
  return { ...share, manifest: { ...share.manifest, files } };
}
