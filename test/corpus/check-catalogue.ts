/**
 * Every provider of a generated folder through `checkProvider`, one after another: the memory that it takes is that of
 * the largest.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ProviderFile } from '../../generator/contract.js';
import { checkProvider, type CheckFailure } from './check-provider.js';

export interface CatalogueCheck {
  readonly schemas: number;
  readonly examples: number;
  readonly failures: readonly CheckFailure[];
  readonly seconds: number;
}

/** @param onProvider called after each, with how many are done */
export async function checkCatalogue(
  outDir: string,
  onProvider: (done: number, total: number) => void,
): Promise<CatalogueCheck> {
  const startedMs = performance.now();
  const providers = (await readdir(join(outDir, 'providers'))).sort();
  const failures: CheckFailure[] = [];
  let schemas = 0;
  let examples = 0;
  for (const [index, provider] of providers.entries()) {
    const text = await readFile(join(outDir, 'providers', provider, 'descriptors.json'), 'utf8');
    const checked = checkProvider(JSON.parse(text) as ProviderFile);
    schemas += checked.schemas;
    examples += checked.examples;
    failures.push(...checked.failures);
    onProvider(index + 1, providers.length);
  }
  return { schemas, examples, failures, seconds: (performance.now() - startedMs) / 1000 };
}
