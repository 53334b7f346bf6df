/** What to write in the place of an amount that is none: the schema says only that it does not fit. */

import { USDC_PATTERN } from '../settings/settings-schema.js';

const USDC = new RegExp(USDC_PATTERN);

/** The remedy for what stands where an amount of USDC belongs, whatever it is. */
export function amountRemedy(value: unknown): string {
  if (typeof value === 'number') {
    const text = withoutExponent(value);
    return text === undefined ? amountRemedy(String(value)) : `write it in quotes: "${text}"`;
  }
  const text = typeof value === 'string' ? value.trim() : '';
  if (/^-/.test(text)) return 'write an amount that is not negative; model: free costs nothing';
  if (/^[0-9.]+e[+-]?[0-9]+$/i.test(text)) {
    const plain = withoutExponent(Number(text));
    return `write it without an exponent${plain === undefined ? '' : `: "${plain}"`}`;
  }
  if (/^[0-9]+\.[0-9]{7,}$/.test(text)) return 'round it to six places: 0.000001 is the smallest amount that there is';
  if (/^[1-9][0-9]{12,}(\.[0-9]*)?$/.test(text)) return 'write at most 999999999999.999999';
  return 'write USDC as a decimal with at most six places, such as "0.001"';
}

/** A number as an amount's text, where it is one. */
function withoutExponent(value: number): string | undefined {
  const plain = /e/.test(String(value)) && Math.abs(value) < 1 ? value.toFixed(6).replace(/0+$/, '') : String(value);
  return Number(plain) === value && USDC.test(plain) ? plain : undefined;
}
