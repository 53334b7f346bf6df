/**
 * Money is integer micro-USDC: `bigint` in code, a decimal string with six places on the wire, never a float.
 */

export type MicroUsdc = bigint;

/** A billion USDC: more is a mistake, and the books' columns could overflow after enough of them. */
export const MAX_DEPOSIT: MicroUsdc = 1_000_000_000_000_000n;

const AMOUNT = /^(\d{1,13})(?:\.(\d{1,6}))?$/;

/**
 * Reads an amount of USDC, such as `"0.0015"`.
 * @throws RangeError naming the value, where it is negative, has more than six places or is no decimal at all.
 */
export function parseUsdc(text: string): MicroUsdc {
  const match = AMOUNT.exec(text);
  if (match === null) {
    throw new RangeError(`"${text}" is not an amount of USDC: write a decimal with at most six places, like "0.0015"`);
  }
  return BigInt(match[1]! + (match[2] ?? '').padEnd(6, '0'));
}

/** Writes micro-USDC as USDC with all six places: `1500n` → `"0.001500"`. */
export function formatUsdc(amount: MicroUsdc): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
