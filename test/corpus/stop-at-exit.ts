/**
 * Whatever must not outlive a run: child processes and temporary folders. They are stopped when this process ends, in
 * whichever way but `kill -9`. What is stopped here must be stopped synchronously: an exiting process awaits nothing.
 */

import type { ChildProcess } from 'node:child_process';

const stops = new Set<() => void>();

process.once('exit', () => {
  for (const stop of stops) stop();
});
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

/** Calls `stop` when this process ends, unless the function that it returns was called before. */
export function stopAtExit(stop: () => void): () => void {
  stops.add(stop);
  return () => void stops.delete(stop);
}

/** Kills the child when this process ends before it. */
export function killAtExit(child: ChildProcess): void {
  const forget = stopAtExit(() => child.kill('SIGKILL'));
  child.once('exit', forget);
}
