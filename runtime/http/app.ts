/**
 * The Koa app: guards first, then MCP, the plain-HTTP face, and what operators and verifiers read. It authenticates and
 * translates; what an operation does stands in `gateway.ts`, and how it is said in `mcp/tools/`.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

import Router from '@koa/router';
import Koa, { type Context } from 'koa';

import type { Authenticator, Caller } from '../account/authenticate.js';
import { Delivery } from '../call/delivery.js';
import type { Gateway } from '../gateway.js';
import { jsonText } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';
import { isObject } from '../is-object.js';
import { refusedUnread } from '../mcp/answer-self-described.js';
import { refusedByGateway } from '../mcp/read-messages.js';
import { isSelfDescribedByHeader } from '../mcp/self-described-request.js';
import { StatelessHttp } from '../mcp/stateless-http.js';
import type { RunTool } from '../mcp/tool-server.js';
import type { JsonObject, ToolAnswer, ToolContext } from '../mcp/tool.js';
import { internalError, runTool, TOOLS, type ToolOutcome } from '../mcp/toolbox.js';
import { VERSION } from '../package-root.js';
import type { PublishedKey } from '../receipt/published-keys.js';
import { RECEIPT_DOMAIN, RECEIPT_TYPES } from '../receipt/receipt-type.js';
import { STATEMENT_TYPES } from '../statement/statement-type.js';
import { observeOperation, type ObservedRequest, type Observers } from '../telemetry/observe-operation.js';
import { LEAST_COUNTED_BYTES, type AnswerMemory } from '../upstream/answer-memory.js';
import { ClientOfResponse } from './client-of-response.js';
import { openApiDocument } from './openapi.js';
import { OwnAddressCheck, ownUrl, type OwnAddress } from './own-address.js';
import type { RateLimit } from './rate-limit.js';
import { readJson } from './read-json.js';
import { requestIds } from './request-ids.js';
import { whenClosed } from './when-closed.js';

export interface AppDependencies extends Observers {
  readonly gateway: Gateway;
  readonly authenticator: Authenticator;
  readonly ownAddress: () => OwnAddress;
  readonly rateLimit?: RateLimit;
  /** Of what needs no key, and of keys that are wrong. */
  readonly addressLimit?: RateLimit;
  /** Undefined for a client that no limit by address is for. */
  readonly addressOf: (req: IncomingMessage) => string | undefined;
  /** Counts the answers that wait for their clients. */
  readonly answers: AnswerMemory;
  /** True once the gateway shuts down: what is under way is finished, nothing new is taken. */
  readonly draining: () => boolean;
  /** Resolves with what is not well; nothing when calls can be taken. */
  readonly problems: () => Promise<readonly string[]>;
  /** What calls can be taken in spite of, but not for good. */
  readonly warnings: () => readonly string[];
  readonly publishedKeys: () => Promise<readonly PublishedKey[]>;
}

const WITHOUT_ACCOUNT = new Set(TOOLS.filter(({ needsAccount }) => !needsAccount).map(({ name }) => name));
/** Who watches the gateway goes on watching it while it shuts down. */
const WATCHED = new Set(['/healthz', '/readyz', '/metrics']);
const MAX_BODY_BYTES = 1_000_000;
/** JSON-RPC batches left MCP in its version of 2025-06-18; older clients may still send small ones. */
const MAX_BATCH = 10;
/** What a verifier of another make needs beside the keys, as the libraries for EIP-712 take it. */
const SIGNED = { domain: RECEIPT_DOMAIN, types: { ...RECEIPT_TYPES, ...STATEMENT_TYPES } };
/** What a connection ends with when its client breaks off, or sends too slowly, or what is no HTTP. */
const CLIENTS_FAULT = /^(HPE_|ECONN|EPIPE|ERR_HTTP_REQUEST_TIMEOUT|ERR_STREAM_)/;

export function createApp(deps: AppDependencies): Koa {
  const app = new Koa();
  const ownAddress = new OwnAddressCheck(deps.ownAddress);
  const nextId = requestIds();
  const answerMcp = createMcpFace(deps);
  app.on('error', (error: NodeJS.ErrnoException) => {
    // Not the error whole: Node's parser adds the packet that it could not read, and with it the client's API key.
    const { name: type, message, stack, code } = error;
    const level = CLIENTS_FAULT.test(code ?? '') ? 'info' : 'error';
    deps.logger[level]({ err: { type, message, stack, code } }, 'request failed');
  });
  app.use(async (ctx, next) => {
    ctx.state.id = nextId();
    const { headers, method, url } = ctx.req;
    // The router tries the pattern of every route on every path, and most requests want this one.
    const isMcp = method === 'POST' && url === '/mcp';
    try {
      if (!isMcp) ctx.set(commonHeaders(ctx));
      ownAddress.check(headers.host || undefined, headers.origin || undefined);
      if (deps.draining() && !WATCHED.has(ctx.path)) throw shuttingDown();
      await (isMcp ? answerMcp(ctx) : next());
      if (ctx.respond !== false && ctx.body === undefined) refuseUnanswered(ctx);
    } catch (error) {
      // Also where a route has set another Cache-Control: what went wrong is not to be kept.
      ctx.set(commonHeaders(ctx));
      if (!(error instanceof GatewayError)) logBug(deps, ctx, error);
      answerError(ctx, error instanceof GatewayError ? error : internalError(error));
    } finally {
      // Who is told sends nothing more on a connection that is about to be closed.
      if (deps.draining() && !ctx.headerSent) ctx.set('Connection', 'close');
    }
  });
  const router = createRouter(deps, answerMcp);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

/** What every response has. */
function commonHeaders(ctx: Context): Record<string, string> {
  return {
    'X-Request-Id': ctx.state.id as string,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}

/** Answers POST /mcp. */
function createMcpFace(deps: AppDependencies): (ctx: Context) => Promise<void> {
  const mcp = new StatelessHttp();
  return async (ctx) => {
    const { gateway } = deps;
    const caller = callerOf(deps, ctx);
    // One for all messages of a batch.
    let followed: Delivery | undefined;
    const delivery = () => (followed ??= deliveryOf(deps, ctx));
    const headers = commonHeaders(ctx);
    const run: RunTool = (tool, input, client, progress) =>
      runObserved(deps, ctx, { gateway, caller, client, delivery, progress }, tool, input);
    const { status, text, hasBegun } = await mcp.reply(ctx.req, ctx.res, headers, () => batchOf(ctx), run);
    if (text !== undefined) countAnswer(deps, ctx, text);
    if (deps.draining()) headers['Connection'] = 'close';
    ctx.respond = false;
    if (hasBegun === true) ctx.res.end(text);
    else sendJson(ctx.res, status, headers, text);
  };
}

/** The body of a POST to MCP: a message, or no more of them than a batch may have. */
async function batchOf(ctx: Context): Promise<unknown> {
  const body = await readJson(ctx.req, MAX_BODY_BYTES, ['params', 'arguments', 'arguments']);
  if (!Array.isArray(body) || body.length <= MAX_BATCH) return body;
  const message = `a batch of ${body.length} messages is more than ${MAX_BATCH}`;
  throw new GatewayError('REQUEST_TOO_LARGE', message, 'send one message a request');
}

function sendJson(res: ServerResponse, status: number, headers: Record<string, string>, json = ''): void {
  const bytes = Buffer.byteLength(json);
  if (bytes > 0) headers['Content-Type'] = 'application/json';
  headers['Content-Length'] = String(bytes);
  // What is ASCII alone is copied as it is, and need not be measured and encoded again.
  res.writeHead(status, headers).end(json, bytes === json.length ? 'latin1' : 'utf8');
}

function createRouter(deps: AppDependencies, answerMcp: (ctx: Context) => Promise<void>): Router {
  const router = new Router();
  // Also here, where it is taken under any spelling of its path, and named where another method is tried.
  router.post('/mcp', answerMcp);

  // The plain-HTTP face.
  router.get('/v1/apis', (ctx) => run(deps, ctx, 'browse_apis', { ...query(ctx), ...numberOf(ctx, 'limit') }));
  router.get('/v1/apis/:provider/:operation', (ctx) =>
    run(deps, ctx, 'describe_endpoint', { endpoint: endpointOf(ctx) }),
  );
  router.get('/v1/apis/:endpoint', (ctx) => run(deps, ctx, 'describe_endpoint', { endpoint: ctx.params.endpoint }));
  router.post('/v1/quotes', async (ctx) => run(deps, ctx, 'get_pricing', await bodyOf(ctx, ['arguments'])));
  router.get('/v1/balance', (ctx) => run(deps, ctx, 'check_balance', query(ctx)));
  router.get('/v1/usage', (ctx) => run(deps, ctx, 'get_usage', query(ctx)));
  router.post('/v1/ratings', async (ctx) => run(deps, ctx, 'rate_seller', await bodyOf(ctx)));
  router.post('/v1/call/:provider/:operation', async (ctx) => {
    const args = await bodyOf(ctx, []);
    const key = ctx.req.headers['idempotency-key'];
    const input = {
      ...query(ctx),
      ...booleanOf(ctx, 'dry_run'),
      ...booleanOf(ctx, 'fresh'),
      // Also where it is empty: who sends the header counts on not being charged twice, and has to know.
      ...(key === undefined ? {} : { idempotency_key: key }),
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

/** A large answer takes of the memory for answers until its client has read it, or has gone. */
function countAnswer({ answers }: AppDependencies, { res }: Context, text: string): void {
  const { length } = text;
  if (length < LEAST_COUNTED_BYTES) return;
  answers.count(length);
  // The client of a call may have gone long before its answer comes.
  whenClosed(res, () => answers.giveBack(length));
}

function runObserved(
  deps: AppDependencies,
  ctx: Context,
  context: ToolContext,
  name: string,
  input: JsonObject,
): Promise<ToolOutcome> {
  const { traceparent } = ctx.req.headers;
  const operation = {
    name,
    input,
    request: ctx.state as ObservedRequest,
    // A header that came twice is none.
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  };
  return observeOperation(deps, operation, async () => {
    const refused = WITHOUT_ACCOUNT.has(name) ? tooFast(deps, ctx) : undefined;
    if (refused !== undefined) return { ok: false, error: refused };
    return runTool(name, input, context, (error) => logBug(deps, ctx, error));
  });
}

/** RATE_LIMITED where the client's address has used up what it may ask without an account. */
function tooFast({ addressLimit, addressOf }: AppDependencies, { req }: Context): GatewayError | undefined {
  const address = addressLimit === undefined ? undefined : addressOf(req);
  return address === undefined ? undefined : addressLimit!.refusal(address);
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

/** Follows this response to its end: what it answers is delivered when the connection has taken it whole. */
function deliveryOf({ gateway, logger }: AppDependencies, { req, res }: Context): Delivery {
  const delivery = new Delivery((callId) => {
    gateway.undelivered(callId).catch((error: unknown) => {
      // The client gets a new call where it could have had this answer; get_usage still has it.
      logger.warn({ err: error as Error, callId }, 'an undelivered answer is not noted');
    });
  });
  // The client may have gone before it was known who it is.
  whenClosed(res, () => {
    // A response whose connection breaks while it is written says that it was written whole all the same.
    if (!res.writableFinished || req.socket.destroyed) delivery.lose();
  });
  return delivery;
}

/** Who sent this request: looked up at most once, and counted against the rate limit at each use. */
function callerOf(deps: AppDependencies, ctx: Context): ToolContext['caller'] {
  let caller: Promise<Caller> | undefined;
  return async () => {
    const known = await (caller ??= authenticate(deps, ctx));
    ctx.state.caller = known;
    // Each message of a batch is a call of its own.
    deps.rateLimit?.take(known.keyId);
    return known;
  };
}

/** Keys that are wrong count against the address that tries them. */
async function authenticate(deps: AppDependencies, ctx: Context): Promise<Caller> {
  try {
    return await callerOfKey(deps, ctx);
  } catch (error) {
    if (!(error instanceof GatewayError && error.code === 'UNAUTHENTICATED')) throw error;
    throw tooFast(deps, ctx) ?? error;
  }
}

async function callerOfKey(deps: AppDependencies, ctx: Context): Promise<Caller> {
  const [, apiKey] = /^Bearer +(\S+) *$/i.exec(ctx.get('authorization')) ?? [];
  if (apiKey === undefined) {
    throw new GatewayError(
      'UNAUTHENTICATED',
      'this needs an account, and the request carries no API key',
      'send the header "Authorization: Bearer <api key>"; the operator makes keys with `tollgate key create`',
    );
  }
  return deps.authenticator.authenticate(apiKey);
}

/** @param exact where the arguments of an endpoint stand, as `readJson` has it. */
async function bodyOf(ctx: Context, exact?: readonly string[]): Promise<JsonObject> {
  const body = await readJson(ctx.req, MAX_BODY_BYTES, exact);
  if (body === undefined) return {};
  if (isObject(body)) return body;
  throw new GatewayError('INVALID_REQUEST', 'the body is not a JSON object', 'send an object, such as {}');
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

function answerError(ctx: Context, error: GatewayError): void {
  const { retry_after_seconds: wait } = error.details;
  ctx.status = error.status;
  if (error.status === 401) ctx.set('WWW-Authenticate', 'Bearer realm="tollgate"');
  if (wait !== undefined) ctx.set('Retry-After', String(wait));
  // What is left of a body that was refused is not worth a connection that is kept: it is thrown away, for a while.
  if (error.code === 'REQUEST_TOO_LARGE') ctx.set('Connection', 'close');
  if (!isMcpPost(ctx)) ctx.body = jsonText(error.toBody());
  else ctx.body = isSelfDescribedByHeader(ctx.req) ? refusedUnread(error) : refusedByGateway(error);
  ctx.type = 'json';
}

/** Under any spelling of its path that the router takes. */
function isMcpPost({ method, path }: Context): boolean {
  return method === 'POST' && /^\/mcp\/?$/i.test(path);
}

function shuttingDown(): GatewayError {
  return new GatewayError('SHUTTING_DOWN', 'this gateway is shutting down', 'call again in a few seconds');
}

/** No route took the request. The router has set `Allow` where there is one for another method. */
function refuseUnanswered(ctx: Context): void {
  const path = ctx.path.slice(0, 200);
  if (ctx.status === 404) {
    const remedy = 'GET /openapi.json lists the routes; MCP is at POST /mcp';
    throw new GatewayError('ROUTE_NOT_FOUND', `there is nothing at ${path}`, remedy);
  }
  if (ctx.status === 405 || ctx.status === 501) {
    const message = `${path} does not take ${ctx.method}, only ${ctx.response.get('Allow')}`;
    const remedy = 'GET /openapi.json lists the routes; /mcp is stateless and takes POST alone';
    throw new GatewayError('METHOD_NOT_ALLOWED', message, remedy);
  }
}

function logBug({ logger }: AppDependencies, ctx: Context, error: unknown): void {
  logger.error({ err: error as Error, http_request: ctx.state.id as string, path: ctx.path }, 'bug');
}
