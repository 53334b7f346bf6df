/** The routes: MCP, the plain-HTTP face, and what verifiers, clients and operators read. */

import { isUtf8 } from 'node:buffer';

import Router from '@koa/router';
import type { Context } from 'koa';

import { jsonText } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';
import { isObject } from '../is-object.js';
import type { JsonObject, ToolAnswer, ToolContext } from '../mcp/tool.js';
import { VERSION } from '../package-root.js';
import { RECEIPT_DOMAIN, RECEIPT_TYPES } from '../receipt/receipt-type.js';
import { STATEMENT_TYPES } from '../statement/statement-type.js';
import type { AppDependencies } from './app.js';
import { callerOf } from './caller-of.js';
import { ClientOfResponse } from './client-of-response.js';
import { openApiDocument } from './openapi.js';
import { ownUrl } from './own-address.js';
import { countAnswer, deliveryOf, runObserved } from './run-operation.js';

/** What a verifier of another make needs beside the keys, as the libraries for EIP-712 take it. */
const SIGNED = { domain: RECEIPT_DOMAIN, types: { ...RECEIPT_TYPES, ...STATEMENT_TYPES } };

export function createRouter(deps: AppDependencies, answerMcp: (ctx: Context) => Promise<void>): Router {
  const router = new Router();
  // Also here, where it is taken under any spelling of its path, and named where another method is tried.
  router.post('/mcp', answerMcp);

  // The plain-HTTP face.
  router.get('/v1/apis', (ctx) => run(deps, ctx, 'browse_apis', { ...query(ctx), ...numberOf(ctx, 'limit') }));
  router.get('/v1/apis/:provider/:operation', (ctx) =>
    run(deps, ctx, 'describe_endpoint', { endpoint: endpointOf(ctx) }),
  );
  router.get('/v1/apis/:endpoint', (ctx) => run(deps, ctx, 'describe_endpoint', { endpoint: ctx.params.endpoint }));
  router.post('/v1/quotes', async (ctx) => run(deps, ctx, 'get_pricing', await bodyOf(deps, ctx, ['arguments'])));
  router.get('/v1/balance', (ctx) => run(deps, ctx, 'check_balance', query(ctx)));
  router.get('/v1/usage', (ctx) => run(deps, ctx, 'get_usage', query(ctx)));
  router.post('/v1/ratings', async (ctx) => run(deps, ctx, 'rate_seller', await bodyOf(deps, ctx)));
  router.post('/v1/call/:provider/:operation', async (ctx) => {
    const args = await bodyOf(deps, ctx, []);
    const input = {
      ...query(ctx),
      ...booleanOf(ctx, 'dry_run'),
      ...booleanOf(ctx, 'fresh'),
      ...keyOfHeader(ctx),
      endpoint: endpointOf(ctx),
      arguments: args,
    };
    await run(deps, ctx, 'call_api', input);
  });
  router.get('/v1/receipts/:id', async (ctx) => {
    ctx.body = await deps.gateway.receipt(await contextOf(deps, ctx).caller(), ctx.params.id!);
  });

  // For verifiers, clients and operators.
  router.get('/', (ctx) => {
    ctx.body = {
      name: 'tollgate',
      version: VERSION,
      mcp: '/mcp',
      http: '/openapi.json',
      receipt_keys: '/.well-known/tollgate-receipt-keys.json',
    };
  });
  router.get('/openapi.json', (ctx) => {
    ctx.body = openApiDocument(ownUrl(deps.ownAddress()));
  });
  router.get('/.well-known/tollgate-receipt-keys.json', async (ctx) => {
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.body = { keys: await deps.publishedKeys(), eip712: SIGNED };
  });
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    const problems = await deps.problems();
    ctx.status = problems.length === 0 ? 200 : 503;
    const warnings = deps.warnings();
    const status = problems.length === 0 ? 'ready' : 'not ready';
    ctx.body = { status, problems, ...(warnings.length === 0 ? {} : { warnings }) };
  });
  router.get('/metrics', async (ctx) => {
    ctx.type = deps.metrics.contentType;
    ctx.body = await deps.metrics.text();
  });
  return router;
}

/** Runs a tool for the plain-HTTP face. */
async function run(deps: AppDependencies, ctx: Context, tool: string, input: JsonObject): Promise<void> {
  const outcome = await runObserved(deps, ctx, contextOf(deps, ctx), tool, input);
  if (!outcome.ok) throw outcome.error;
  const text = jsonText(plainBody(outcome.answer));
  countAnswer(deps, ctx, text);
  ctx.body = text;
  ctx.type = 'json';
}

function plainBody({ structured, bytes }: ToolAnswer): JsonObject {
  if (bytes === undefined) return structured;
  const { buffer, byteOffset, byteLength } = bytes.data;
  return { ...structured, body_base64: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
}

function contextOf(deps: AppDependencies, ctx: Context): ToolContext {
  const client = new ClientOfResponse(ctx.res);
  const delivery = () => deliveryOf(deps, ctx);
  return { gateway: deps.gateway, whole: true, client, caller: callerOf(deps, ctx), delivery };
}

/** @param exact where the arguments of an endpoint stand, as `readJson` has it. */
async function bodyOf(deps: AppDependencies, { req }: Context, exact?: readonly string[]): Promise<JsonObject> {
  const body = await deps.requests.readJson(req, exact);
  if (body === undefined) return {};
  if (isObject(body)) return body;
  throw new GatewayError('INVALID_REQUEST', 'the body is not a JSON object', 'send an object, such as {}');
}

/**
 * The idempotency key of the header, also where it is empty: who sends it counts on not being charged twice, and has to
 * know.
 * @throws GatewayError where the query has another key: a retry with that one alone would be charged again.
 */
function keyOfHeader(ctx: Context): Record<string, unknown> {
  const key = utf8Header(ctx.req.headers['idempotency-key']);
  if (key === undefined) return {};
  const { idempotency_key: asked = key } = ctx.query;
  if (asked === key) return { idempotency_key: key };
  throw new GatewayError(
    'INVALID_REQUEST',
    'the header Idempotency-Key has one key and idempotency_key in the query another',
    'send one key, in the header or in the query',
  );
}

/**
 * A header's text. Node reads its bytes as Latin-1, and clients write UTF-8: the same text in an argument is to be the same
 * key. Bytes that are no UTF-8 stay what Node reads.
 */
function utf8Header(header: string | readonly string[] | undefined): string | undefined {
  const text = header?.toString();
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
}

function query(ctx: Context): Record<string, unknown> {
  return { ...ctx.query };
}

/** A query parameter that the tool wants as a number; text that is none stays, for the tool's schema to refuse. */
function numberOf(ctx: Context, name: string): Record<string, unknown> {
  const text = ctx.query[name];
  if (text === undefined) return {};
  return { [name]: typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text };
}

/** Alike for a boolean: a dry run that is misspelt must not become a paid call. */
function booleanOf(ctx: Context, name: string): Record<string, unknown> {
  const text = ctx.query[name];
  return text === 'true' || text === 'false' ? { [name]: text === 'true' } : {};
}

function endpointOf(ctx: Context): string {
  const { provider, operation } = ctx.params as { provider: string; operation: string };
  return `${provider}/${operation}`;
}
