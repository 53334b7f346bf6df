/** The `tollgate` command as its users run it: a process of its own, with an environment of its own. */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { PACKAGE_ROOT } from '../../runtime/package-root.js';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  environment: Environment = {},
  input = '',
): Promise<Finished> {
  const child = start(args, environment);
  const finished = finish(child);
  child.stdin.end(input);
  return finished;
}

/** Runs commands two at a time, which is what two processors do in the least time. */
export async function runCommands(commands: readonly (() => Promise<Finished>)[]): Promise<readonly Finished[]> {
  const results: Finished[] = [];
  let next = 0;
  const runNext = async (): Promise<void> => {
    for (let index = next++; index < commands.length; index = next++) results[index] = await commands[index]!();
  };
  await Promise.all([runNext(), runNext()]);
  return results;
}

export interface Served {
  /** Where it listens. */
  readonly url: string;
  /** All that it has printed by the time that it listens. */
  readonly greeting: string;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** What it has printed on standard error so far. */
  readonly errors: () => string;
  readonly finished: Promise<Finished>;
}

/** Starts `tollgate serve` on any free port, with more flags if need be, and resolves when it has greeted. */
export async function serve(environment: Environment, flags: readonly string[] = []): Promise<Served> {
  const child = start(['serve', '--port', '0', ...flags], environment);
  const finished = finish(child);
  let errors = '';
  child.stderr.on('data', (part) => (errors += String(part)));
  child.stdin.end();
  let greeting = '';
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    greeting += String(part);
    const [, url] = /Tollgate is listening: (\S+)\/mcp/.exec(greeting) ?? [];
    if (url !== undefined) {
      return { url, greeting, signal: (signal) => child.kill(signal), errors: () => errors, finished };
    }
  }
  throw new Error(`serve ended: ${JSON.stringify(await finished)}`);
}

function start(args: readonly string[], environment: Environment): ChildProcessByStdio<Writable, Readable, Readable> {
  const program = join(PACKAGE_ROOT, 'runtime/cli/tollgate.ts');
  // Nothing of the developer's own settings reaches the command.
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  return spawn(process.execPath, ['--import', 'tsx/esm', program, ...args], {
    cwd: PACKAGE_ROOT,
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function finish(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<Finished> {
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (part) => (texts.stdout += String(part)));
  child.stderr.on('data', (part) => (texts.stderr += String(part)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}
