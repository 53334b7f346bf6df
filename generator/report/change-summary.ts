/**
 * Says in a few lines how a committed catalogue differs from a fresh one: which files, and by provider which endpoints
 * were added, removed or changed. It compares descriptors by their text; it does not judge whether a change is breaking.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputFile } from '../emit/provider-output.js';
import type { OutputChanges } from '../emit/write-output.js';
import type { ProviderFile } from '../contract.js';

export interface ProviderChange {
  readonly provider: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface ChangeSummary extends OutputChanges {
  readonly providers: readonly ProviderChange[];
}

/** Reads the committed descriptors of those providers alone whose descriptors differ. */
export async function changeSummary(
  outDir: string,
  files: readonly OutputFile[],
  changes: OutputChanges,
): Promise<ChangeSummary> {
  const providers: ProviderChange[] = [];
  for (const file of [...changes.added, ...changes.changed, ...changes.removed].sort()) {
    const provider = /^providers\/([^/]+)\/descriptors\.json$/.exec(file)?.[1];
    if (provider === undefined) continue;
    const before = changes.added.includes(file) ? '' : await readFile(join(outDir, file), 'utf8');
    const after = files.find((each) => each.file === file)?.text ?? '';
    providers.push({ provider, ...endpointChanges(endpointsIn(before), endpointsIn(after)) });
  }
  return { ...changes, providers };
}

/** Lines for a terminal. */
export function changeLines(summary: ChangeSummary): string {
  const files = (['added', 'changed', 'removed'] as const).flatMap((kind) =>
    summary[kind].map((file) => `${kind.padEnd(8)} ${file}`),
  );
  const endpoints = summary.providers.flatMap(({ provider, ...change }) => [
    `${provider}:`,
    ...(['added', 'changed', 'removed'] as const).flatMap((kind) =>
      change[kind].map((id) => `  ${kind.padEnd(8)} ${id}`),
    ),
  ]);
  return [...files, ...endpoints].join('\n');
}

function endpointChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  return {
    added: [...after.keys()].filter((id) => !before.has(id)),
    removed: [...before.keys()].filter((id) => !after.has(id)),
    changed: [...after].filter(([id, text]) => before.has(id) && before.get(id) !== text).map(([id]) => id),
  };
}

/** Endpoint id → its text. A committed file that is no JSON any more counts as having no endpoints. */
function endpointsIn(text: string): ReadonlyMap<string, string> {
  let file: Partial<ProviderFile>;
  try {
    file = JSON.parse(text || '{}') as Partial<ProviderFile>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    file = {};
  }
  return new Map((file.endpoints ?? []).map((endpoint) => [endpoint.id, JSON.stringify(endpoint)]));
}
