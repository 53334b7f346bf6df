/**
 * Traces of operations, where the operator names a receiver (OpenTelemetry, W3C Trace Context): a span for each
 * operation, one for each stage of a call within it, and the stage's own on to the upstream. Without a receiver none of
 * this is there, and nothing is spent on it.
 *
 * Invariants: a span holds what the gateway itself knows (names of operations, endpoints, providers, codes, statuses,
 * ids of calls), and nothing that a caller or an upstream has said: no argument, no answer, no key. `traceparent` is the
 * one header of a client that goes on to the upstream, by design and only here: it is read as four numbers in
 * hexadecimal, and written anew for each request.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';

import { VERSION } from '../package-root.js';
import type { UpstreamRequest } from '../upstream/upstream-request.js';
import type { RunStage } from './stages.js';

const EXPORT_TIMEOUT_MS = 5_000;

/** W3C Trace Context section 3.2.2, version 00. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export class Traces {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;
  readonly #current = new AsyncLocalStorage<Span>();

  constructor(processor: SpanProcessor) {
    const resource = resourceFromAttributes({ 'service.name': 'tollgate', 'service.version': VERSION });
    this.#provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
    this.#tracer = this.#provider.getTracer('tollgate', VERSION);
  }

  /** @param endpoint the receiver's base URL, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it. */
  static to(endpoint: string): Traces {
    return new Traces(
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS })),
    );
  }

  /**
   * Runs an operation in a span of its own.
   * @param traceparent the client's header; one that is none is as if there were none.
   * @param attributes of what came out of it.
   */
  async operation<Result>(
    name: string,
    traceparent: string | undefined,
    work: () => Promise<Result>,
    attributes: (result: Result) => Attributes,
  ): Promise<Result> {
    const client = spanContextOf(traceparent);
    const parent = client === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, client);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
    try {
      const result = await this.#current.run(span, work);
      span.setAttributes(attributes(result));
      return result;
    } finally {
      span.end();
    }
  }

  /** Runs a stage in a span within the operation's; as it is where there is no operation. */
  readonly stage: RunStage = async (stage, work) => {
    const parent = this.#current.getStore();
    if (parent === undefined) return work();
    const kind = stage === 'upstream' ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const span = this.#tracer.startSpan(stage, { kind }, trace.setSpan(ROOT_CONTEXT, parent));
    try {
      const result = await this.#current.run(span, work);
      if (stage === 'upstream') span.setAttributes(answerAttributes(result));
      return result;
    } catch (error) {
      // Its name alone: a message may hold what an upstream said.
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  };

  /** The request with the header that ties what the upstream does to this trace; as it is outside of any. */
  readonly mark = (request: UpstreamRequest): UpstreamRequest => {
    const span = this.#current.getStore();
    if (span === undefined) return request;
    span.setAttributes({ 'http.request.method': request.method, 'server.address': request.url.hostname });
    const headers = request.headers.filter(([name]) => name !== 'traceparent' && name !== 'tracestate');
    return { ...request, headers: [...headers, ['traceparent', traceparentOf(span.spanContext())]] };
  };

  /** Of the operation that runs now, for the log. */
  get traceId(): string | undefined {
    return this.#current.getStore()?.spanContext().traceId;
  }

  /** Sends what was not sent yet, where the receiver takes it. */
  async close(): Promise<void> {
    // A gateway that stops has settled all calls; that a receiver is away must not make its end look like a failure.
    await this.#provider.shutdown().catch(() => undefined);
  }
}

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function answerAttributes(answer: unknown): Attributes {
  return { 'http.response.status_code': (answer as { readonly status: number }).status };
}
