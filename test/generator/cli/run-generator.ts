/** Runs the generator's own program in a process of its own, as the `tollgate` command does. */

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runGenerator(
  args: readonly string[],
  { cwd = process.cwd(), env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Run> {
  // By its address: the process runs in a folder from which the name would lead nowhere.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const main = resolve(dirname(fileURLToPath(import.meta.url)), '../../../generator/cli/main.ts');
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['--import', tsx, main, ...args],
      { cwd, env: { ...process.env, ...env }, maxBuffer: 64_000_000 },
      (error, stdout, stderr) => {
        done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
      },
    );
  });
}
