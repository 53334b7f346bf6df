/**
 * What is wrong with a price beyond its shape: amounts that contradict one another, a meter that does not parse. Shapes
 * are the schema's business; amounts reach this module as decimal strings of at most six places.
 */

import { compile } from '@jmespath-community/jmespath';
import type { Price, Usdc } from '../contract.js';

export interface PriceFault {
  /** The key of the price that is at fault. */
  readonly key: string;
  readonly message: string;
  readonly remedy: string;
}

/** A USDC amount in micro-USDC. The text must be a non-negative decimal of at most six places. */
export function microUsdc(amount: Usdc): bigint {
  const [whole = '0', fraction = ''] = amount.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** All the faults of a price, in the order of its keys; none for `free` and `per_call`, whose shape says it all. */
export function priceFaults(price: Price): readonly PriceFault[] {
  if (price.model !== 'per_unit') return [];
  const faults: PriceFault[] = [];
  const unreadable = expressionFault(price.meter);
  if (unreadable !== undefined) {
    faults.push({
      key: 'meter',
      message: `the meter ${JSON.stringify(price.meter)} is not JMESPath: ${unreadable}`,
      remedy: 'write a path to a number in the answer, such as "usage.total_tokens"',
    });
  }
  if (price.min !== undefined && microUsdc(price.min) > microUsdc(price.max)) {
    faults.push({
      key: 'min',
      message: `the minimum ${price.min} is above the maximum ${price.max}`,
      remedy: 'lower min or raise max; max is what is held for a call',
    });
  }
  const [amount, least, most] = [price.amount, price.min ?? '0', price.max].map(microUsdc);
  if (most === 0n) {
    faults.push({
      key: 'max',
      message: `the maximum ${price.max} leaves nothing to charge`,
      remedy: 'raise max, or write model: free',
    });
  } else if (amount === 0n && least === 0n) {
    faults.push({
      key: 'amount',
      message: `the amount ${price.amount} charges nothing, however many units there are`,
      remedy: 'raise it, give a min, or write model: free',
    });
  }
  return faults;
}

/** Why a JMESPath expression does not compile, or undefined where it does. */
export function expressionFault(expression: string): string | undefined {
  try {
    compile(expression);
    return undefined;
  } catch (error) {
    // The library throws plain Errors named LexerError and ParserError for what its grammar does not admit.
    if (error instanceof Error) return error.message;
    throw error;
  }
}
