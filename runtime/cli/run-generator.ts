/**
 * `generate`, `add` and `import` are the generator's, which is a program of its own: the gateway must not carry the
 * weight of ts-morph and an OpenAPI parser, and `runtime/` never imports `generator/`.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs the generator with these arguments on this terminal; resolves with its exit code. */
export async function runGenerator(args: readonly string[]): Promise<number> {
  const program = new URL(`../../generator/cli/main${extname(import.meta.url)}`, import.meta.url);
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(program), ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
