/**
 * All of the sandbox's operations in one router. Each route's name is the operationId of `specs/sandbox/openapi.yaml`:
 * the two are compared by a test, and the counters count by it.
 */

import { Router } from '@koa/router';
import { addBodyRoutes } from './body-routes.js';
import { addChatRoutes } from './chat-routes.js';
import { addCounterRoutes, Counters } from './counters.js';
import { addDocumentRoutes } from './document-routes.js';
import { addEchoRoutes } from './echo-routes.js';
import { addFailureRoutes } from './failure-routes.js';
import { addMediaRoutes } from './media-routes.js';
import { addMoneyRoutes } from './money-routes.js';
import type { SandboxKey } from './sandbox-key.js';
import { addSecureRoutes } from './secure-routes.js';
import { addShopRoutes } from './shop-routes.js';
import { addStreamRoutes } from './stream-routes.js';
import { addTextRoutes } from './text-routes.js';
import { addTokenRoutes } from './token-routes.js';
import { TokenServer } from './token-server.js';
import { addWeatherRoutes } from './weather-routes.js';

/** @param nowMs milliseconds on any clock that only goes forward; it decides when access tokens end. */
export function createSandboxRouter(key: SandboxKey, nowMs: () => number): Router {
  const router = new Router({ sensitive: true, strict: true });
  const counters = new Counters();
  const tokens = new TokenServer(key, nowMs);

  router.use((ctx, next) => {
    if (ctx._matchedRouteName !== undefined) counters.served(ctx._matchedRouteName);
    return next();
  });
  addWeatherRoutes(router);
  addShopRoutes(router);
  addMoneyRoutes(router);
  addTextRoutes(router);
  addMediaRoutes(router);
  addStreamRoutes(router);
  addChatRoutes(router);
  addFailureRoutes(router, counters);
  addBodyRoutes(router);
  addDocumentRoutes(router);
  addEchoRoutes(router, key);
  addSecureRoutes(router, key, tokens);
  addTokenRoutes(router, key, tokens);
  addCounterRoutes(router, counters);
  return router;
}
