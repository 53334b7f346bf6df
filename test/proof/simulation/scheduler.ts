/**
 * Decides, from a seed alone, what happens next. Whatever would touch the world (a statement, a commit, an actor's next
 * move) is parked here first, and one parked thing at a time is carried out, to its end and to all that follows from it
 * without touching the world. So the same seed gives the same history, and the trace of it to the letter.
 */

import { setImmediate } from 'node:timers/promises';

import { randomFrom } from '../../corpus/random.js';

interface Parked {
  readonly owner: object;
  readonly label: string;
  readonly ready: () => boolean;
  readonly carryOut: () => Promise<void>;
}

/** How often the queues of promises and immediates are let run dry: more than any chain of immediates in the runtime. */
const TURNS = 4;

export class Scheduler {
  readonly trace: string[] = [];
  readonly #random: () => number;
  #parked: Parked[] = [];
  /** What goes on beside the parked things, one after the other: the judge's questions. */
  #beside: Promise<unknown> = Promise.resolve();

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** A whole number from 0 up to, but not including, `count`. */
  pick(count: number): number {
    return Math.floor(this.#random() * count);
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.pick(items.length)]!;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  note(line: string): void {
    this.trace.push(line);
  }

  /** Parks the work until it is chosen, which it can be while `ready` says so. */
  perform<Result>(
    owner: object,
    label: string,
    work: () => Promise<Result>,
    ready: () => boolean = () => true,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const carryOut = () => work().then(resolve, reject);
      this.#parked.push({ owner, label, ready, carryOut });
    });
  }

  /** A question to the world that is no part of the history. */
  aside<Result>(work: () => Promise<Result>): Promise<Result> {
    const answer = this.#beside.then(work);
    this.#beside = answer.catch(() => undefined);
    return answer;
  }

  /** What the owner has parked is never carried out, and those who wait for it wait for ever: its process is gone. */
  abandon(owner: object): void {
    this.#parked = this.#parked.filter((parked) => parked.owner !== owner);
  }

  /** Carries one parked thing out. False where nothing is parked. */
  async step(): Promise<boolean> {
    if (this.#parked.length === 0) return false;
    const ready = this.#parked.filter((parked) => parked.ready());
    if (ready.length === 0) throw new Error(`nothing can go on: ${this.#parked.map(({ label }) => label).join(', ')}`);
    const chosen = this.oneOf(ready);
    this.#parked.splice(this.#parked.indexOf(chosen), 1);
    this.note(chosen.label);
    await chosen.carryOut();
    await this.settle();
    return true;
  }

  /** Resolves when all that follows by itself has happened. */
  async settle(): Promise<void> {
    for (let beside: unknown; beside !== this.#beside;) {
      beside = this.#beside;
      await beside;
      for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
    }
  }
}
