/**
 * Counts, times, traces and logs one operation. The line in the log has the ids that tie it to the answer (the
 * request's, the call's own, the account's and its key's), the code of what is behind an error, and nothing that a caller
 * or an upstream has said: of what came in, only an endpoint's id, where it looks like one. `charged` is what this
 * operation cost, so that a sum of lines is what was paid: an earlier answer that is given again says so, and cost nothing
 * now.
 */

import type { Logger } from 'pino';

import type { Caller } from '../account/authenticate.js';
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
  /** The HTTP request that it came in. */
  readonly request: ObservedRequest;
  readonly traceparent: string | undefined;
}

export interface ObservedRequest {
  readonly id: string;
  /** Once it is known. */
  readonly caller?: Caller | undefined;
}

const FREE = '0.000000';
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
  const told = toldOf(outcome);
  if (told.replayed === true) metrics.countReplay(name);
  else if (typeof told.charged === 'string' && told.charged !== FREE) metrics.countCharge(told.charged);
  if (logger.isLevelEnabled('info')) {
    const facts: Record<string, string | number | boolean> = factsOf(operation, outcome, name);
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

/** What the outcome says of a call. */
interface Told {
  readonly request_id?: unknown;
  readonly charged?: unknown;
  readonly replayed?: unknown;
}

function toldOf(outcome: ToolOutcome): Told {
  if (outcome.ok) return outcome.answer.structured;
  const { details, charged } = outcome.error;
  return { request_id: details.request_id, charged, replayed: details['replayed'] };
}

function factsOf(
  { name: called, input, request: { id, caller } }: Operation,
  outcome: ToolOutcome,
  name = called,
): Record<string, string | boolean> {
  const { request_id: requestId, charged, replayed } = toldOf(outcome);
  const { endpoint } = input;
  const cause = outcome.ok ? undefined : causeOf(outcome.error);
  const facts: Record<string, string | boolean> = { http_request: id, operation: name, outcome: codeOf(outcome) };
  if (cause !== undefined) facts['cause'] = cause;
  if (typeof requestId === 'string') facts['request_id'] = requestId;
  if (typeof charged === 'string') facts['charged'] = replayed === true ? FREE : charged;
  if (replayed === true) facts['replayed'] = true;
  if (typeof endpoint === 'string' && ENDPOINT_ID.test(endpoint)) facts['endpoint'] = endpoint;
  if (caller !== undefined) {
    facts['account'] = caller.accountId;
    facts['key'] = caller.keyId;
  }
  return facts;
}

/** The code that the system or a driver gave to what is behind the error, such as `SQLITE_FULL`: callers are not told. */
function causeOf({ cause }: Error): string | undefined {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && CAUSE_CODE.test(code) ? code : undefined;
}
