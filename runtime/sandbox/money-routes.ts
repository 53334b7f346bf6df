/** Currency conversion at rates that never move, in whole millionths: no floating point. */

import type { Router, RouterContext } from '@koa/router';
import { queryChoice, queryText } from './query-value.js';

/** Millionths of each currency for one euro. */
const RATES = {
  AUD: 1_660_000n,
  BRL: 5_930_000n,
  CHF: 955_000n,
  EUR: 1_000_000n,
  GBP: 845_000n,
  JPY: 162_500_000n,
  KES: 140_250_000n,
  USD: 1_085_000n,
} as const satisfies Record<string, bigint>;

type Currency = keyof typeof RATES;
const CURRENCIES = Object.keys(RATES) as Currency[];

export function addMoneyRoutes(router: Router): void {
  router.get('convertCurrency', '/convert', (ctx) => {
    const from = queryChoice(ctx, 'from', CURRENCIES);
    const to = queryChoice(ctx, 'to', CURRENCIES);
    const amount = readMillionths(ctx, queryText(ctx, 'amount'));
    const result = divideHalfUp(amount * RATES[to], RATES[from] * 10_000n);
    const rate = divideHalfUp(RATES[to] * 1_000_000n, RATES[from]);
    ctx.body = { from, to, amount: decimal(amount, 6), rate: decimal(rate, 6), result: decimal(result, 2) };
  });
}

function readMillionths(ctx: RouterContext, text: string | undefined): bigint {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text ?? '');
  if (!match) {
    const fault = text === undefined ? 'missing' : `"${text.slice(0, 80)}"`;
    ctx.throw(400, `amount is ${fault}: send a number such as 12.50, below 1000000000, with at most 6 decimals`);
  }
  return BigInt(match[1] ?? '') * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0'));
}

function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend * 2n + divisor) / (divisor * 2n);
}

/** `1234567n` with 6 places → `"1.234567"`. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
