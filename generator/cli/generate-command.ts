/** `generate`: runs the generator, then writes or compares, then reports. */

import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { drift, type Drift } from '../change/drift.js';
import { makeFolder } from '../emit/make-folder.js';
import { outputChanges, writeOutput } from '../emit/write-output.js';
import { generate, type Generation, type ProviderOptions } from '../generate.js';
import { annotationLines, withoutCommands } from '../report/annotations.js';
import { driftLines } from '../report/drift-lines.js';
import { generationAnnotations } from '../report/generation-annotations.js';
import { progress } from '../report/progress.js';
import { report } from '../report/report.js';
import { terminalReport } from '../report/terminal-report.js';
import { visible } from '../report/visible.js';
import { Reuse } from '../reuse/reuse.js';
import { DRIFT_EXIT_CODES, REFUSED_EXIT_CODE } from './check-exit-code.js';
import { earlierShares } from './earlier-shares.js';
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
  readonly reuse: boolean;
  readonly json?: boolean;
}

/** Resolves with the exit code. Throws an Error where the work could not be done. */
export async function generateCommand(flags: GenerateFlags): Promise<number> {
  const started = performance.now();
  if (statSync(flags.specs, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Error(`${flags.specs} is no folder: name the folder of the documents with --specs`);
  }
  const below = relative(resolve(flags.specs), resolve(flags.out));
  // Outside of the folder it begins with a dot too; hidden folders within are not read.
  if (!below.startsWith('.') && !isAbsolute(below)) {
    throw new Error(`${flags.out} is in ${flags.specs}, the folder of the documents: name another folder with --out`);
  }
  const isCheck = flags.check === true;
  const onGithub = process.env.GITHUB_ACTIONS === 'true';
  const options: ProviderOptions = {
    allowRemoteRefs: flags.allowRemoteRefs === true,
    types: flags.types,
    places: isCheck && onGithub,
  };
  const reuse = isCheck || !flags.reuse ? undefined : await Reuse.open(flags.out, options);
  const generation = await run(flags, options, reuse);
  const isSound = generation.refused.length === 0 || flags.keepGoing === true;

  let found: Drift | undefined;
  if (isCheck) {
    const changes = await outputChanges(flags.out, generation.files, generation.kept);
    const unknown = new Set(isSound ? [] : generation.refused.map((row) => row.provider));
    found = await drift(flags.out, generation.files, changes, unknown);
  } else if (isSound) {
    await writeOutput(flags.out, generation.files, generation.kept);
    await reuse?.remember(generation, flags.specs, flags.only);
  }

  const row = { ...report(generation, (performance.now() - started) / 1000), ...(found && { changes: found }) };
  if (flags.report !== undefined) {
    await makeFolder(dirname(resolve(flags.report)));
    await writeFile(flags.report, `${JSON.stringify(row, undefined, 2)}\n`);
  }
  const lines = [
    ...terminalReport(row),
    ...(found === undefined || found.class === null
      ? []
      : [...driftLines(found), `${flags.out} differs from what ${flags.specs} says: run generate and commit`]),
    ...(isSound || isCheck
      ? []
      : ['nothing was written: correct what was refused, or write the others with --keep-going']),
  ];
  const text = lines.map(visible).join('\n');
  if (onGithub) {
    const annotations = generationAnnotations({
      refused: row.refused,
      ...(found && { drift: found }),
      places: Object.fromEntries(generation.results.flatMap(({ places = {} }) => Object.entries(places))),
      pathOf: (file) => repositoryPath(resolve(flags.specs, file)),
    });
    console.error([withoutCommands(text, randomUUID()), ...annotationLines(annotations)].join('\n'));
  } else {
    console.error(text);
  }
  // In a string of JSON the escape means the same, and no CI system reads a command in it.
  if (flags.json === true) console.log(JSON.stringify(row).replaceAll('##[', '#\\u0023['));
  if (!isSound) return isCheck ? REFUSED_EXIT_CODE : 1;
  return found === undefined ? 0 : DRIFT_EXIT_CODES[found.class ?? 'none'];
}

async function run(flags: GenerateFlags, options: ProviderOptions, reuse: Reuse | undefined): Promise<Generation> {
  const { only } = flags;
  const shown = progress();
  return generate({
    ...options,
    specsDir: flags.specs,
    ...(only !== undefined && { only, earlier: reuse?.shares ?? (await earlierShares(flags.out, only, flags.types)) }),
    ...(reuse !== undefined && { reusable: (sources) => reuse.reusable(sources) }),
    runAll: runInThreads(flags.jobs),
    onProvider: (result, done, total) => {
      shown.advance(done, total, result.provider, result.seconds);
    },
  }).finally(() => {
    shown.stop();
  });
}

/** GitHub names files from the folder that was checked out, wherever in it the command runs. */
function repositoryPath(file: string): string {
  return relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), file)
    .split(sep)
    .join('/');
}
