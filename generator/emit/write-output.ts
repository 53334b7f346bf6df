/**
 * Brings an output folder to the state of a generation. Everything is first written beside it, so that a failing disk or
 * a killed process leaves the folder as it was; then each file that changed is renamed into its place, and the files of
 * providers that are gone are deleted. Files that did not change are not touched, and files that no generator wrote
 * (by their names) are left alone.
 */

import { mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { OutputFile } from './provider-output.js';

export interface OutputChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const ROOT_FILES = ['catalogue.json', 'contract.ts', 'manifest.json'];
const PROVIDER_FILES = ['descriptors.json', 'endpoints.ts', 'types.ts'];

/** How the folder differs from the files; `kept` are providers whose files are not among them and stay. */
export async function outputChanges(
  outDir: string,
  files: readonly OutputFile[],
  kept: readonly string[],
): Promise<OutputChanges> {
  const present = await presentFiles(outDir);
  const added: string[] = [];
  const changed: string[] = [];
  for (const { file, text } of files) {
    if (!present.delete(file)) added.push(file);
    else if (!(await readFile(join(outDir, file))).equals(Buffer.from(text))) changed.push(file);
  }
  const stays = (file: string): boolean => kept.some((id) => file.startsWith(`providers/${id}/`));
  return { added, changed, removed: [...present].filter((file) => !stays(file)) };
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
    await mkdir(dirname(target), { recursive: true });
    const staging = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      for (const { file, text } of files) {
        if (!writing.has(file)) continue;
        await mkdir(dirname(join(staging, file)), { recursive: true });
        await writeFile(join(staging, file), text);
      }
      for (const file of writing) {
        await mkdir(dirname(join(target, file)), { recursive: true });
        await rename(join(staging, file), join(target, file));
      }
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  for (const file of changes.removed) await rm(join(target, file));
  for (const folder of new Set(changes.removed.map((file) => dirname(join(target, file))))) {
    if ((await readdir(folder)).length === 0) await rmdir(folder);
  }
  return changes;
}

/** The files in the folder that bear the name of something that the generator writes. */
async function presentFiles(outDir: string): Promise<Set<string>> {
  const present = new Set((await namesIn(outDir)).filter((name) => ROOT_FILES.includes(name)));
  for (const provider of await namesIn(join(outDir, 'providers'))) {
    for (const name of await namesIn(join(outDir, 'providers', provider))) {
      if (PROVIDER_FILES.includes(name)) present.add(`providers/${provider}/${name}`);
    }
  }
  return present;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
