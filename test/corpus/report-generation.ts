/** What a generation made of the documents, for people. */

import type { Report } from '../../generator/report/report.js';
import { table } from './table.js';

export function generationLines(report: Report): readonly string[] {
  const { documents, providers, operations, endpoints, refused, losses, seconds, peakRssMb } = report;
  const head = ['documents', 'admitted', 'refused', 'operations', 'endpoints', 'losses', 'seconds', 'peak RSS MB'];
  const row = [documents, providers, documents - providers, operations, endpoints, losses.length];
  return [
    ...table(head, [[...row, seconds.toFixed(1), peakRssMb]]),
    ...refused.map(({ document, pointer, rule, message }) => `refused ${document} #${pointer} [${rule}] ${message}`),
    ...lossKinds(report).map(([kind, count]) => `${String(count).padStart(5)} × ${kind}`),
  ];
}

/** Losses by why they occurred, whatever pattern or media type it was about; the most frequent first. */
function lossKinds({ losses }: Report): readonly (readonly [kind: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { why } of losses) {
    const kind = why.replace(/"(?:[^"\\]|\\.)*"/g, '"…"').replace(/\S*application\S*|\b\w+\/\S+/g, '<media type>');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort(([, left], [, right]) => right - left);
}
