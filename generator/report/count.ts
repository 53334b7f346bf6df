/** `1 provider`, `2 providers`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number)} ${number === 1 ? one : many}`;
}

/** The line that follows the first `most` of a list, where it has more; `remedy` says where all of them are told. */
export function andMore(all: number, most: number, remedy: string): readonly string[] {
  return all > most ? [`… and ${String(all - most)} more: ${remedy}`] : [];
}
