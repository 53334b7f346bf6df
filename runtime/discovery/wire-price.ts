/** A price as agents see it: the catalogue's terms, and the most that one call can cost. */

import type { Price } from '../../generated/contract.js';
import { maxCharge } from '../call/price.js';
import { formatUsdc } from '../ledger/micro-usdc.js';

export type WirePrice = Price & { readonly currency: 'USDC'; readonly max_charge: string };

export function wirePrice(price: Price): WirePrice {
  return { ...price, currency: 'USDC', max_charge: formatUsdc(maxCharge(price)) };
}
