/** Work that was begun and is not done: how much of it there is, and how old the oldest is. */
export class Backlog {
  /** In the order in which they were begun, with the time of each. */
  readonly #begun = new Set<{ readonly atMs: number }>();

  /** Follows the work to its end. */
  follow<Result>(work: Promise<Result>): Promise<Result> {
    const begun = { atMs: performance.now() };
    this.#begun.add(begun);
    const end = (): void => void this.#begun.delete(begun);
    work.then(end, end);
    return work;
  }

  now(): { readonly commands: number; readonly oldestMs: number } {
    const [oldest] = this.#begun;
    return { commands: this.#begun.size, oldestMs: oldest === undefined ? 0 : performance.now() - oldest.atMs };
  }
}
