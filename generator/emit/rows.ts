/**
 * JSON for reviewers: one row of a list, or one entry of a record, a line, so that a pull request shows what changed and
 * nothing else. Keys are written in the order in which they are given.
 */

/** What stands between two rows. */
export const BETWEEN_ROWS = ',\n';

/** `{"key":{` … one entry a line … `}`. */
export function recordRows(entries: readonly (readonly [string, unknown])[]): string {
  if (entries.length === 0) return '{}';
  return `{\n${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(BETWEEN_ROWS)}\n}`;
}

export function listRows(rows: readonly unknown[]): string {
  return listOfWritten(rows.map((row) => JSON.stringify(row)));
}

/** The same, of rows that are JSON already. */
export function listOfWritten(rows: readonly string[]): string {
  return rows.length === 0 ? '[]' : `[\n${rows.join(BETWEEN_ROWS)}\n]`;
}

/** An object of members that are JSON already, with a newline at the end of the file. */
export function fileOf(members: readonly (readonly [string, string])[]): string {
  return `{\n${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(BETWEEN_ROWS)}\n}\n`;
}
