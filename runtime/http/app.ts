/**
 * The Koa app: guards first, then the routes, and what is answered where something goes wrong. It authenticates and
 * translates; what an operation does stands in `gateway.ts`, and how it is said in `mcp/tools/`.
 */

import type { IncomingMessage } from 'node:http';

import Koa, { type Context } from 'koa';

import type { Authenticator } from '../account/authenticate.js';
import type { Gateway } from '../gateway.js';
import { jsonText } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';
import { refusedUnread } from '../mcp/answer-self-described.js';
import { refusedByGateway } from '../mcp/read-messages.js';
import { isSelfDescribedByHeader } from '../mcp/self-described-request.js';
import { internalError } from '../mcp/toolbox.js';
import type { PublishedKey } from '../receipt/published-keys.js';
import type { Observers } from '../telemetry/observe-operation.js';
import type { AnswerMemory } from '../upstream/answer-memory.js';
import { commonHeaders } from './common-headers.js';
import { createMcpFace } from './mcp-face.js';
import { OwnAddressCheck, type OwnAddress } from './own-address.js';
import type { RateLimit } from './rate-limit.js';
import type { RequestMemory } from './request-memory.js';
import { requestIds } from './request-ids.js';
import { createRouter } from './routes.js';
import { logBug } from './run-operation.js';

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
  /** Reads the bodies of requests, and bounds them together. */
  readonly requests: RequestMemory;
  /** True once the gateway shuts down: what is under way is finished, nothing new is taken. */
  readonly draining: () => boolean;
  /** Resolves with what is not well; nothing when calls can be taken. */
  readonly problems: () => Promise<readonly string[]>;
  /** What calls can be taken in spite of, but not for good. */
  readonly warnings: () => readonly string[];
  readonly publishedKeys: () => Promise<readonly PublishedKey[]>;
}

/** Who watches the gateway goes on watching it while it shuts down. */
const WATCHED = new Set(['/healthz', '/readyz', '/metrics']);
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
      sendError(ctx, error instanceof GatewayError ? error : internalError(error));
    } finally {
      deps.requests.giveBack(ctx.req);
      // Who is told sends nothing more on a connection that is about to be closed.
      if (deps.draining() && !ctx.headerSent) ctx.set('Connection', 'close');
    }
  });
  const router = createRouter(deps, answerMcp);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

function sendError(ctx: Context, error: GatewayError): void {
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
