/**
 * Runs the generator as a maintainer does, in a process of its own: so a crash is an exit code, a hang is a timeout, and
 * the memory that it reports is its own.
 */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Report } from '../../generator/report/report.js';
import { runChild } from './run-child.js';

const GENERATOR = join(import.meta.dirname, '..', '..', 'generator', 'cli', 'main.ts');

/** The generator ended otherwise than it may, whatever the documents say. */
export class GeneratorCrash extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GeneratorCrash';
  }
}

/**
 * Generates `outDir` anew from all of `specsDir`, without types.
 * @throws GeneratorCrash
 */
export async function generateCatalogue(folders: {
  readonly specsDir: string;
  readonly outDir: string;
  readonly reportFile: string;
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}): Promise<Report> {
  const { specsDir, outDir, reportFile, timeoutMs, say } = folders;
  await rm(outDir, { recursive: true, force: true });
  await rm(reportFile, { force: true });
  const { code, signal, output } = await runChild(
    process.execPath,
    [
      ...['--import', 'tsx', GENERATOR, 'generate', '--specs', specsDir, '--out', outDir],
      ...['--keep-going', '--no-types', '--report', reportFile],
    ],
    { timeoutMs, onLine: (line) => void (/^\d+ of \d+ documents$/.test(line) && say(`  ${line}`)) },
  );
  if (code !== 0) {
    const end =
      code === null ? `was killed (${String(signal)}), maybe after ${timeoutMs / 1000} s` : `ended with ${code}`;
    throw new GeneratorCrash(`the generator ${end}:\n${output.trim().slice(-3000)}`);
  }
  return JSON.parse(await readFile(reportFile, 'utf8')) as Report;
}
