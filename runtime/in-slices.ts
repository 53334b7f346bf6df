/** Long work on the one thread that also answers calls: done two milliseconds at a time, with turns for others between. */

import { setImmediate as turn } from 'node:timers/promises';

const SLICE_MS = 2;

/** @param work yields wherever it may be interrupted. */
export async function inSlices<Result>(work: Iterator<void, Result>): Promise<Result> {
  for (;;) {
    const endMs = performance.now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (performance.now() < endMs);
    await turn();
  }
}
