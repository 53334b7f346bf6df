/**
 * Counts, times, traces and logs one operation. The line in the log has the ids that tie it to the answer (the
 * request's, and the call's own), the code of what is behind an error, and nothing that a caller or an upstream has said:
 * of what came in, only an endpoint's id, where it looks like one.
 */

import type { Logger } from 'pino';

import type { ToolOutcome } from '../mcp/toolbox.js';
import type { Metrics } from './metrics.js';
import type { Traces } from './traces.js';

export interface Observers {
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Only where the operator has named a receiver. */
  readonly traces?: Traces;
}

export interface Operation {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Of the HTTP request that it came in. */
  readonly httpRequest: string;
  readonly traceparent: string | undefined;
}

const CAUSE_CODE = /^[A-Z0-9_]{1,40}$/;
const ENDPOINT_ID = /^[a-z0-9._-]{1,128}\/[a-z0-9._-]{1,128}$/;

export function observeOperation(
  observers: Observers,
  operation: Operation,
  run: () => Promise<ToolOutcome>,
): Promise<ToolOutcome> {
  const { traces } = observers;
  if (traces === undefined) return observe(observers, operation, run);
  const work = (): Promise<ToolOutcome> => observe(observers, operation, run);
  return traces.operation(nameOf(operation), operation.traceparent, work, (outcome) => factsOf(operation, outcome));
}

async function observe(
  { metrics, logger, traces }: Observers,
  operation: Operation,
  run: () => Promise<ToolOutcome>,
): Promise<ToolOutcome> {
  const startMs = performance.now();
  const outcome = await run();
  const tookMs = performance.now() - startMs;
  const name = codeOf(outcome) === 'TOOL_NOT_FOUND' ? 'unknown' : operation.name;
  metrics.observe(name, codeOf(outcome), tookMs);
  if (logger.isLevelEnabled('info')) {
    const facts: Record<string, string | number> = factsOf(operation, outcome, name);
    facts['ms'] = Math.round(tookMs);
    const traceId = traces?.traceId;
    if (traceId !== undefined) facts['trace_id'] = traceId;
    logger.info(facts, 'done');
  }
  return outcome;
}

function codeOf(outcome: ToolOutcome): string {
  return outcome.ok ? 'ok' : outcome.error.code;
}

/** A span must have its name before it is known whether there is such an operation. */
function nameOf({ name }: Operation): string {
  return /^[a-z_]{1,40}$/.test(name) ? name : 'unknown';
}

function factsOf(
  { name: called, input, httpRequest }: Operation,
  outcome: ToolOutcome,
  name = called,
): Record<string, string> {
  const { request_id: requestId, charged } = outcome.ok
    ? outcome.answer.structured
    : { ...outcome.error.details, charged: outcome.error.charged };
  const { endpoint } = input;
  const cause = outcome.ok ? undefined : causeOf(outcome.error);
  const facts: Record<string, string> = { http_request: httpRequest, operation: name, outcome: codeOf(outcome) };
  if (cause !== undefined) facts['cause'] = cause;
  if (typeof requestId === 'string') facts['request_id'] = requestId;
  if (typeof charged === 'string') facts['charged'] = charged;
  if (typeof endpoint === 'string' && ENDPOINT_ID.test(endpoint)) facts['endpoint'] = endpoint;
  return facts;
}

/** The code that the system or a driver gave to what is behind the error, such as `SQLITE_FULL`: callers are not told. */
function causeOf({ cause }: Error): string | undefined {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && CAUSE_CODE.test(code) ? code : undefined;
}
