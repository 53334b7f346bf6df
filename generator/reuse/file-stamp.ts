/**
 * Tells whether a file is what it was, without reading it where that is possible. Size, times and inode change whenever
 * a file is written; only where they differ, or say nothing yet, is its content looked at.
 */

import { statSync, type BigIntStats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { sha256 } from '../emit/sha256.js';
import { isForbidden } from '../load/forbidden.js';

export interface FileRecord {
  /** Path below the folder that the record is about, with forward slashes. */
  readonly file: string;
  readonly sha256: string;
  /** Absent where the file was so fresh that it could change once more without its times showing it. */
  readonly stamp?: string;
}

/**
 * How long after a change another one surely shows in the times: kernels count them in ticks of up to 10 ms, and file
 * systems without fractions of a second in up to 2 s.
 */
const FRESH_NS = 50_000_000n;
const FRESH_IN_SECONDS_NS = 3_000_000_000n;
const SECOND_NS = 1_000_000_000n;
/** A little more than the first of them. Where the file system counts in seconds, the content is looked at once more. */
const SETTLING_MS = 60;

/** `undefined` where there is no file, or one whose times are too fresh to tell. */
export function fileStamp(path: string): string | undefined {
  const stats = statsOf(path);
  return stats && settledStamp(stats);
}

/**
 * The stamps of files that were just written. It waits until their times are old enough to show any later change; the
 * stamp is undefined where a file was written again meanwhile.
 */
export async function settledStamps(paths: readonly string[]): Promise<readonly (string | undefined)[]> {
  const written = paths.map(statsOf);
  await setTimeout(SETTLING_MS);
  return paths.map((path, index) => {
    const stamp = fileStamp(path);
    const before = written[index];
    return before !== undefined && stampOf(before) === stamp ? stamp : undefined;
  });
}

/** The record with a stamp that is up to date, or `undefined` where the file at `path` has another content. */
export async function verified(path: string, record: FileRecord): Promise<FileRecord | undefined> {
  const stats = statsOf(path);
  if (stats === undefined) return undefined;
  if (stampOf(stats) === record.stamp) return record;
  // Taken before the content is read, so that what is written from here on shows.
  const stamp = settledStamp(stats);
  const { file, sha256: digest } = record;
  if ((await digestOf(path)) !== digest) return undefined;
  return { file, sha256: digest, ...(stamp !== undefined && { stamp }) };
}

/** `undefined` where this user may not read the file, which is for the generation to refuse. */
export async function digestOf(path: string): Promise<string | undefined> {
  try {
    return sha256(await readFile(path));
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function settledStamp(stats: BigIntStats): string | undefined {
  const changedNs = stats.ctimeNs > stats.mtimeNs ? stats.ctimeNs : stats.mtimeNs;
  const freshNs = changedNs % SECOND_NS === 0n ? FRESH_IN_SECONDS_NS : FRESH_NS;
  return BigInt(Date.now()) * 1_000_000n - changedNs > freshNs ? stampOf(stats) : undefined;
}

function stampOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino].join(' ');
}
