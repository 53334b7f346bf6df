/**
 * A shop with paging, filters and nested answers, and orders whose id is a digest of what was ordered: the same order
 * sent twice has the same id, so only `/counters` tells whether it was sent twice.
 */

import { createHash } from 'node:crypto';
import type { Router, RouterContext } from '@koa/router';
import canonicalize from 'canonicalize';
import { isObject } from '../is-object.js';
import { formatCents, PRODUCTS, type Product } from './products.js';
import { queryChoice, queryInteger, queryText, queryTexts } from './query-value.js';
import { readJson } from './read-body.js';

const MAX_ITEMS = 50;
const MAX_QUANTITY = 1000;

export function addShopRoutes(router: Router): void {
  router.get('listProducts', '/products', (ctx) => {
    const category = queryChoice(ctx, 'category', ['any', 'kitchen', 'office', 'garden'], 'any');
    const tags = queryTexts(ctx, 'tag');
    const limit = queryInteger(ctx, 'limit', { min: 1, max: 50, fallback: 5 });
    const matching = PRODUCTS.filter(
      (product) =>
        (category === 'any' || product.category === category) &&
        (tags.length === 0 || tags.some((tag) => product.tags.includes(tag))),
    );
    const start = startOf(ctx, queryText(ctx, 'cursor'));
    const end = start + limit;
    ctx.body = {
      total: matching.length,
      items: matching.slice(start, end).map(show),
      ...(end < matching.length && { next_cursor: Buffer.from(`after:${end}`).toString('base64url') }),
    };
  });

  router.get('getProduct', '/products/:id', (ctx: RouterContext) => {
    const found = PRODUCTS.find(({ id }) => id === ctx.params.id);
    if (!found) ctx.throw(404, `unknown product "${(ctx.params.id ?? '').slice(0, 80)}": GET /products lists them`);
    ctx.body = show(found);
  });

  router.post('createOrder', '/orders', async (ctx) => {
    const order = await readJson(ctx, 'json');
    const { lines, customer } = readOrder(ctx, order);
    const digest = createHash('sha256')
      .update(canonicalize(order) ?? '')
      .digest('hex');
    const totalCents = lines.reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0);
    ctx.status = 201;
    ctx.body = {
      id: `ord_${digest.slice(0, 16)}`,
      status: 'accepted',
      customer,
      items: lines.map(({ product, quantity }) => ({
        product_id: product.id,
        name: product.name,
        quantity,
        amount: formatCents(product.priceCents * quantity),
      })),
      total: { amount: formatCents(totalCents), currency: 'EUR' },
    };
  });
}

function show({ priceCents, ...product }: Product) {
  return { ...product, price: { amount: formatCents(priceCents), currency: 'EUR' } };
}

function startOf(ctx: RouterContext, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const match = /^after:(\d{1,6})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!match) ctx.throw(400, `cursor is "${cursor.slice(0, 80)}": send next_cursor of an earlier answer, unchanged`);
  return Number(match[1]);
}

function readOrder(ctx: RouterContext, order: unknown) {
  if (!isObject(order)) ctx.throw(422, 'the order is not an object: send {"customer": {…}, "items": […]}');
  const { customer, items } = order;
  if (!isObject(customer) || typeof customer.name !== 'string' || customer.name === '') {
    ctx.throw(422, 'customer.name is missing: send the name as a string');
  }
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ITEMS) {
    ctx.throw(422, `items is not a list of 1 to ${MAX_ITEMS}: send [{"product_id": "p-001", "quantity": 1}]`);
  }
  const lines = items.map((item: unknown, index) => {
    const product = isObject(item) ? PRODUCTS.find(({ id }) => id === item.product_id) : undefined;
    if (!product) ctx.throw(422, `items[${index}].product_id is unknown: GET /products lists them`);
    const quantity = isObject(item) ? item.quantity : undefined;
    if (!Number.isInteger(quantity) || (quantity as number) < 1 || (quantity as number) > MAX_QUANTITY) {
      ctx.throw(422, `items[${index}].quantity is not an integer from 1 to ${MAX_QUANTITY}`);
    }
    return { product, quantity: quantity as number };
  });
  return { customer: { name: customer.name }, lines };
}
