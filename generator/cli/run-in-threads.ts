/**
 * Runs providers on several threads. Each provider is generated alone, so that the result does not depend on how many
 * threads there are or on which of them was first.
 */

import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { runInProcess, type ProviderOptions, type ProviderResult, type RunAll } from '../generate.js';
import { isForbidden } from '../load/forbidden.js';
import type { ProviderSource } from '../settings/discover-providers.js';

/** A thread takes about as long to load the generator as a few dozen ordinary documents take to generate. */
const FEWEST_FOR_THREADS = 40;

/** `jobs` bounds the threads; left out, there is one a core, and none where there is little to do. */
export function runInThreads(jobs: number | undefined): RunAll {
  return async (sources, options, onResult) => {
    const wanted = jobs ?? (sources.length < FEWEST_FOR_THREADS ? 1 : availableParallelism());
    const threads = Math.min(wanted, sources.length);
    if (threads <= 1) return runInProcess(sources, options, onResult);
    const queue = largestFirst(sources);
    // Callers may hand over more than the providers need, such as callbacks, which no thread can be sent.
    const { allowRemoteRefs, types, places = false } = options;
    const workerData: ProviderOptions = { allowRemoteRefs, types, places };
    const workers = Array.from({ length: threads }, () => new Worker(threadUrl(), { workerData }));
    try {
      await Promise.all(
        workers.map(
          (worker) =>
            new Promise<void>((resolve, reject) => {
              const next = (): void => {
                const task = queue.shift();
                if (task === undefined) resolve();
                else worker.postMessage(task);
              };
              worker.on('message', ([index, result]: readonly [number, ProviderResult]) => {
                onResult(index, result);
                next();
              });
              worker.once('error', reject);
              worker.once('exit', (code) => {
                reject(new Error(`a generator thread ended with code ${String(code)}`));
              });
              next();
            }),
        ),
      );
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  };
}

/** With their places in the list. The largest documents begin first, so that none of them is begun last and waited for. */
function largestFirst(sources: readonly ProviderSource[]): (readonly [index: number, source: ProviderSource])[] {
  const sizes = sources.map(({ specsDir, file }) => sizeOf(join(specsDir, file)));
  return [...sources.entries()].sort(([left], [right]) => sizes[right]! - sizes[left]!);
}

/** What cannot be looked at is nothing to wait for: it is refused when it is read. */
function sizeOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch (error) {
    if (isForbidden(error)) return 0;
    throw error;
  }
}

/** Beside this module, in the same form: compiled, or as source. */
function threadUrl(): URL {
  const file = import.meta.url.endsWith('.ts') ? './provider-thread-from-source.mjs' : './provider-thread.js';
  return new URL(file, import.meta.url);
}
