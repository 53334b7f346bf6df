/**
 * A generation after one document changed, against one of all documents, each as a process of its own and into a folder
 * of its own. The goal is set for a corpus of thousands of documents (`--specs DIR`): with few, the start of the process
 * weighs as much as the work.
 */

import { appendFile, cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { discoverProviders } from '../../../generator/settings/discover-providers.js';
import { runChild } from '../child.js';
import type { BenchContext } from '../context.js';
import { interleave } from '../interleave.js';
import type { Figure, Measure } from '../measure.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { tollgateCommand } from '../tollgate-command.js';

export const regeneration: Measure = { name: 'regeneration', run };

async function run({ quick, specsDir, say }: BenchContext): Promise<readonly Figure[]> {
  const dir = temporaryDirectory();
  const specs = join(dir, 'specs');
  await cp(specsDir, specs, { recursive: true });
  const { providers } = await discoverProviders(specs);
  const changed = providers[Math.floor(providers.length / 2)];
  if (changed === undefined) throw new Error(`there is no document in ${specsDir}`);

  const report = join(dir, 'report.json');
  const generate = async (...flags: readonly string[]): Promise<number> => {
    const args = [...tollgateCommand().args, 'generate', '--specs', specs, '--no-types', '--keep-going'];
    const startMs = performance.now();
    await runChild([...args, '--report', report, ...flags]);
    return (performance.now() - startMs) / 1000;
  };
  const reused = async (): Promise<number> => (JSON.parse(await readFile(report, 'utf8')) as { reused: number }).reused;
  const out = join(dir, 'out');
  say(`${providers.length} documents, then one of them`);
  // What the changes are made to.
  await generate('--out', out);
  const result = await interleave(quick ? 1 : 3, {
    all: () => generate('--out', join(dir, 'all'), '--no-reuse'),
    one: async () => {
      // A change that every form of a document bears.
      await appendFile(join(specs, changed.file), '\n');
      const seconds = await generate('--out', out);
      if ((await reused()) < providers.length - 1) throw new Error('more was generated than what changed');
      return seconds;
    },
    none: () => generate('--out', out),
  });
  const against = { what: `all ${providers.length}`, value: result.median('all') };
  return [
    {
      measure: 'generation after one document changed',
      value: result.median('one'),
      unit: 's',
      against,
      ratio: result.ratio('one', 'all'),
      goal: { bound: 'at most', of: 'ratio', limit: 0.02 },
      note: 'the goal is set for 2,639 documents',
    },
    {
      measure: 'generation after nothing changed',
      value: result.median('none'),
      unit: 's',
      against,
      ratio: result.ratio('none', 'all'),
    },
  ];
}
