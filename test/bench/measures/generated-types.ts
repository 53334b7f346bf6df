/**
 * How large the committed `generated/` is, and how long a compiler takes to check its types in strict mode, as a process of
 * its own. Beside it stands the same compiler over the contract alone: what is left is what the types of the endpoints
 * cost.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

import { runChild } from '../child.js';
import type { BenchContext } from '../context.js';
import { interleave } from '../interleave.js';
import type { Figure, Measure } from '../measure.js';
import { temporaryDirectory } from '../temporary-directory.js';

export const generatedTypes: Measure = { name: 'generated-types', run };

const GENERATED = resolve('generated');
const OPTIONS = {
  target: 'ES2023',
  lib: ['ES2023'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
};

async function run({ quick, say }: BenchContext): Promise<readonly Figure[]> {
  const sources = filesIn(GENERATED).filter((file) => file.endsWith('.ts'));
  const bytes = (files: readonly string[]): number =>
    files.reduce((sum, file) => sum + readFileSync(file).byteLength, 0) / 1_000_000;
  say(`type checking ${sources.length} files`);
  const all = project(sources);
  const contract = project([join(GENERATED, 'contract.ts')]);
  const result = await interleave(quick ? 1 : 3, { all: () => secondsOf(all), contract: () => secondsOf(contract) });
  const everything = filesIn(GENERATED);
  return [
    { measure: `generated/, ${everything.length} files`, value: bytes(everything), unit: 'MB' },
    { measure: `generated/, ${sources.length} of TypeScript`, value: bytes(sources), unit: 'MB' },
    {
      measure: 'strict type check of generated/',
      value: result.median('all'),
      unit: 's',
      against: { what: 'of its contract alone', value: result.median('contract') },
      ratio: result.ratio('all', 'contract'),
    },
  ];
}

/** A project of these files; the path of its configuration. */
function project(files: readonly string[]): string {
  const config = join(temporaryDirectory(), 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions: OPTIONS, files }));
  return config;
}

/** @throws Error with the compiler's words where something does not check */
async function secondsOf(config: string): Promise<number> {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const startMs = performance.now();
  await runChild([tsc, '-p', config]);
  return (performance.now() - startMs) / 1000;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
