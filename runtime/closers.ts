/** How everything that is open gets closed: the last that was opened first. */
export class Closers {
  readonly #closers: (() => Promise<void>)[] = [];
  #closed: Promise<void> | undefined;

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** Begins work that closing has to wait for, unless it is closing already. */
  begin(work: () => Promise<void>): void {
    if (this.#closed !== undefined) return;
    const done = work();
    this.add(() => done);
  }

  /** Goes on also after one that fails; the first failure is thrown at the end. */
  close(): Promise<void> {
    return (this.#closed ??= this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
