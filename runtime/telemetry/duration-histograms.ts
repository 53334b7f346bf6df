/**
 * Histograms of how long things took, one for each value of one label, as Prometheus has them. An observation adds to
 * two numbers and allocates nothing: it is made several times in each call, where those of prom-client, which hash the
 * labels each time, would cost more than authenticating. What prom-client does is to write them out.
 */

import type { Metric, Registry } from 'prom-client';

/** Upper bounds in seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

interface Histogram {
  /** How many fell into each bucket, and above all of them; not cumulated yet. */
  readonly counts: Float64Array;
  sum: number;
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class DurationHistograms {
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  readonly #labelName: string;
  readonly #histograms = new Map<string, Histogram>();

  constructor({
    name,
    help,
    labelName,
    registry,
  }: {
    readonly name: string;
    readonly help: string;
    readonly labelName: string;
    readonly registry: Registry;
  }) {
    this.name = name;
    this.help = help;
    this.#labelName = labelName;
    // It writes out whatever has a name and says its samples; its own classes are all that its type admits.
    registry.registerMetric(this as unknown as Metric);
  }

  /** @param label of a known set: each value is a time series of its own, for as long as the process runs. */
  observe(label: string, milliseconds: number): void {
    let histogram = this.#histograms.get(label);
    if (histogram === undefined) {
      histogram = { counts: new Float64Array(BOUNDS.length + 1), sum: 0 };
      this.#histograms.set(label, histogram);
    }
    const seconds = milliseconds / 1000;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket += 1;
    histogram.counts[bucket]! += 1;
    histogram.sum += seconds;
  }

  /** What prom-client asks for when it is scraped. */
  get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    const values = [...this.#histograms].flatMap(([label, histogram]) => this.#samples(label, histogram));
    return Promise.resolve({ name, help, type, aggregator, values });
  }

  #samples(label: string, { counts, sum }: Histogram): readonly Sample[] {
    const labels = { [this.#labelName]: label };
    let total = 0;
    const buckets = [...BOUNDS, '+Inf'].map((bound, index) => {
      total += counts[index]!;
      return { metricName: `${this.name}_bucket`, labels: { le: String(bound), ...labels }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: total },
    ];
  }
}
