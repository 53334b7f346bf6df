/** `generate`: runs the generator, then writes or compares, then reports. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue, Manifest } from '../contract.js';
import { CATALOGUE_FORMAT } from '../contract.js';
import { outputChanges, writeOutput } from '../emit/write-output.js';
import { generate, type GenerateOptions } from '../generate.js';
import { changeLines, changeSummary, type ChangeSummary } from '../report/change-summary.js';
import { progress } from '../report/progress.js';
import { report } from '../report/report.js';
import { terminalReport } from '../report/terminal-report.js';
import { runInThreads } from './run-in-threads.js';

export interface GenerateFlags {
  readonly specs: string;
  readonly out: string;
  readonly check?: boolean;
  readonly report?: string;
  readonly jobs?: number;
  readonly types: boolean;
  readonly only?: readonly string[];
  readonly allowRemoteRefs?: boolean;
  readonly keepGoing?: boolean;
  readonly json?: boolean;
}

/** The exit code: 1 where a provider was refused (unless `keepGoing`) or where `check` found a difference, else 0. */
export async function generateCommand(flags: GenerateFlags): Promise<number> {
  const started = performance.now();
  const shown = progress();
  const options: GenerateOptions = {
    specsDir: flags.specs,
    allowRemoteRefs: flags.allowRemoteRefs === true,
    types: flags.types,
    ...(flags.only !== undefined && { only: flags.only, earlier: await earlierGeneration(flags.out) }),
    runAll: runInThreads(flags.jobs),
    onProvider: (result, done, total) => {
      shown.advance(done, total, result.provider);
    },
  };
  const generation = await generate(options).finally(() => {
    shown.stop();
  });
  const sound = generation.refused.length === 0 || flags.keepGoing === true;

  let changes: ChangeSummary | undefined;
  if (flags.check === true) {
    const found = await outputChanges(flags.out, generation.files, generation.kept);
    changes = await changeSummary(flags.out, generation.files, found);
  } else if (sound) {
    await writeOutput(flags.out, generation.files, generation.kept);
  }

  const row = report(generation, (performance.now() - started) / 1000);
  if (flags.report !== undefined) await writeFile(flags.report, `${JSON.stringify(row, undefined, 2)}\n`);
  console.error(terminalReport(row));
  const drifted = changes !== undefined && changes.added.length + changes.changed.length + changes.removed.length > 0;
  if (changes !== undefined && drifted) {
    console.error(
      `${changeLines(changes)}\n${flags.out} differs from what ${flags.specs} says: run generate and commit`,
    );
  }
  if (!sound && flags.check !== true) {
    console.error('nothing was written: correct what was refused, or write the others with --keep-going');
  }
  if (flags.json === true) console.log(JSON.stringify(changes === undefined ? row : { ...row, changes }));
  return sound && !drifted ? 0 : 1;
}

async function earlierGeneration(outDir: string): Promise<{ catalogue: Catalogue; manifest: Manifest }> {
  const read = async (file: string): Promise<unknown> => {
    try {
      return JSON.parse(await readFile(join(outDir, file), 'utf8'));
    } catch (error) {
      const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!absent && !(error instanceof SyntaxError)) throw error;
      const fault = absent ? 'is not there' : 'is no JSON';
      throw new Error(`${join(outDir, file)} ${fault}: run generate without --only first`, { cause: error });
    }
  };
  const catalogue = (await read('catalogue.json')) as Catalogue;
  const manifest = (await read('manifest.json')) as Manifest;
  for (const { format } of [catalogue, manifest] as readonly { readonly format: unknown }[]) {
    if (format !== CATALOGUE_FORMAT) {
      throw new Error(`${outDir} is of format ${String(format)}, not ${String(CATALOGUE_FORMAT)}: generate all of it`);
    }
  }
  return { catalogue, manifest };
}
