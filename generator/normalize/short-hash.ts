import { createHash } from 'node:crypto';

/** What tells one name from another where both would read the same: eight hex digits, made of the text alone. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
