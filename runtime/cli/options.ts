/** Readers of option values. What they refuse is wrong usage: exit code 2, with the value and an example. */

import { InvalidArgumentError } from 'commander';

import { isDay } from '../clock.js';
import { MAX_DEPOSIT, parseUsdc, type MicroUsdc } from '../ledger/micro-usdc.js';
import { PROVIDER_ID } from '../provider-id.js';

/** An amount of USDC above zero, such as `10` or `0.05`, and at most what the ledger takes at once. */
export function usdc(text: string): MicroUsdc {
  const most = MAX_DEPOSIT / 1_000_000n;
  // Of so many digits no amount of the books is made, and it would be refused as none at all.
  const isDecimal = /^\d+(\.\d{1,6})?$/.test(text);
  if (isDecimal && BigInt(text.split('.', 1)[0]!) > most) throw tooMuch(text, most);
  let amount: MicroUsdc;
  try {
    amount = parseUsdc(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidArgumentError(error.message);
  }
  if (amount <= 0n) throw new InvalidArgumentError('the amount must be above zero');
  if (amount <= MAX_DEPOSIT) return amount;
  throw tooMuch(text, most);
}

function tooMuch(text: string, most: bigint): InvalidArgumentError {
  return new InvalidArgumentError(`"${text}" is more than ${most} USDC: write at most that`);
}

/** What an operator calls something, which has to be found again in a list. */
export function name(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('a name has to have something in it');
  return text;
}

/** The address of a key that signs. */
export function address(text: string): string {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text;
  throw new InvalidArgumentError('an address is 0x and 40 hex digits');
}

/** The URL of a gateway, without the path of its MCP server. */
export function gatewayUrl(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: '' };
  if (protocol === 'http:' || protocol === 'https:') return text.replace(/\/(mcp\/?)?$/, '');
  throw new InvalidArgumentError('write it like http://127.0.0.1:8402');
}

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `30d`, `12h` or `45m`, in milliseconds. */
export function duration(text: string): number {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count === undefined || Number(count) === 0) throw new InvalidArgumentError('write it like 30d, 12h or 45m');
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/**
 * How long the key before may still sign after a rotation: a gateway takes the new one within ten seconds, by a clock that
 * may be a minute ahead.
 */
export function overlapTime(text: string): number {
  return noShorter(text, '2m', 'a gateway takes the new key within ten seconds, by a clock that may be a minute ahead');
}

/**
 * How long a key may still sign that a gateway may be using: more than a call takes from its hold to its receipt, with the
 * seconds in which a gateway hears of the end of its key. A receipt that is dated later never verifies.
 */
export function retirement(text: string): number {
  return noShorter(text, '15m', 'a call that is under way may be captured minutes from now');
}

function noShorter(text: string, least: string, why: string): number {
  const ms = duration(text);
  if (ms >= duration(least)) return ms;
  throw new InvalidArgumentError(`write at least ${least}: ${why}`);
}

/** A date (its first moment, UTC) or a date-time with its zone, in seconds since the Unix epoch. */
export function instant(text: string): number {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const wellFormed = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.0+)?)?(Z|[+-]\d{2}:\d{2})$/.test(date);
  const seconds = Date.parse(date) / 1000;
  if (wellFormed && isDay(date) && Number.isSafeInteger(seconds) && seconds >= 0) return seconds;
  throw new InvalidArgumentError('write it like 2026-11-01 or 2026-11-01T09:30:00Z');
}

/** Provider ids, separated by commas. */
export function providerIds(text: string): readonly string[] {
  const ids = text.split(',').map((id) => id.trim());
  const wrong = ids.find((id) => !PROVIDER_ID.test(id));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`"${wrong}" is no provider's id; write them like github,nasa`);
  return ids;
}

export function port(text: string): string {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return text;
}
