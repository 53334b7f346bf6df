import type { Logger } from 'pino';

const EVERY_MS = 10_000;

/** Work of a start that takes minutes after an upgrade of large books: without a word it looks like one that hangs. */
export async function tellWhileLong<Result>(logger: Logger, doing: string, work: Promise<Result>): Promise<Result> {
  const telling = setInterval(() => logger.info(`still ${doing}`), EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(telling);
  }
}
