/**
 * Shows how far long work is, on standard error: a bar on a terminal, a plain line now and then elsewhere. Standard
 * output is never written to: it belongs to the answer.
 */

import { SingleBar } from 'cli-progress';

export interface Progress {
  advance(done: number, total: number, what: string): void;
  stop(): void;
}

/** Below this many steps plain lines would only be noise. */
const FEWEST_FOR_LINES = 50;

export function progress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) {
    return {
      advance: (done, total) => {
        const step = Math.ceil(total / 20);
        if (total >= FEWEST_FOR_LINES && (done % step === 0 || done === total)) {
          stream.write(`${String(done)} of ${String(total)} documents\n`);
        }
      },
      stop: () => undefined,
    };
  }
  let bar: SingleBar | undefined;
  return {
    advance: (done, total, what) => {
      if (bar === undefined) {
        bar = new SingleBar({
          stream,
          format: '{bar} {value} of {total} documents, {duration_formatted}, {what}',
          hideCursor: true,
          clearOnComplete: true,
        });
        bar.start(total, 0, { what });
      }
      bar.update(done, { what });
    },
    stop: () => bar?.stop(),
  };
}
