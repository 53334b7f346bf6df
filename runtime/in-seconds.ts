/** `1 second`, `2 seconds`: how long to wait, for a person to read. */
export function inSeconds(count: number): string {
  return count === 1 ? '1 second' : `${count} seconds`;
}
