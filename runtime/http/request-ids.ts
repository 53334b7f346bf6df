import { randomBytes } from 'node:crypto';

/** Ids of HTTP requests, for the log and for who asks about it: unique over processes, and cheap to make. */
export function requestIds(): () => string {
  const process = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${process}-${(count += 1).toString(36)}`;
}
