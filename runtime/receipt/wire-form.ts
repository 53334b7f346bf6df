/**
 * The one form that a field of a signed paper has on the wire: lower-case hex, numbers without leading zeros, no field
 * that is not known. Two papers that differ in a letter therefore never both verify.
 */

type Form = (value: unknown) => boolean;

/** A form with the words for what was wanted. */
export type WireForm = readonly [form: Form, wanted: string];

const MAX_TEXT = 1_000;
const MAX_UINT64 = 2n ** 64n - 1n;

export const TEXT: WireForm = [
  (value) => typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT && value.isWellFormed(),
  'a text',
];

/** 32 bytes. */
export const DIGEST: WireForm = pattern(/^0x[0-9a-f]{64}$/, '32 bytes in lower-case 0x hex');

/** Micro-USDC, in a `uint64`. */
export const AMOUNT: WireForm = [
  (value) => typeof value === 'string' && /^(0|[1-9]\d{0,19})$/.test(value) && BigInt(value) <= MAX_UINT64,
  'a whole number of micro-usdc as text',
];

export const SECONDS: WireForm = integer(0, Number.MAX_SAFE_INTEGER, 'seconds since 1970');

export const SIGNATURE: WireForm = pattern(/^0x[0-9a-f]{130}$/, '65 bytes in lower-case 0x hex');

export const ADDRESS: WireForm = pattern(/^0x[0-9a-fA-F]{40}$/, 'an address');

export const OBJECT: WireForm = [(value) => typeof value === 'object' && value !== null, 'an object'];

export const LIST: WireForm = [(value) => Array.isArray(value), 'a list'];

export function pattern(form: RegExp, wanted: string): WireForm {
  return [(value) => typeof value === 'string' && form.test(value), wanted];
}

/** A whole number from `least` to `most`; minus zero is none. */
export function integer(least: number, most: number, wanted: string): WireForm {
  const isOne: Form = (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most && !Object.is(value, -0);
  return [isOne, wanted];
}

/** What is wrong with the value's form, or undefined where every field, and no other, is as it must be. */
export function faultOfForm(
  value: unknown,
  forms: Readonly<Record<string, WireForm>>,
  name: string,
): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${name} is no object`;
  for (const [field, [form, wanted]] of Object.entries(forms)) {
    if (!Object.hasOwn(value, field)) return `${name}.${field} is missing`;
    if (!form((value as Readonly<Record<string, unknown>>)[field])) return `${name}.${field} is not ${wanted}`;
  }
  const extra = Object.keys(value).find((field) => !Object.hasOwn(forms, field));
  return extra === undefined ? undefined : `${name}.${extra.slice(0, 100)} is no field of a ${name}`;
}
