import type { MicroUsdc } from '../ledger/micro-usdc.js';
import { json, optionalAmount } from '../store/column.js';
import type { Row } from '../store/sql.js';

/** What a key may do; what is absent is not limited. */
export interface KeyLimits {
  /** What the key may spend in a UTC day, holds included. */
  readonly dailyLimitMicroUsdc?: MicroUsdc;
  /** What one call with the key may cost at most. */
  readonly maxPriceMicroUsdc?: MicroUsdc;
  /** The only providers that the key may call, by id. */
  readonly providers?: readonly string[];
}

/** @param row with the columns `daily_limit` and `max_price` as text, and `providers`. */
export function limitsOf(row: Row): KeyLimits {
  const dailyLimitMicroUsdc = optionalAmount(row, 'daily_limit');
  const maxPriceMicroUsdc = optionalAmount(row, 'max_price');
  return {
    ...(dailyLimitMicroUsdc === undefined ? {} : { dailyLimitMicroUsdc }),
    ...(maxPriceMicroUsdc === undefined ? {} : { maxPriceMicroUsdc }),
    ...(row['providers'] === null ? {} : { providers: json(row, 'providers') as readonly string[] }),
  };
}
