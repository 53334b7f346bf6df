/** Files of the catalogue, checked against the digests of its manifest before anything in them is believed. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';

import { CatalogueError } from './catalogue-error.js';

/** Bytes that are hashed between two turns of others: a few milliseconds' work. */
const BYTES_AT_ONCE = 4_000_000;

/** @throws CatalogueError where the file cannot be read. */
export async function readCatalogueFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CatalogueError(path, `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

/** @throws CatalogueError where the file cannot be read, or is not the one that has this digest. */
export async function readCheckedFile(path: string, sha256: string): Promise<Buffer> {
  const bytes = await readCatalogueFile(path);
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
    if (at > 0) await turn();
    hash.update(bytes.subarray(at, at + BYTES_AT_ONCE));
  }
  if (hash.digest('hex') !== sha256) {
    throw new CatalogueError(path, 'is not the file that the manifest names (its SHA-256 differs)');
  }
  return bytes;
}

/** @throws CatalogueError where the text is not JSON. */
export function parseCatalogueFile<T>(path: string, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new CatalogueError(path, `is not JSON (${(error as Error).message})`);
  }
}
