/** Runs a child process to its end, within a time, and keeps the end of what it said. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { killAtExit } from './stop-at-exit.js';

/** More than any message that is worth showing. */
const KEPT_CHARACTERS = 20_000;

export interface ChildEnd {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its standard output. */
  readonly stdout: string;
  /** The end of its standard output and standard error, as they came. */
  readonly output: string;
  readonly seconds: number;
}

export interface ChildOptions {
  /** It is killed after so long. */
  readonly timeoutMs: number;
  /** All of its environment; by default that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line that it writes. */
  readonly onLine?: (line: string) => void;
}

export async function runChild(command: string, args: readonly string[], options: ChildOptions): Promise<ChildEnd> {
  const startedMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: options.env ?? process.env });
  killAtExit(child);
  const overdue = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
  let output = '';
  let stdout = '';
  for (const stream of [child.stdout, child.stderr]) {
    let unfinished = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
      if (stream === child.stdout) stdout = (stdout + text).slice(-KEPT_CHARACTERS);
      const lines = (unfinished + text).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line);
    });
  }
  try {
    // `close` comes after the last of the output, unlike `exit`.
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, signal, stdout, output, seconds: (performance.now() - startedMs) / 1000 };
  } finally {
    clearTimeout(overdue);
  }
}
