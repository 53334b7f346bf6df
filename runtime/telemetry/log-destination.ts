/**
 * Where the log's lines go: written with others', a second later at most, and at the end. A disk that is full, or a pipe
 * that nobody reads, costs lines and never the gateway: they are kept up to a bound, and written once there is room.
 */

import { pino, type DestinationStream } from 'pino';

/** Lines that cannot be written are kept so far; what comes then is lost. */
const MOST_KEPT_BYTES = 4_000_000;

export interface LogDestination extends DestinationStream {
  /** Writes what is kept, as far as it can be written. Never throws. */
  readonly flushed: () => Promise<void>;
}

/** @param fd of an open file, such as 2 for standard error. */
export function logDestination(fd: number): LogDestination {
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
  return Object.assign(stream, { flushed: () => new Promise<void>((done) => stream.flush(() => done())) });
}
