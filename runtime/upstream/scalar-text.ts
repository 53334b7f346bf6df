/**
 * The text of a value where a request has room for text only: in a path, a query, a header, a form field.
 *
 * Numbers are written in plain decimals, because `1e+21` is read as a word, or as 1, by most servers. A nested array or
 * object has no text in OpenAPI's tables; it is written as JSON, which is what servers that allow it expect.
 */

import { ExactNumber, jsonText } from '../exact-numbers.js';

export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return decimalText(String(value));
  if (value instanceof ExactNumber) return decimalText(value.digits);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return jsonText(value);
}

/** Whether a value is an object or a list, and no scalar. */
export function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof ExactNumber);
}

/** The number without an exponent; of a double the shortest decimals that read back as the same number. */
function decimalText(number: string): string {
  const [mantissa = '', exponentText] = number.split('e');
  if (exponentText === undefined) return mantissa;

  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}
