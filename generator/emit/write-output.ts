/**
 * Brings an output folder to the state of a generation. Everything is first written beside it, so that a failing disk or
 * a killed process leaves the folder as it was; then each file that changed is renamed into its place, and the files of
 * providers that are gone are deleted. Files that did not change are not touched, and files that no generator wrote
 * (by their names) are left alone.
 */

import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DESCRIPTORS } from './descriptors-file.js';
import { makeFolder } from './make-folder.js';
import type { OutputFile } from './provider-output.js';

export interface OutputChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const MANIFEST = 'manifest.json';
const ROOT_FILES = ['catalogue.json', 'contract.ts', MANIFEST];
const PROVIDER_FILES = [DESCRIPTORS, 'endpoints.ts', 'types.ts'];

/**
 * How the folder differs from the files. `kept` are files that are not among them and stay; throws an Error where one of
 * those is not there, since the manifest would then name what nobody finds.
 */
export async function outputChanges(
  outDir: string,
  files: readonly OutputFile[],
  kept: readonly string[],
): Promise<OutputChanges> {
  const present = presentFiles(outDir);
  const added: string[] = [];
  const changed: string[] = [];
  for (const { file, text } of files) {
    if (!present.delete(file)) added.push(file);
    else if (await isAnother(join(outDir, file), text)) changed.push(file);
  }
  for (const file of kept) {
    if (!present.delete(file)) throw new Error(`${join(outDir, file)} is not there any more: generate all providers`);
  }
  return { added, changed, removed: [...present] };
}

/** By the sizes where they tell, for the catalogue may be of a hundred megabytes. */
async function isAnother(path: string, text: string): Promise<boolean> {
  if (statSync(path).size !== Buffer.byteLength(text)) return true;
  return !(await readFile(path)).equals(Buffer.from(text));
}

/** Writes what `outputChanges` found, and returns it. Throws the file system's own errors. */
export async function writeOutput(
  outDir: string,
  files: readonly OutputFile[],
  kept: readonly string[],
): Promise<OutputChanges> {
  const target = resolve(outDir);
  const changes = await outputChanges(target, files, kept);
  const writing = new Set([...changes.added, ...changes.changed]);
  if (writing.size > 0) {
    await makeFolder(dirname(target));
    const staging = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      for (const { file, text } of files) {
        if (!writing.has(file)) continue;
        await mkdir(dirname(join(staging, file)), { recursive: true });
        await writeFile(join(staging, file), text);
      }
      // The manifest comes last: until then it is the old one, by whose digests what is new is refused.
      for (const file of [...writing].sort((left, right) => Number(left === MANIFEST) - Number(right === MANIFEST))) {
        await makeFolder(dirname(join(target, file)));
        await rename(join(staging, file), join(target, file));
      }
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  for (const file of changes.removed) await rm(join(target, file));
  for (const folder of new Set(changes.removed.map((file) => dirname(join(target, file))))) {
    if (namesIn(folder).length === 0) await rmdir(folder);
  }
  return changes;
}

/** The files in the folder that bear the name of something that the generator writes. */
function presentFiles(outDir: string): Set<string> {
  const present = new Set(namesIn(outDir).filter((name) => ROOT_FILES.includes(name)));
  for (const provider of namesIn(join(outDir, 'providers'))) {
    for (const name of namesIn(join(outDir, 'providers', provider))) {
      if (PROVIDER_FILES.includes(name)) present.add(`providers/${provider}/${name}`);
    }
  }
  return present;
}

/** Synchronous, since a catalogue has thousands of folders, each of which is read in less time than one is waited for. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
