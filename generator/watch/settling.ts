/**
 * Waits until what was touched has been left alone for a while: editors write in pieces, a large file takes time to
 * copy, and a checkout touches a hundred files. All that settles together is handed over together; what goes on being
 * written holds the rest up for a short time only.
 */

export interface SettlingOptions {
  /** How long a thing must have been left alone. */
  readonly quietMs: number;
  /** How long what is settled waits for what is not. */
  readonly patienceMs: number;
  readonly onSettled: (things: ReadonlySet<string>) => void;
}

export class Settling {
  readonly #touchedAtMs = new Map<string, number>();
  #firstAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SettlingOptions) {}

  touch(thing: string): void {
    const nowMs = Date.now();
    if (this.#touchedAtMs.size === 0) this.#firstAtMs = nowMs;
    this.#touchedAtMs.set(thing, nowMs);
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#look(), this.options.quietMs);
  }

  #look(): void {
    const { quietMs, patienceMs, onSettled } = this.options;
    const nowMs = Date.now();
    const quiet = [...this.#touchedAtMs].filter(([, atMs]) => nowMs - atMs >= quietMs).map(([thing]) => thing);
    const impatient = nowMs - this.#firstAtMs >= quietMs + patienceMs;
    if (quiet.length === this.#touchedAtMs.size || (impatient && quiet.length > 0)) {
      for (const thing of quiet) this.#touchedAtMs.delete(thing);
      this.#firstAtMs = nowMs;
      onSettled(new Set(quiet));
    }
    const restingMs = Math.max(0, ...[...this.#touchedAtMs.values()].map((atMs) => atMs + quietMs - nowMs));
    this.#timer = this.#touchedAtMs.size === 0 ? undefined : setTimeout(() => this.#look(), Math.max(restingMs, 10));
  }
}
