/**
 * What a call of each endpoint can cost at most, for filtering and sorting by price: a catalogue of a hundred thousand
 * rows has few different amounts, so that of each row only the number of its amount is kept.
 */

import type { CatalogueEntry } from '../../generated/contract.js';
import { maxCharge } from '../call/price.js';
import type { MicroUsdc } from '../ledger/micro-usdc.js';

export class MaxCharges {
  private constructor(
    private readonly amounts: readonly MicroUsdc[],
    /** Of each row, its place among the amounts. */
    private readonly places: Uint32Array,
  ) {}

  /** Yields where it may be interrupted: to read a hundred thousand rows takes part of a second. */
  static *of(entries: Iterable<CatalogueEntry> & { readonly length: number }): Generator<void, MaxCharges> {
    const amounts = new Map<MicroUsdc, number>();
    const places = new Uint32Array(entries.length);
    let row = 0;
    for (const { price } of entries) {
      const amount = maxCharge(price);
      if (!amounts.has(amount)) amounts.set(amount, amounts.size);
      places[row++] = amounts.get(amount)!;
      yield;
    }
    return new MaxCharges([...amounts.keys()], places);
  }

  /** Of the row at this place, which there is. */
  at(place: number): MicroUsdc {
    return this.amounts[this.places[place]!]!;
  }
}
