/** Answers that are neither JSON nor binary: plain text, CSV and XML. */

import type { Router, RouterContext } from '@koa/router';
import { formatCents, PRODUCTS } from './products.js';
import { queryInteger } from './query-value.js';

const QUOTES = [
  'A price that is shown before the call is a promise; one that is shown after it is a bill.',
  'Measure the thing itself: its shadow is longer in the evening.',
  'Every retry is a question; an idempotency key is the answer.',
  'What was never written down did not happen twice.',
  'The shortest queue is the one that says how long it is.',
  'Trust the ledger that can be added up by somebody else.',
  'A timeout is also an answer, only an unfriendly one.',
];

export function addTextRoutes(router: Router): void {
  router.get('quoteOfTheDay', '/quote', (ctx) => {
    const day = queryInteger(ctx, 'day', { min: 1, max: 366, fallback: 1 });
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = `${QUOTES[(day - 1) % QUOTES.length]}\n`;
  });

  router.get('getReport', '/report.csv', (ctx) => {
    const rows = PRODUCTS.map(({ id, name, category, priceCents, stock }) => {
      const units = stock.reduce((sum, { quantity }) => sum + quantity, 0);
      return [id, quoteCsv(name), category, formatCents(priceCents), String(units)].join(',');
    });
    ctx.type = 'text/csv; charset=utf-8';
    // RFC 4180 section 2: lines end in CRLF.
    ctx.body = ['id,name,category,price_eur,units', ...rows, ''].join('\r\n');
  });

  router.get('getInvoice', '/invoices/:number', (ctx: RouterContext) => {
    const number = Number(/^INV-(\d{1,6})$/.exec(ctx.params.number ?? '')?.[1] ?? NaN);
    const product = PRODUCTS[number % PRODUCTS.length];
    if (!product) {
      ctx.throw(404, `unknown invoice "${(ctx.params.number ?? '').slice(0, 80)}": ask for INV-0 to INV-999999`);
    }
    const quantity = (number % 9) + 1;
    ctx.type = 'application/xml; charset=utf-8';
    ctx.body = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<invoice number="INV-${number}" currency="EUR">`,
      '  <buyer>Larch &amp; Sons</buyer>',
      `  <line product="${product.id}" quantity="${quantity}">${product.name}</line>`,
      `  <total>${formatCents(product.priceCents * quantity)}</total>`,
      '</invoice>',
      '',
    ].join('\n');
  });
}

/** RFC 4180 section 2, rules 5 to 7. */
function quoteCsv(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
