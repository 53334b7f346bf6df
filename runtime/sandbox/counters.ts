/**
 * Counts what the sandbox has served, by operationId, so that a test can prove "one upstream call".
 *
 * A request counts when it reaches its operation, whatever becomes of it: one that is reset, refused or never answered
 * has reached the upstream all the same.
 */

import type { Router } from '@koa/router';

export class Counters {
  readonly #served = new Map<string, number>();
  readonly #aborted = new Map<string, number>();

  served(operationId: string): void {
    this.#served.set(operationId, (this.#served.get(operationId) ?? 0) + 1);
  }

  /** A client hung up before the operation had its answer ready. */
  aborted(operationId: string): void {
    this.#aborted.set(operationId, (this.#aborted.get(operationId) ?? 0) + 1);
  }

  /** Every one of `operationIds`, zero where it was never served, in the order of the alphabet. */
  report(operationIds: readonly string[]): {
    readonly operations: Readonly<Record<string, number>>;
    readonly aborted: Readonly<Record<string, number>>;
  } {
    const sorted = operationIds.toSorted();
    return {
      operations: Object.fromEntries(sorted.map((id) => [id, this.#served.get(id) ?? 0])),
      aborted: Object.fromEntries([...this.#aborted].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}

/** `GET /counters`; add it last, as it reports on the routes that the router has. */
export function addCounterRoutes(router: Router, counters: Counters): void {
  router.get('getCounters', '/counters', (ctx) => {
    ctx.body = counters.report(router.stack.flatMap((layer) => layer.name ?? []));
  });
}
