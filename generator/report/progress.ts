/**
 * Shows how far long work is, on standard error: a bar on a terminal, a plain line now and then elsewhere. Standard
 * output is never written to: it belongs to the answer.
 */

import { SingleBar } from 'cli-progress';

export interface Progress {
  /** `what` was the last to be done; `seconds` is how long it took, where that is of interest. */
  advance(done: number, total: number, what: string, seconds?: number): void;
  stop(): void;
}

/** Below this many steps plain lines would only be noise. */
const FEWEST_FOR_LINES = 50;
const LINES = 20;

export function progress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const startedMs = performance.now();
  let slowest: { readonly what: string; readonly seconds: number } | undefined;
  const pace = (done: number, what: string, seconds: number | undefined): string => {
    if (seconds !== undefined && seconds > (slowest?.seconds ?? 0)) slowest = { what, seconds };
    const rate = (done * 1000) / Math.max(performance.now() - startedMs, 1);
    const longest = slowest === undefined ? '' : `, slowest ${slowest.what} ${slowest.seconds.toFixed(1)} s`;
    return `${rate.toFixed(rate < 10 ? 1 : 0)} a second${longest}`;
  };
  if (!stream.isTTY) {
    return {
      advance: (done, total, what, seconds) => {
        const told = pace(done, what, seconds);
        const step = Math.ceil(total / LINES);
        if (total >= FEWEST_FOR_LINES && (done % step === 0 || done === total)) {
          stream.write(`${String(done)} of ${String(total)} documents, ${told}\n`);
        }
      },
      stop: () => undefined,
    };
  }
  let bar: SingleBar | undefined;
  return {
    advance: (done, total, what, seconds) => {
      const told = pace(done, what, seconds);
      if (bar === undefined) {
        bar = new SingleBar({
          stream,
          format: '{bar} {value} of {total} documents, {duration_formatted}, {told}',
          hideCursor: true,
          clearOnComplete: true,
        });
        bar.start(total, 0, { told });
      }
      bar.update(done, { told });
    },
    stop: () => bar?.stop(),
  };
}
