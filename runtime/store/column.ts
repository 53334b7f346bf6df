/**
 * Reads a column as the type that the schema gives it. A column of another type is a bug (a misspelt name, a statement
 * that does not select it), so every reader throws where the value is not what it must be.
 */

import type { Row } from './sql.js';
import { storeUnavailable } from './store-fault.js';

/** A value was changed by the disk, or by a hand, since it was written. */
export class DamagedColumn extends Error {
  override readonly name = 'DamagedColumn';
  /** As the errors of the databases have one. */
  readonly code = 'DAMAGED_COLUMN';
}

export function text(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw new TypeError(`column ${name} holds ${typeof value} where text was expected`);
  return value;
}

export function optionalText(row: Row, name: string): string | undefined {
  return row[name] === null ? undefined : text(row, name);
}

/** A count or a time: at most 2^53 - 1. Amounts are read with `amount`. */
export function integer(row: Row, name: string): number {
  const value = row[name];
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
    throw new TypeError(`column ${name} does not hold a safe integer`);
  }
  return number;
}

export function optionalInteger(row: Row, name: string): number | undefined {
  return row[name] === null ? undefined : integer(row, name);
}

/** Micro-USDC. The statement must select it as text, or digits above 2^53 would be lost before they arrive here. */
export function amount(row: Row, name: string): bigint {
  return BigInt(text(row, name));
}

export function optionalAmount(row: Row, name: string): bigint | undefined {
  return row[name] === null ? undefined : amount(row, name);
}

export function bytes(row: Row, name: string): Uint8Array {
  const value = row[name];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${name} does not hold bytes`);
  return value;
}

/**
 * JSON, as this program has written it.
 * @throws GatewayError `STORE_UNAVAILABLE` of a `DamagedColumn` where it is none.
 */
export function json(row: Row, name: string, parse: (text: string) => unknown = JSON.parse): unknown {
  const value = text(row, name);
  try {
    return parse(value);
  } catch {
    // The error of the parser would quote what is there.
    throw storeUnavailable(new DamagedColumn(`column ${name} holds no JSON`));
  }
}
