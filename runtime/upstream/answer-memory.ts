/**
 * What the answers under way, of all providers and to all clients, may take of memory together. Bytes are counted as
 * they come from an upstream, and again as the text that a client has yet to read. An answer from an upstream that
 * finds no room is broken off; the text of one that was paid for is never refused, only counted, and while there is no
 * room no new call is let in.
 */

/** Texts below this are not worth the counting. */
export const LEAST_COUNTED_BYTES = 65_536;

/** What is told where there is no room. */
export const ANSWERS_TAKE_ALL = 'the answers that are under way take all the memory that they may take';

export class AnswerMemory {
  #bytes = 0;

  constructor(private readonly mostBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.mostBytes;
  }

  /** Whether there was room for the bytes; then they count until they are given back. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.mostBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Counts bytes that are there already, room or not. */
  count(bytes: number): void {
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}
