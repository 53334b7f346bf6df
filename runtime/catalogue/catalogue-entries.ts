/**
 * The rows of `catalogue.json`, as they stand in the file: a row is parsed when it is asked for, and not kept. As objects
 * a hundred thousand of them would take three times their bytes, and a third of a second before the first answer.
 */

import type { CatalogueEntry } from '../../generated/contract.js';
import { CatalogueError } from './catalogue-error.js';

/** What every row begins with, for which its id can be read without the rest. */
export const BEFORE_ID = '{"id":"';
const QUOTE = 0x22;

export class CatalogueEntries implements Iterable<CatalogueEntry> {
  /**
   * @param starts where in the bytes each row begins.
   * @param ends where each ends: behind its last brace.
   */
  constructor(
    private readonly path: string,
    private readonly bytes: Buffer,
    private readonly starts: Uint32Array,
    private readonly ends: Uint32Array,
  ) {}

  get length(): number {
    return this.starts.length;
  }

  /**
   * The entry at a place, counted from the end where it is negative; undefined where there is none.
   * @throws CatalogueError where its row is not JSON.
   */
  at(place: number): CatalogueEntry | undefined {
    const row = place < 0 ? this.length + place : place;
    const start = this.starts[row];
    if (start === undefined) return undefined;
    try {
      return JSON.parse(this.bytes.toString('utf8', start, this.ends[row])) as CatalogueEntry;
    } catch (error) {
      throw new CatalogueError(this.path, `is not JSON in its row ${row + 1} (${(error as Error).message})`);
    }
  }

  /** The id of the entry at a place that there is, at a fraction of what it takes to read the entry. */
  idAt(place: number): string {
    const start = this.starts[place]! + BEFORE_ID.length;
    return this.bytes.toString('latin1', start, this.bytes.indexOf(QUOTE, start));
  }

  *[Symbol.iterator](): Generator<CatalogueEntry> {
    for (let place = 0; place < this.length; place++) yield this.at(place)!;
  }
}
