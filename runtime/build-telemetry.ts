import { Backlog } from './telemetry/backlog.js';
import { Metrics, type MetricSources } from './telemetry/metrics.js';
import { timedStages, type RunStage } from './telemetry/stages.js';
import type { Traces } from './telemetry/traces.js';

export interface Telemetry {
  readonly metrics: Metrics;
  /** Commands that the ledger has been given and has not finished. */
  readonly backlog: Backlog;
  /** Undefined where nothing is traced. */
  readonly traces: Traces | undefined;
  readonly stage: RunStage;
  close(): Promise<void>;
}

/**
 * Builds what observes the gateway.
 * @param otlpEndpoint where traces go; nothing is traced without it.
 */
export async function buildTelemetry(
  otlpEndpoint: string | undefined,
  sources: Omit<MetricSources, 'backlog'>,
): Promise<Telemetry> {
  const backlog = new Backlog();
  const metrics = new Metrics({ ...sources, backlog: () => backlog.now() });
  const traces = await tracesTo(otlpEndpoint);
  const timed = timedStages((stage, milliseconds) => metrics.observeStage(stage, milliseconds));
  return {
    metrics,
    backlog,
    traces,
    stage: traces === undefined ? timed : (name, work) => traces.stage(name, () => timed(name, work)),
    close: async () => traces?.close(),
  };
}

/** What traces need is loaded only where they go somewhere. */
async function tracesTo(endpoint: string | undefined): Promise<Traces | undefined> {
  if (endpoint === undefined) return undefined;
  const { Traces } = await import('./telemetry/traces.js');
  return Traces.to(endpoint);
}
