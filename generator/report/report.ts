/** The report of a generation for machines: `--report FILE.json`, and `--json` on standard output. */

import type { Generation } from '../generate.js';
import { peakRssMb } from './peak-rss-mb.js';
import type { Loss, Refusal, Warning } from './findings.js';

export interface Report {
  /** Documents found. */
  readonly documents: number;
  /** Providers of which a catalogue was made. */
  readonly providers: number;
  readonly operations: number;
  readonly endpoints: number;
  readonly refused: readonly (Refusal & { readonly document: string })[];
  readonly losses: readonly Loss[];
  readonly warnings: readonly Warning[];
  readonly seconds: number;
  /** The ten providers that took longest, the longest first. */
  readonly slowest: readonly { readonly provider: string; readonly seconds: number }[];
  /** The most memory that the process held at once, in units of 1,000,000 bytes. */
  readonly peakRssMb: number;
  /** Of those documents, how many were not generated again since nothing of them had changed. */
  readonly reused: number;
}

/** `seconds` is the time that the generation took. */
export function report(generation: Generation, seconds: number): Report {
  const { documents, providers, reused, operations, endpoints, refused, losses, warnings, slowest } = generation;
  return {
    documents,
    providers,
    operations,
    endpoints,
    refused: refused.map((row) => ({ document: row.file, ...row })),
    losses,
    warnings,
    seconds: toMilliseconds(seconds),
    slowest: slowest.map((row) => ({ ...row, seconds: toMilliseconds(row.seconds) })),
    peakRssMb: peakRssMb(),
    reused,
  };
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
