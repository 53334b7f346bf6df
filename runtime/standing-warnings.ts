/** What is wrong now, a line for the operator each. A line is told when it comes up, and not again while it stands. */
export class StandingWarnings {
  #lines: readonly string[] = [];

  constructor(private readonly tell: (line: string) => void) {}

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** @param lines all that is wrong now */
  replace(lines: readonly string[]): void {
    const before = this.#lines;
    this.#lines = lines;
    for (const line of lines) if (!before.includes(line)) this.tell(line);
  }
}
