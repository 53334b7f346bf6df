/**
 * Where the log's lines go: written with others, a second later at most, and at the end. A disk that is full, or a pipe
 * that nobody reads, costs lines and never the gateway: they are kept up to a bound, and written once there is room.
 */

import { pino, type DestinationStream } from 'pino';

/** Lines that cannot be written are kept so far; what comes then is lost. */
const MOST_KEPT_BYTES = 4_000_000;
/** How long the end waits for who reads the log. */
const LAST_LINES_MS = 2_000;

export interface LogDestination extends DestinationStream {
  /** Ends the process, once what is kept is written, as far as it can be. */
  readonly exit: (code: number) => void;
}

/**
 * @param fd of an open file, such as 2 for standard error.
 * @param onLost is told how many lines were lost, once there is room for one that says so.
 */
export function logDestination(fd: number, onLost: (lines: number) => void): LogDestination {
  const stream = pino.destination({
    dest: fd,
    sync: false,
    minLength: 4_096,
    maxLength: MOST_KEPT_BYTES,
    periodicFlush: 1_000,
  });
  const flushSync = stream.flushSync.bind(stream);
  stream.on('error', () => {
    // At the exit, pino tries without an end.
    stream.flushSync = () => undefined;
  });
  stream.on('write', () => {
    stream.flushSync = flushSync;
  });
  let lost = 0;
  stream.on('drop', () => (lost += 1));
  stream.on('drain', () => {
    if (lost > 0) onLost(lost);
    lost = 0;
  });
  const exit = (code: number): void => {
    // A write that nobody takes cannot be called back, and an exit would wait for it for ever.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_LINES_MS);
    stream.flush(() => process.exit(code));
  };
  return Object.assign(stream, { exit });
}
