/**
 * Generation of the documents, each time as a process of its own that reuses nothing of the one before: with and without
 * types, against swagger-parser parsing and validating the same documents. The goals are set for a corpus of thousands of
 * documents (`--specs DIR`): with few, the start of the process weighs as much as the work.
 */

import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { discoverProviders } from '../../../generator/settings/discover-providers.js';
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

async function run({ quick, specsDir, say }: BenchContext): Promise<readonly Figure[]> {
  const dir = temporaryDirectory();
  const specs = join(dir, 'specs');
  await cp(specsDir, specs, { recursive: true });
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
  const result = await interleave(quick ? 1 : 2, {
    plain: async () => {
      const seconds = await full();
      reported = JSON.parse(await readFile(report, 'utf8')) as Report;
      peakRssMb = Math.max(peakRssMb, reported.peakRssMb);
      return seconds;
    },
    types: () => generate('--out', out.types),
    validate: () => secondsOf([...script(new URL('../opponents/validate-documents.ts', import.meta.url)), specs]),
  });

  const { documents, operations } = reported!;
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
    {
      measure: 'generation with types',
      value: result.median('types'),
      unit: 's',
      against: { what: 'swagger-parser, parse and validate', value: result.median('validate') },
      ratio: result.ratio('types', 'validate'),
    },
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
