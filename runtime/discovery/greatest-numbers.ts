/**
 * The greatest of many numbers, without sorting the others: a binary heap of so many as are wanted, whose root is the
 * least of them (Williams, "Algorithm 232: Heapsort", 1964).
 */
export class GreatestNumbers {
  readonly #heap: number[] = [];

  /** @param most how many are kept. */
  constructor(private readonly most: number) {}

  /** The least of those that are kept, which the next one has to exceed; -Infinity while there is room for any. */
  get least(): number {
    return this.#heap.length < this.most ? -Infinity : (this.#heap[0] ?? Infinity);
  }

  /** Takes a number in the place of the least one, or beside it where there is room. */
  add(number: number): void {
    if (this.#heap.length < this.most) this.#rise(this.#heap.push(number) - 1);
    else if (number > this.least) this.#sink(number);
  }

  /** The greatest first. */
  descending(): Float64Array {
    return Float64Array.from(this.#heap).sort().reverse();
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const number = heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! <= number) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = number;
  }

  /** Puts the number into the root's place, and from there to where it belongs. */
  #sink(number: number): void {
    const heap = this.#heap;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1;
      if (heap[child]! >= number) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = number;
  }
}
