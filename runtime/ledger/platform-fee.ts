/**
 * The platform's part of a charge. It is agreed when the call is opened, so that a change of the rate concerns calls
 * that are opened after it, and is taken from what the seller gets: the buyer pays the same whatever it is.
 */

import type { MicroUsdc } from './micro-usdc.js';

/** The whole charge. */
export const MAX_FEE_BPS = 10_000;

/** @param feeBps hundredths of a percent. Rounded down to a whole micro-USDC, in the seller's favour. */
export function platformFee(chargeMicroUsdc: MicroUsdc, feeBps: number): MicroUsdc {
  return (chargeMicroUsdc * BigInt(feeBps)) / BigInt(MAX_FEE_BPS);
}
