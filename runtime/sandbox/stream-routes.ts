/** Answers that arrive piece by piece: server-sent events and newline-delimited JSON. They always end. */

import { Readable } from 'node:stream';
import type { Router, RouterContext } from '@koa/router';
import { pause } from './pause.js';
import { PRODUCTS } from './products.js';
import { queryInteger } from './query-value.js';

export function addStreamRoutes(router: Router): void {
  router.get('streamTicks', '/ticks', (ctx) => {
    const count = queryInteger(ctx, 'count', { min: 1, max: 50, fallback: 5 });
    const intervalMs = queryInteger(ctx, 'interval_ms', { min: 0, max: 1000, fallback: 100 });
    ctx.type = 'text/event-stream';
    ctx.set('cache-control', 'no-store');
    ctx.body = Readable.from(ticks(ctx, count, intervalMs), { objectMode: false });
  });

  router.get('streamRecords', '/records', (ctx) => {
    const count = queryInteger(ctx, 'count', { min: 1, max: 1000, fallback: 10 });
    ctx.type = 'application/x-ndjson';
    ctx.body = Readable.from(records(count), { objectMode: false });
  });
}

async function* ticks(ctx: RouterContext, count: number, intervalMs: number): AsyncGenerator<Buffer> {
  for (let tick = 1; tick <= count; tick++) {
    if (tick > 1 && !(await pause(ctx.res, intervalMs))) return;
    yield Buffer.from(`event: tick\nid: ${tick}\ndata: ${JSON.stringify({ tick, of: count })}\n\n`);
  }
}

function* records(count: number): Generator<Buffer> {
  for (let record = 1; record <= count; record++) {
    const product = PRODUCTS[(record - 1) % PRODUCTS.length];
    yield Buffer.from(`${JSON.stringify({ record, product_id: product?.id, units: (record * 7) % 13 })}\n`);
  }
}
