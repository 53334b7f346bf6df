/** Compares what calls cost. Amounts are compared as whole micro-USDC, never as floats. */

import type { Price } from '../contract.js';
import { describePrice } from '../price/describe-price.js';
import { microUsdc } from '../price/price-faults.js';
import type { ChangeKind } from './change.js';

export interface PriceChange {
  readonly kind: Extract<ChangeKind, `price-${string}`>;
  readonly message: string;
}

/** `undefined` where they cost the same, however the amounts are written. */
export function comparePrices(before: Price, after: Price): PriceChange | undefined {
  const kind = kindOf(before, after);
  if (kind === undefined) return undefined;
  return { kind, message: `${describePrice(before)} before, ${describePrice(after)} now` };
}

function kindOf(before: Price, after: Price): PriceChange['kind'] | undefined {
  if (before.model === 'free' || after.model === 'free') {
    if (before.model === after.model) return undefined;
    return before.model === 'free' ? 'price-raised' : 'price-lowered';
  }
  if (before.model === 'per_call' && after.model === 'per_call') {
    return kindOfMoves([microUsdc(after.amount) - microUsdc(before.amount)]);
  }
  if (before.model === 'per_unit' && after.model === 'per_unit') {
    if (before.unit !== after.unit || before.meter !== after.meter) return 'price-unit-changed';
    return kindOfMoves([
      // The price of a unit, both over a common denominator.
      microUsdc(after.amount) * BigInt(before.per) - microUsdc(before.amount) * BigInt(after.per),
      microUsdc(after.min ?? '0') - microUsdc(before.min ?? '0'),
      microUsdc(after.max) - microUsdc(before.max),
    ]);
  }
  return 'price-unit-changed';
}

function kindOfMoves(moves: readonly bigint[]): PriceChange['kind'] | undefined {
  const [up, down] = [moves.some((move) => move > 0n), moves.some((move) => move < 0n)];
  if (up && down) return 'price-changed';
  return up ? 'price-raised' : down ? 'price-lowered' : undefined;
}
