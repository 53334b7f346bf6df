/**
 * What a generation remembers for the next one, in a file beside the output folder: of each provider the files that it
 * was made from, the files that were made of it, and what was found. It is no part of the catalogue, is not committed,
 * and may be deleted at any time. It holds for one version of the generator and one form of the output.
 */

import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Loss, Refusal, Warning } from '../report/findings.js';
import type { FileRecord } from './file-stamp.js';

export interface ReuseRecord {
  readonly provider: string;
  /** Below `specs/`: all that lies in the provider's folder. */
  readonly sources: readonly FileRecord[];
  /** Below the output folder; none where the provider was refused. */
  readonly outputs: readonly FileRecord[];
  readonly operations: number;
  readonly refused: readonly Refusal[];
  readonly losses: readonly Loss[];
  readonly warnings: readonly Warning[];
}

export interface ReuseFile {
  /** `catalogue.json` and `manifest.json`. */
  readonly outputs: readonly FileRecord[];
  readonly records: ReadonlyMap<string, ReuseRecord>;
}

interface Head {
  readonly key: string;
  readonly outputs: readonly FileRecord[];
}

/** `.generated.reuse.jsonl` beside `generated/`. */
export function reuseFileOf(outDir: string): string {
  const target = resolve(outDir);
  return join(dirname(target), `.${basename(target)}${ENDING}`);
}

/** What version control ignores, a file that was left behind half written too. */
const ENDING = '.reuse.jsonl';

/** `undefined` where there is none, where it was written with another `key`, or where it is damaged. */
export async function readReuseFile(outDir: string, key: string): Promise<ReuseFile | undefined> {
  let text: string;
  try {
    text = await readFile(reuseFileOf(outDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const [head = '{}', ...rows] = text.trimEnd().split('\n');
    const { key: written, outputs } = JSON.parse(head) as Head;
    if (written !== key) return undefined;
    const records = rows.map((row) => JSON.parse(row) as ReuseRecord);
    return { outputs, records: new Map(records.map((record) => [record.provider, record])) };
  } catch (error) {
    // Cut short by a full disk, say: then all is made anew.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whole or not at all, whatever other generation writes it at the same time: the last one stays. */
export async function writeReuseFile(outDir: string, key: string, { outputs, records }: ReuseFile): Promise<void> {
  const file = reuseFileOf(outDir);
  const head: Head = { key, outputs };
  const rows = [head, ...records.values()].map((row) => `${JSON.stringify(row)}\n`);
  const written = `${file.slice(0, -ENDING.length)}.${randomUUID()}${ENDING}`;
  await writeFile(written, rows.join(''));
  await rename(written, file);
}
