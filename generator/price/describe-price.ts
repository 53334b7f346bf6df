/** A price in words, for doc comments and reports. */

import type { Price } from '../contract.js';

/** `free`, `0.001 USDC a call`, or `0.60 USDC for 1000000 token, at least 0.0001, at most 0.05`. */
export function describePrice(price: Price): string {
  switch (price.model) {
    case 'free':
      return 'free';
    case 'per_call':
      return `${price.amount} USDC a call`;
    case 'per_unit': {
      const least = price.min === undefined ? '' : ` at least ${price.min},`;
      return `${price.amount} USDC for ${String(price.per)} ${price.unit},${least} at most ${price.max}`;
    }
  }
}
