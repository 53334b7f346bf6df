/**
 * What a call costs: the most that it can (the hold), and exactly what it did (the capture). All in integers; a total
 * is rounded once, upward, to a whole micro-USDC.
 */

import type { Price } from '../../generated/contract.js';
import { ExactNumber, normalForm, rounded } from '../exact-numbers.js';
import { formatUsdc, parseUsdc, type MicroUsdc } from '../ledger/micro-usdc.js';
import { evaluate } from './jmespath.js';

export interface Charge {
  readonly amountMicroUsdc: MicroUsdc;
  /** As it stands on the receipt: `"0.001000 per call"`. */
  readonly unitPrice: string;
  /** A decimal number. */
  readonly units: string;
  /** Set where the answer did not hold what the price is metered by. */
  readonly warning?: string;
}

/** What a receipt's units can be. A meter that reads more, or finer, reads nonsense. */
const MOST_UNITS = 1e40;
const MOST_PLACES = 40;
/** What is reckoned with digit by digit. Of a number that is longer, or nearer to zero, the nearest double counts. */
const PLAIN = new RegExp(`^\\d{1,40}(?:\\.\\d{1,${MOST_PLACES}})?$`);

/**
 * What every call needs to know of a price. It is kept by price, since most calls are to endpoints that were called
 * before.
 */
interface Known {
  readonly max: MicroUsdc;
  readonly words: string;
}

const KNOWN = new WeakMap<Price, Known>();

function knownOf(price: Price): Known {
  let known = KNOWN.get(price);
  if (known === undefined) KNOWN.set(price, (known = { max: readMax(price), words: toWords(price) }));
  return known;
}

/** The most that one call can cost. */
export function maxCharge(price: Price): MicroUsdc {
  return knownOf(price).max;
}

/** A price in words: `"free"`, `"0.001000 per call"`, `"0.60 per 1000000 token"`. */
export function describePrice(price: Price): string {
  return knownOf(price).words;
}

function readMax(price: Price): MicroUsdc {
  switch (price.model) {
    case 'free':
      return 0n;
    case 'per_call':
      return parseUsdc(price.amount);
    case 'per_unit':
      return parseUsdc(price.max);
  }
}

function toWords(price: Price): string {
  switch (price.model) {
    case 'free':
      return 'free';
    case 'per_call':
      return `${formatUsdc(parseUsdc(price.amount))} per call`;
    case 'per_unit':
      return `${price.amount} per ${price.per === 1 ? '' : `${price.per} `}${price.unit}`;
  }
}

/**
 * What an answered call costs by its price. `body` is what meters read: the answer's parsed JSON, or the list of a
 * stream's records (each as JSON if it is JSON), of which `[].usage.total_tokens | [-1]` takes the last that tells its
 * usage; undefined if the answer is neither. `exact` is the same with the numbers that no double holds.
 * If the meter finds no usable number there, the buyer has the benefit of the doubt: the charge is the minimum, or
 * nothing.
 */
export function exactCharge(price: Price, body: unknown, exact: unknown = body): Charge {
  const unitPrice = describePrice(price);
  if (price.model !== 'per_unit') return { amountMicroUsdc: maxCharge(price), unitPrice, units: '1' };

  const min = price.min === undefined ? 0n : parseUsdc(price.min);
  const units = body === undefined ? undefined : evaluate(price.meter, body, exact);
  const nearest = rounded(units);
  const isUsable = typeof nearest === 'number' && nearest >= 0 && nearest < MOST_UNITS;
  const written = units instanceof ExactNumber ? normalForm(units.digits) : '';
  const decimal = isUsable ? toDecimal(PLAIN.test(written) ? written : String(nearest)) : undefined;
  if (decimal === undefined || decimal.scale > MOST_PLACES) {
    const warning = `the answer has no usable number at "${price.meter}": charged the minimum`;
    return { amountMicroUsdc: min, unitPrice, units: '0', warning };
  }
  const { digits, scale } = decimal;
  const per = 10n ** BigInt(scale) * BigInt(price.per);
  const metered = ceilDivide(parseUsdc(price.amount) * digits, per);
  const max = parseUsdc(price.max);
  const amountMicroUsdc = metered < min ? min : metered > max ? max : metered;
  return { amountMicroUsdc, unitPrice, units: writeDecimal(digits, scale) };
}

function ceilDivide(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

/** A finite number ≥ 0, as JavaScript prints it, as a decimal: `digits` / 10^`scale`. */
function toDecimal(number: string): { digits: bigint; scale: number } {
  const [, whole, fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(number)!;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole! + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function writeDecimal(digits: bigint, scale: number): string {
  if (scale === 0) return digits.toString();
  const text = digits.toString().padStart(scale + 1, '0');
  return `${text.slice(0, -scale)}.${text.slice(-scale)}`;
}
