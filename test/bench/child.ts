/**
 * Processes of the bench. Invariant: none of them outlives it: they are killed when the bench ends, is interrupted, or
 * crashes. What a process says on standard error is shown only where it fails.
 */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

import { PACKAGE_ROOT } from '../../runtime/package-root.js';

export interface Child {
  readonly pid: number;
  /** What the pattern's first group matched in the line that said that the process is ready. */
  readonly ready: string;
  /** Asks the process to end, and resolves when it has. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
}

type Process = ChildProcessByStdio<null, Readable, Readable>;

const STOP_MS = 15_000;

const alive = new Set<Process>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(code));
}

/** Starts node with these arguments, and resolves at the first line of its standard output that matches. */
export async function startChild(args: readonly string[], ready: RegExp, options: ChildOptions = {}): Promise<Child> {
  const { child, errors } = start(args, options);
  const ended = once(child, 'exit');
  const matched = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = ready.exec(line);
      if (match !== null) resolve(match[1] ?? '');
    });
  });
  const first = await Promise.race([matched, ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`node ${args.join(' ')} ended before it was ready\n${errors()}`);
  return {
    pid: child.pid!,
    ready: first,
    stop: async () => {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(kill);
    },
  };
}

/** Runs node with these arguments to its end; resolves with its standard output. Any exit code but 0 is an error. */
export async function runChild(args: readonly string[], options: ChildOptions = {}): Promise<string> {
  const { child, errors } = start(args, options);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}\n${errors()}${output}`);
  return output;
}

/** How to run a TypeScript file of the bench as a process of its own. */
export function script(url: URL): readonly string[] {
  return ['--import', 'tsx', url.pathname];
}

/** Megabytes that the process has in memory now; Linux tells, elsewhere it is not known. */
export function residentMb(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

/**
 * Milliseconds of processor time that the process has used so far, on all its threads; Linux tells, elsewhere it is not
 * known. It hardly depends on what else the machine does, as the time on the clock does.
 */
export function processorMs(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  // proc(5): the name in parentheses may hold anything; utime and stime are the 12th and 13th field after it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_A_TICK;
}

/** USER_HZ, which is 100 on every Linux that node runs on. */
const MS_A_TICK = 10;

function start(args: readonly string[], { env = {} }: ChildOptions): { child: Process; errors: () => string } {
  const child = spawn(process.execPath, args, {
    cwd: PACKAGE_ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors = (errors + chunk).slice(-4_000)));
  return { child, errors: () => errors };
}
