export const MOST_CHARACTERS_OF_A_PLACE = 100;

/** A JSON pointer as it is told: its names are the upstream's own words, and are kept short and visible. */
export function shownPlace(pointer: string): string {
  return pointer.slice(0, MOST_CHARACTERS_OF_A_PLACE).replace(/\p{C}/gu, '?');
}
