/** Order statistics of a sample, by the nearest rank: every answer is a value that was measured. */

/** The smallest value that at least the share `q` (from 0 to 1) of the sample does not exceed. */
export function quantile(sample: readonly number[], q: number): number {
  if (sample.length === 0) throw new RangeError('an empty sample has no quantile');
  const sorted = Float64Array.from(sample).sort();
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
}

export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5);
}
