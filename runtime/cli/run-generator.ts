/**
 * `generate`, `add` and `import` are the generator's, which is a program of its own: the gateway must not carry the
 * weight of ts-morph and an OpenAPI parser, and `runtime/` never imports `generator/`.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { generatorProgram } from '../watch/generator-program.js';

/** Runs the generator with these arguments on this terminal; resolves with its exit code. */
export async function runGenerator(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, generatorProgram('main'), ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
